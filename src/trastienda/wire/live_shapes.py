"""What clients send with the events that are theirs alone: see ``wire/lines/shapes``."""

from typing import Annotated

from msgspec import Meta, Struct

MAX_N = 2**63 - 1
"""No announcement has a larger number: no database holds it."""


MAX_SCANS = 10**9
"""A phone that scans twice a second counts so far in fifteen years."""


class Escaneo(Struct, forbid_unknown_fields=True):
    """Un código leído; ``numero`` lo cuenta quien escanea, para que no valga dos veces."""

    codigo_barras: str
    numero: Annotated[int, Meta(ge=1, le=MAX_SCANS)] | None = None


class Vinculo(Struct, forbid_unknown_fields=True):
    """Sin ``codigo`` lo pide una caja; con él se une un teléfono, o vuelve quien se fue.

    La caja que vuelve dice en ``numero`` cuál fue el último escaneo que oyó.
    """

    codigo: str | None = None
    numero: Annotated[int, Meta(ge=0, le=MAX_SCANS)] | None = None


class SalaEscribiendo(Struct, forbid_unknown_fields=True):
    """La sala en que alguien está escribiendo."""

    sala: str | None = None


class Desde(Struct, forbid_unknown_fields=True):
    """El ``n`` del último anuncio que se conoce."""

    desde: Annotated[int, Meta(ge=0, le=MAX_N)]


class Visto(Struct, forbid_unknown_fields=True):
    """El ``id`` de una notificación propia, ya vista."""

    id: Annotated[int, Meta(ge=1, le=MAX_N)]

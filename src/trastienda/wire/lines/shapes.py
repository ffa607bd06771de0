"""The arguments of the commands: a struct for each, with the fields of the wire.

People fill the fields in word by word; programs send them as members of a JSON object.
"""

from msgspec import Struct

from trastienda.domain.chat import SHOWN_ON_ENTERING
from trastienda.wire.values import Quantity

LISTED_PRODUCTS = 50
"""Products in a list where nothing else is asked for.

For others one asks for part of a name."""
MUTE_MINUTES = 10
"""For how long somebody is muted where nothing else is said: enough to calm down."""


class Nada(Struct, forbid_unknown_fields=True):
    """Sin argumentos."""


class VerProductos(Struct, forbid_unknown_fields=True):
    """Parte de un nombre o un código."""

    q: str = ""
    codigo_barras: str | None = None
    limite: int = LISTED_PRODUCTS
    cursor: str | None = None


class ConsultaProducto(Struct, forbid_unknown_fields=True):
    """Un código, un nombre o parte de un nombre."""

    codigo_barras: str


class ProductoYCantidad(Struct, forbid_unknown_fields=True):
    """Cuánto de qué.

    Las personas escriben la cantidad detrás, y sin ella es una unidad.
    """

    codigo_barras: str
    cantidad: Quantity | None = None


class Entrada(Struct, forbid_unknown_fields=True):
    """Usuario y clave, y un código de quien tiene un segundo factor.

    Las personas escriben el código detrás de la clave.
    """

    usuario: str
    clave: str
    codigo: str | None = None


class NuevoAlias(Struct, forbid_unknown_fields=True):
    """El alias que se quiere."""

    alias: str


class NuevoMensaje(Struct, forbid_unknown_fields=True):
    """Un mensaje, a una sala (sin ella, a la propia) o a alguien."""

    texto: str
    sala: str | None = None
    para: str | None = None
    id_cliente: str | None = None


class MensajePrivado(Struct, forbid_unknown_fields=True):
    """Un mensaje a una sola persona."""

    para: str
    texto: str
    id_cliente: str | None = None


class NombreDeSala(Struct, forbid_unknown_fields=True):
    """De qué sala se trata."""

    sala: str


class Historial(Struct, forbid_unknown_fields=True):
    """Cuántos mensajes, de qué sala, anteriores a cuál."""

    limite: int = SHOWN_ON_ENTERING
    sala: str | None = None
    antes: int | None = None


class Busqueda(Struct, forbid_unknown_fields=True):
    """Qué se busca, y en qué sala (sin ella, en todas)."""

    q: str
    sala: str | None = None


class LineaEscrita(Struct, forbid_unknown_fields=True):
    """Un comando como lo escribe una persona, con su ``/`` o sin ella."""

    texto: str


class Correccion(Struct, forbid_unknown_fields=True):
    """El mensaje propio y su nuevo texto."""

    seq: int
    texto: str
    sala: str | None = None


class Borrado(Struct, forbid_unknown_fields=True):
    """El mensaje propio que se retira."""

    seq: int
    sala: str | None = None


class MarcaDeLectura(Struct, forbid_unknown_fields=True):
    """Hasta qué mensaje se leyó; sin él, todo."""

    seq: int | None = None
    sala: str | None = None


class Moderado(Struct, forbid_unknown_fields=True):
    """A quién se modera."""

    alias: str


class Silencio(Struct, forbid_unknown_fields=True):
    """A quién, y por cuántos minutos."""

    alias: str
    minutos: int = MUTE_MINUTES

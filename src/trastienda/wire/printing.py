"""The receipt printer on the wire."""

import socket
from typing import Literal

from msgspec import Struct


class EnCola(Struct):
    """Cuántos comprobantes esperan a la impresora, este incluido."""

    en_cola: int


class Impresora(Struct):
    """Cómo está la impresora, según el último intento.

    ``ultimo_error`` es lo que ahora le impide imprimir.
    """

    impresora: str | None
    estado: Literal["lista", "sin_conexion", "no_configurada"]
    en_cola: int
    ultimo_error: str | None


_CAUSES: tuple[tuple[type[OSError], str], ...] = (
    (TimeoutError, "no contesta: ¿está encendida y con papel?"),
    (ConnectionRefusedError, "el equipo rechaza la conexión: ¿es ese el puerto?"),
    (socket.gaierror, "no se encuentra un equipo con ese nombre"),
    (FileNotFoundError, "no está conectada: no existe ese dispositivo"),
    (PermissionError, "falta permiso para usar ese dispositivo"),
)


def printer_out(
    address: str | None,
    waiting: int,
    error: OSError | None,
) -> Impresora:
    """Return the state of the printer as the wire shows it.

    ``error`` is how its last attempt failed.
    """
    if address is None:
        return Impresora(None, "no_configurada", waiting, None)
    if error is None:
        return Impresora(address, "lista", waiting, None)

    cause = "dejó de recibir, o está apagada"
    for error_class, sentence in _CAUSES:
        if isinstance(error, error_class):
            cause = sentence
            break
    return Impresora(address, "sin_conexion", waiting, f"{cause} ({error})")

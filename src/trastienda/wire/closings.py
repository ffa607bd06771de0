"""Every reason for which a connection is closed, in words and with its code."""

from msgspec import Struct

from trastienda.domain import errors
from trastienda.domain.closings import ClosingReason
from trastienda.wire.refusals import refusal_out


class Closing(Struct, frozen=True):
    """A reason in words: its stable code, and a sentence for people."""

    code: str
    sentence: str

    @property
    def line(self) -> str:
        """The sentence with the code behind it, for people."""
        if not self.code:
            return self.sentence
        return f"{self.sentence} ({self.code})"


_FULL = refusal_out(errors.Unavailable()).code
"""With too many connections, the code is that of a refusal."""

TABLE: dict[ClosingReason, Closing] = {
    ClosingReason.KICKED: Closing("expulsado", "Te han expulsado del chat."),
    ClosingReason.BANNED: Closing("bloqueado", "Estás bloqueado."),
    ClosingReason.SESSION_ENDED: Closing("sesion_terminada", "Tu sesión terminó."),
    ClosingReason.ACCOUNT_DEACTIVATED: Closing(
        "sesion_terminada", "Tu cuenta ya no está activa."
    ),
    ClosingReason.TOO_SLOW: Closing(
        "lento", "Conexión cerrada: no lees lo que se te envía."
    ),
    ClosingReason.LONG_LINES: Closing(
        "linea_larga", "Conexión cerrada: demasiadas líneas ilegibles."
    ),
    ClosingReason.UNREADABLE_LINES: Closing(
        "linea_ilegible", "Conexión cerrada: demasiadas líneas ilegibles."
    ),
    ClosingReason.STOPPING: Closing("detenida", "La tienda se está deteniendo."),
    ClosingReason.FULL: Closing(
        _FULL, "Ya hay demasiadas conexiones. Prueba otra vez en un rato."
    ),
}

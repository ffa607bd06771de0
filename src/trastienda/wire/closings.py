"""Every reason for which a connection is closed, as the wires say it: code and words."""

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
        return f"{self.sentence} ({self.code})" if self.code else self.sentence


def _full() -> Closing:
    """Return what is said when there are too many connections: a refusal with its own code."""
    refused = refusal_out(errors.Unavailable())
    return Closing("", f"{refused.detail} ({refused.code})")


TABLE: dict[ClosingReason, Closing] = {
    ClosingReason.KICKED: Closing("expulsado", "Te han expulsado del chat."),
    ClosingReason.BANNED: Closing("bloqueado", "Estás bloqueado."),
    ClosingReason.SESSION_ENDED: Closing("sesion_terminada", "Su sesión terminó."),
    ClosingReason.ACCOUNT_DEACTIVATED: Closing(
        "sesion_terminada", "Su cuenta ya no está activa."
    ),
    ClosingReason.TOO_SLOW: Closing(
        "lento", "Conexión cerrada: no lee lo que se le envía."
    ),
    ClosingReason.LONG_LINES: Closing(
        "linea_larga", "Conexión cerrada: demasiadas líneas ilegibles."
    ),
    ClosingReason.UNREADABLE_LINES: Closing(
        "linea_ilegible", "Conexión cerrada: demasiadas líneas ilegibles."
    ),
    ClosingReason.STOPPING: Closing("detenida", "La tienda se está deteniendo."),
    ClosingReason.FULL: _full(),
}

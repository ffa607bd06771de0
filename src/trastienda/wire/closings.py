"""Every reason for which a connection is closed, in words and with its code."""

from msgspec import Struct

from trastienda.domain.closings import ClosingReason


class Closing(Struct, frozen=True):
    """A reason in words: its stable code, and a sentence for people."""

    code: str
    sentence: str

    @property
    def line(self) -> str:
        """The sentence with the code behind it, for people."""
        return f"{self.sentence} ({self.code})"


TABLE: dict[ClosingReason, Closing] = {
    ClosingReason.KICKED: Closing("expulsado", "Te han expulsado del chat."),
    ClosingReason.BANNED: Closing("bloqueado", "Estás bloqueado."),
    ClosingReason.SESSION_ENDED: Closing("sesion_terminada", "Tu sesión terminó."),
    ClosingReason.ACCOUNT_DEACTIVATED: Closing(
        "sesion_terminada", "Tu cuenta ya no está activa."
    ),
    ClosingReason.PROVISIONAL: Closing(
        "cambiar_clave",
        "Tu clave es ahora provisional: cámbiala por una tuya y vuelve a entrar.",
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
    ClosingReason.MADE_WAY: Closing(
        "callado",
        "Llegó más gente de la que cabe, y nadie llevaba más tiempo sin decir nada; "
        "vuelve a conectarte cuando quieras.",
    ),
}

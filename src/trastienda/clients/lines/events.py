"""What a line client hands to whoever shows it."""

from typing import Any

from msgspec import Struct

from trastienda.clients.lines.protocol import Announced
from trastienda.wire.chat import Mensaje


class Arrived(Struct, frozen=True):
    """The connection stands, and one is in: for the first time, or back."""

    alias: str | None
    """As one is called in the chat; None where nobody has come in."""
    room: str | None
    messages: list[Mensaje]
    """The last that was said in the room, on coming in for the first time."""
    is_back: bool
    """It is not the first time: what was missed follows, or has a :class:`Gap`."""


class Lost(Struct, frozen=True):
    """There is no connection; the client tries again by itself."""

    because: str
    """The ``codigo`` of a closing, or the error of the system."""
    retry_s: float
    """Until the next attempt."""


class Gap(Struct, frozen=True):
    """Not all that was missed is known any more."""


class Outside(Struct, frozen=True):
    """The connection stands, and the shop no longer lets one in as before.

    Whoever logs in again goes on.
    """

    code: str
    sentence: str


class Over(Struct, frozen=True):
    """The client was closed, or the shop has closed the connection for good."""

    code: str
    sentence: str


LineEvent = Announced | Arrived | Lost | Gap | Outside | Over


class Guest(Struct, frozen=True):
    """Somebody who comes in under an alias."""

    alias: str


class Account(Struct, frozen=True):
    """Somebody who logs in. ``code`` is of their second factor, and good once."""

    username: str
    password: str
    code: str | None = None


Identity = Guest | Account


class LineError(Exception):
    """Anything that goes wrong between this program and the shop's line port."""


class RefusedError(LineError):
    """The shop refused a request; ``str()`` is its sentence, which people can be shown."""

    def __init__(
        self,
        code: str,
        data: dict[str, Any],
    ) -> None:
        self.code = code
        self.data = data
        super().__init__(str(data.get("detail", code)))


class UncertainError(LineError):
    """A guest's message may have been said before the line broke: nobody can know."""

    def __str__(self) -> str:
        return (
            "Se cortó la conexión y no se sabe si el mensaje llegó. Repítelo si falta."
        )


class OverError(LineError):
    """The client was closed, or the shop has closed it for good."""

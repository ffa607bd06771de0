"""What an answer without an end is made of: who listens, and what writes to them.

HTTP has no sessions. So it only says who came, and is handed what goes on.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from trastienda.servers.access_tokens import Identity
from trastienda.servers.outbox import Outbox


class Listener(Struct, frozen=True):
    """Who wants to hear what is announced, and from where."""

    identity: Identity
    address: str
    is_secure: bool
    """Nobody can listen in, as with TLS."""
    since_n: int | None
    """The number after which they want to hear it; None is from now on."""


class Stream(Protocol):
    """What is told to one listener, for as long as they stay."""

    @property
    def makes_way(self) -> bool:
        """Whether it may end so that somebody else finds a place."""

    async def run(self, outbox: Outbox) -> None:
        """Tell it, until it is over; cancelled where the listener has left."""


Listen = Callable[[Listener], Stream]
"""Begins a stream, and awaits nothing before it is known whose it is."""

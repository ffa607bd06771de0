"""Where connections come in: each gets its number and its conversation, and is counted until it ends."""

import itertools
from typing import Generic, TypeVar

from trastienda.servers.tcp.conversation import Conversation, Mode
from trastienda.servers.tcp.desk import Desk
from trastienda.servers.tcp.flood import Flood
from trastienda.servers.tcp.outbox import Flusher

One = TypeVar("One")

MAX_CONNECTIONS = 20_000
"""At some 20 kB each that is 400 MB; a shop with more is no shop."""


class Hall(Generic[One]):
    """The connections there are, of whatever kind, by number."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.flusher = Flusher()
        self.connections: dict[int, One] = {}
        self._flood = Flood(desk.rules.rate)
        self._numbers = itertools.count(1)

    @property
    def is_full(self) -> bool:
        """Whether there are more connections than any shop has."""
        return len(self.connections) > MAX_CONNECTIONS

    def admit(self, connection: One, mode: Mode, address: str, *, secure: bool) -> Conversation:
        """Return the conversation of a connection that has just been made."""
        number = next(self._numbers)
        self.connections[number] = connection
        return Conversation(number, self.desk, mode, address, self._flood.meter(), secure=secure)

    def forget(self, talk: Conversation) -> bool:
        """Forget a connection that ends; False where it was forgotten before."""
        self.desk.programs.pop(talk.number, None)
        return self.connections.pop(talk.number, None) is not None

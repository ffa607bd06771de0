"""Where connections come in: each gets its number and its conversation, and is counted until it ends."""

import itertools
from typing import Generic, TypeVar

from trastienda.servers.tcp.conversation import Conversation, Mode
from trastienda.servers.tcp.desk import Desk
from trastienda.servers.tcp.flood import Flood
from trastienda.servers.tcp.outbox import Flusher

One = TypeVar("One")

MAX_CONNECTIONS = 10_000
"""Idle they take some 5 kB each, 50 MB; a shop with more is no shop."""


class Hall(Generic[One]):
    """The connections there are, of whatever kind, by number."""

    def __init__(self, desk: Desk, most: int) -> None:
        self.desk = desk
        self._most = most
        self.flusher = Flusher()
        self.connections: dict[int, One] = {}
        self._flood = Flood(desk.rules.rate)
        self._numbers = itertools.count(1)

    @property
    def is_full(self) -> bool:
        """Whether there are more connections than are let in."""
        return len(self.connections) > self._most

    def admit(
        self, connection: One, mode: Mode, address: str, *, secure: bool
    ) -> Conversation:
        """Return the conversation of a connection that has just been made."""
        number = next(self._numbers)
        self.connections[number] = connection
        return Conversation(
            number, self.desk, mode, address, self._flood.meter(), secure=secure
        )

    def forget(self, talk: Conversation) -> bool:
        """Forget a connection that ends; False where it was forgotten before."""
        talk.is_over = True
        self.desk.programs.pop(talk.number, None)
        return self.connections.pop(talk.number, None) is not None

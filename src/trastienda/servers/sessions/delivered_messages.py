"""Private messages that have been delivered: stored as such, several at once."""

import contextlib
from collections.abc import Iterable

from trastienda.actions import private_messages
from trastienda.domain.errors import Refusal
from trastienda.servers.sessions.background import Background
from trastienda.writer import Writer


class DeliveredMessages:
    """The ids of delivered messages, until they are marked so in the database.

    One that could not be marked is delivered once more: twice is better than never.
    """

    def __init__(
        self,
        writer: Writer,
        background: Background,
    ) -> None:
        self._writer = writer
        self._background = background
        self._ids: list[int] = []

    def add(self, ids: Iterable[int]) -> None:
        """Have messages marked as delivered, together with others of this moment."""
        if not self._ids:
            marking = self._mark()  # begins in a later turn, when these ids are there
            self._background.begin(marking)
        self._ids += ids

    async def _mark(self) -> None:
        ids = self._ids
        self._ids = []
        with contextlib.suppress(Refusal):
            await self._writer.run(private_messages.mark_delivered, ids)

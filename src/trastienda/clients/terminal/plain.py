"""A screen that is none: lines come by a pipe, and go out by one."""

import asyncio
import sys

from trastienda.clients.terminal import texts
from trastienda.clients.terminal.talk import Talk
from trastienda.clients.terminal.texts import Pieces

LAST_S = 15.0
"""How long the end of the input waits for what was said to be stored."""
HEARING_S = 0.3
"""How long it then listens on, so that answers under way are printed."""


class PlainScreen:
    """Prints what is shown, a line after the other, with no colours."""

    def show(self, pieces: Pieces) -> None:
        """Print it."""
        print(texts.plain(pieces), flush=True)  # noqa: T201 - this is the screen

    def ring(self) -> None:
        """Call nobody: there is a program at the other end."""

    async def read_secret(self, prompt: str) -> str | None:
        """Read a line as it is: nobody sees it."""
        return await _read_line()


async def converse(talk: Talk) -> None:
    """Take lines until they end, or the conversation does."""
    while not talk.is_over:
        line = await _read_line()
        if line is None:
            await talk.finish(LAST_S)
            await asyncio.sleep(HEARING_S)
            return
        await talk.take(line)
    await talk.finish(LAST_S)


async def _read_line() -> str | None:
    line = await asyncio.to_thread(sys.stdin.readline)
    return line.removesuffix("\n") if line else None

"""The terminal client from its start to its end."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from trastienda.clients.lines import Address, LineClient
from trastienda.clients.terminal import plain, texts
from trastienda.clients.terminal.plain import PlainScreen
from trastienda.clients.terminal.talk import Talk

SLOW_S = 1.0
"""After so long it is said what is waited for."""


async def run(
    address: Address,
    *,
    is_chat: bool,
    alias: str | None = None,
    username: str | None = None,
    history: Path | None = None,
    rings: bool = False,
) -> None:
    """Connect and converse; raise OSError or TimeoutError where nobody answers."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    async with _connected(address) as client:
        if not is_terminal:
            talk = Talk(client, PlainScreen(), is_chat=is_chat)
            async with _listening(talk):
                await _begin(talk, alias, username)
                await plain.converse(talk)
            if talk.is_away:  # what was typed has got nowhere
                raise ConnectionResetError
            return

        # Half of the time of a start, and of no use to a pipe.
        from trastienda.clients.terminal.prompt import PromptScreen, Words

        prompting = PromptScreen(history, rings=rings)
        talk = Talk(client, prompting, is_chat=is_chat)
        async with _listening(talk):
            await _begin(talk, alias, username)
            await prompting.converse(talk, Words(talk, client, is_chat=is_chat))
        prompting.show(texts.notice("Hasta luego."))


@contextlib.asynccontextmanager
async def _connected(address: Address) -> AsyncIterator[LineClient]:
    """Connect; where that takes long, say what is waited for."""
    words = f"Conectando con {address.host}, puerto {address.port}…"
    loop = asyncio.get_running_loop()
    saying = loop.call_later(SLOW_S, partial(print, words, file=sys.stderr, flush=True))
    try:
        async with LineClient(address) as client:
            saying.cancel()
            yield client
    finally:
        saying.cancel()


@contextlib.asynccontextmanager
async def _listening(talk: Talk) -> AsyncIterator[None]:
    """Show what happens meanwhile."""
    tasks = {
        asyncio.create_task(talk.listen()),
        asyncio.create_task(talk.watch_rooms()),
    }
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _begin(
    talk: Talk,
    alias: str | None,
    username: str | None,
) -> None:
    """Come in as whoever the command line names."""
    if username is not None:
        await talk.log_in(username)
    elif alias is not None:
        await talk.take_name(alias)

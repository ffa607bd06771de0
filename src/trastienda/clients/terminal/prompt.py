"""A screen on a terminal: what comes is printed above the line that is being typed."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from trastienda.clients.lines import LineClient, LineError
from trastienda.clients.terminal.talk import Talk
from trastienda.clients.terminal.texts import Pieces

STYLE = Style.from_dict(
    {
        "time": "ansibrightblack",
        "name0": "bold ansicyan",
        "name1": "bold ansigreen",
        "name2": "bold ansimagenta",
        "name3": "bold ansiyellow",
        "name4": "bold ansiblue",
        "name5": "bold ansibrightred",
        "notice": "ansibrightblack italic",
        "private": "ansimagenta",
        "mention": "bold reverse",
        "refusal": "ansired",
        "me": "bold",
        "bottom-toolbar": "noreverse ansibrightblack",
    }
)
"""The terminal's own colours, so that they can be read on its ground, dark or light."""
LAST_S = 5.0
STATUS_S = 1.0
"""How often it is looked whether the last line says something else now."""
OFFERED = 8
"""Products that are offered for what is typed of a name."""
OF_PRODUCTS = frozenset({"comprar", "devolver", "stock", "producto", "ver"})
"""Commands behind which a product is typed."""
SECRET_WORDS = ("entrar", "/entrar", "login", "/login")


class _TypedHistory(FileHistory):
    """What was typed before, but for passwords."""

    def append_string(self, string: str) -> None:
        """Keep a line."""
        if not string.casefold().startswith(SECRET_WORDS):
            super().append_string(string)


class Words(Completer):
    """Completes commands, people and products."""

    def __init__(
        self,
        talk: Talk,
        client: LineClient,
        *,
        is_chat: bool,
    ) -> None:
        self._talk = talk
        self._client = client
        self._slash = "/" if is_chat else ""

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,
    ) -> Iterable[Completion]:
        """Offer what needs no asking: commands, and people."""
        text = document.text_before_cursor
        if text.startswith(self._slash) and " " not in text:
            for command, help_text in sorted(self._talk.commands.items()):
                word = self._slash + command
                if word.startswith(text.casefold()):
                    yield Completion(word, -len(text), display_meta=help_text)
            return
        word = text.rpartition(" ")[2]
        name = word.removeprefix("@")
        if self._slash and name:
            for alias in sorted(self._talk.people):
                if alias.casefold().startswith(name.casefold()):
                    yield Completion(alias, -len(name))

    async def get_completions_async(
        self,
        document: Document,
        complete_event: CompleteEvent,
    ) -> AsyncGenerator[Completion, None]:
        """Offer products as well, which the shop is asked for."""
        text = document.text_before_cursor
        command, blank, name = text.removeprefix(self._slash).partition(" ")
        if not (blank and name and command.casefold() in OF_PRODUCTS):
            for completion in self.get_completions(document, complete_event):
                yield completion
            return
        try:
            answer = await self._client.ask("ver", q=name, limite=OFFERED)
        except LineError:
            return
        for product in answer["datos"]:
            yield Completion(
                str(product["codigo_barras"]),
                -len(name),
                display=str(product["nombre"]),
                display_meta=str(product["codigo_barras"]),
            )


class PromptScreen:
    """A terminal, with a line to type in below what is shown."""

    def __init__(
        self,
        history: Path | None,
        *,
        rings: bool,
    ) -> None:
        self._history: History = InMemoryHistory()
        if history is not None:
            history.parent.mkdir(parents=True, exist_ok=True)
            history.touch(mode=0o600)
            self._history = _TypedHistory(history)
        self._rings = rings
        self._session: PromptSession[str] | None = None

    def show(self, pieces: Pieces) -> None:
        """Print it above the line that is being typed, which stays as it is."""
        print_formatted_text(FormattedText(pieces), style=STYLE)

    def ring(self) -> None:
        """Ring the terminal's bell, for whoever chose it."""
        if self._rings and self._session is not None:
            self._session.app.output.bell()

    async def read_secret(self, prompt: str) -> str | None:
        """Read what is typed, showing stars; Ctrl-C and Ctrl-D leave it."""
        asking: PromptSession[str] = PromptSession(history=InMemoryHistory())
        try:
            return await asking.prompt_async(prompt, is_password=True)
        except (EOFError, KeyboardInterrupt):
            return None

    async def converse(
        self,
        talk: Talk,
        words: Words,
    ) -> None:
        """Let somebody type until they leave, or the conversation is over."""
        self._session = PromptSession(
            history=self._history,
            completer=words,
            complete_while_typing=False,
            bottom_toolbar=lambda: talk.status,
            style=STYLE,
            refresh_interval=STATUS_S,
        )
        with patch_stdout(raw=True):
            while not talk.is_over:
                line = await self._read_line(self._session, talk)
                if line is None:
                    break
                await talk.take(line)
            await talk.finish(LAST_S)

    async def _read_line(
        self,
        session: PromptSession[str],
        talk: Talk,
    ) -> str | None:
        """Return what is typed; None where they leave, or there is nobody to type to."""
        typing = asyncio.ensure_future(
            session.prompt_async(lambda: FormattedText([("class:me", talk.prompt)]))
        )
        ending = asyncio.ensure_future(talk.wait_until_over())
        try:
            await asyncio.wait({typing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not typing.done():
                session.app.exit(result="")
                await typing
                return None
            return typing.result()
        except EOFError:
            return None
        except KeyboardInterrupt:
            return "" if session.default_buffer.text else None
        finally:
            ending.cancel()

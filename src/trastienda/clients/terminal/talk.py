"""A conversation in the terminal: what is typed goes to the shop, what happens is shown."""

import asyncio
import contextlib
import shlex
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from trastienda.clients.emoji import with_emoji
from trastienda.clients.lines import (
    Account,
    Announced,
    Arrived,
    Gap,
    Guest,
    LineClient,
    LineError,
    LineEvent,
    Lost,
    Outside,
    Over,
    RefusedError,
)
from trastienda.clients.names import mentions
from trastienda.clients.terminal import texts
from trastienda.clients.terminal.shelf import Shelf
from trastienda.clients.terminal.texts import Pieces
from trastienda.domain.errors import NotAuthenticated, SecondFactorRequired
from trastienda.wire.chat import Mensaje, Presencia
from trastienda.wire.lines.prompt import PROMPT
from trastienda.wire.refusals import TABLE as REFUSALS

ROOMS_EVERY_S = 20.0
"""How often it is asked what waits in other rooms, of which a line is not told."""
CONNECTED = "● conectado"
GOODBYES = frozenset({"salir", "exit", "quit"})
NEEDS_CODE = REFUSALS[SecondFactorRequired].code
NOT_LOGGED_IN = REFUSALS[NotAuthenticated].code


class Screen(Protocol):
    """Where a conversation is shown."""

    def show(self, pieces: Pieces) -> None:
        """Show a line or several, above whatever is being typed."""

    def ring(self) -> None:
        """Call for attention, where that is wanted."""

    async def read_secret(self, prompt: str) -> str | None:
        """Return what is typed and not shown; None where nobody wants to."""


class Talk:
    """One's conversation with a shop, in the chat or at the inventory."""

    def __init__(
        self,
        client: LineClient,
        screen: Screen,
        *,
        is_chat: bool,
    ) -> None:
        self._client = client
        self._screen = screen
        self._is_chat = is_chat
        self._shelf = Shelf(client, screen.show)
        self._is_in = not is_chat
        self._over = asyncio.Event()
        self._is_away = False
        self._begun: set[asyncio.Task[None]] = set()
        """What was said and is not answered yet."""
        self.unread: dict[str, int] = {}
        """Messages that wait in other rooms, by room."""
        self.people: set[str] = set()
        self.commands: dict[str, str] = {}
        """What each command does, by its word."""
        self.status = CONNECTED
        """What is to be known at a glance."""

    @property
    def prompt(self) -> str:
        """What stands before the line that is typed."""
        return texts.ME if self._is_in else PROMPT

    @property
    def is_away(self) -> bool:
        """Whether the line is broken just now."""
        return self._is_away

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to type for."""
        return self._over.is_set()

    async def wait_until_over(self) -> None:
        """Wait until there is nothing more to type for."""
        await self._over.wait()

    # What happens

    async def listen(self) -> None:
        """Show what happens, until the conversation is over."""
        async for event in self._client.events():
            self._hear(event)
        self._over.set()

    def _hear(self, event: LineEvent) -> None:
        if isinstance(event, Announced):
            self._hear_announced(event)
        elif isinstance(event, Arrived):
            self._hear_arrival(event)
        elif isinstance(event, Lost):
            if not self._is_away:
                self._screen.show(texts.notice(texts.LOST))
            self._is_away = True
            self.status = f"○ sin conexión: otro intento en {event.retry_s:.0f} s"
        elif isinstance(event, Gap):
            if self._is_chat:
                self._screen.show(texts.notice(texts.GAP))
        elif isinstance(event, Outside):
            self._is_in = not self._is_chat
            self._screen.show(texts.refusal(event.sentence, event.code))
        elif isinstance(event, Over):
            self._over.set()
            if event.code != "cerrada":
                self._screen.show(texts.refusal(event.sentence, event.code))

    def _hear_arrival(self, arrived: Arrived) -> None:
        self._is_in = True
        if self._is_away:
            self._screen.show(texts.notice(texts.BACK))
        self._is_away = False
        for said in arrived.messages:
            self._screen.show(texts.past(said))
        if arrived.alias and not arrived.is_back:
            hello = f"Hola, {arrived.alias}. Estás en #{arrived.room}; /ayuda muestra los comandos."
            self._screen.show(texts.notice(hello))
        self._show_status()
        self._begin(self._look_round())

    def _hear_announced(self, announced: Announced) -> None:
        body = announced.body
        if isinstance(body, Mensaje):
            self._screen.show(texts.message(body, self._client.alias))
            is_private = isinstance(body.para, str)
            if is_private or mentions(body.texto, self._client.alias):
                self._screen.ring()
        elif isinstance(body, Presencia):
            self.people.add(str(body.nuevo) if body.estado == "nombre" else body.alias)
            if body.estado != "entra":
                self.people.discard(body.alias)
            self._screen.show(texts.presence(body))
        elif announced.name == "silencio":
            left_s = body.get("segundos") or 0
            word = (
                f"Estás en silencio por {left_s} s." if left_s else "Ya puedes hablar."
            )
            self._screen.show(texts.notice(word))
        elif announced.name == "notificacion":
            title, text = body.get("titulo", ""), body.get("texto", "")
            self._screen.show(texts.answer(f"★ {title}: {text}"))
            self._screen.ring()

    async def watch_rooms(self) -> None:
        """Keep in view what waits to be read in other rooms."""
        while not self.is_over:
            await asyncio.sleep(ROOMS_EVERY_S)
            if self._is_chat and self._is_in and not self._is_away:
                await self._count_unread()

    async def _count_unread(self) -> None:
        with contextlib.suppress(LineError):
            await self._client.mark_read()
            rooms = (await self._client.ask("salas"))["salas"]
            here = self._client.room
            self.unread = {
                room["sala"]: room["sin_leer"]
                for room in rooms
                if room.get("sin_leer") and room["sala"] != here
            }
            self._show_status()

    async def _look_round(self) -> None:
        """Learn who is there and what one may do, to complete it when it is typed."""
        with contextlib.suppress(LineError):
            answer = await self._client.ask("ayuda")
            self.commands = {row["accion"]: row["ayuda"] for row in answer["comandos"]}
            if self._is_chat:
                self.people = set((await self._client.ask("usuarios"))["usuarios"])
                await self._count_unread()

    def _show_status(self) -> None:
        words = [CONNECTED]
        if self._client.room:
            words.append(f"#{self._client.room}")
        if self._client.alias:
            words.append(self._client.alias)
        words += [f"{count} sin leer en #{room}" for room, count in self.unread.items()]
        self.status = " · ".join(words)

    # What is typed

    async def take(self, line: str) -> None:
        """Do what was typed."""
        text = with_emoji(line.strip())
        word, _, rest = text.partition(" ")
        command = word.removeprefix("/").casefold()
        is_command = not self._is_chat or text.startswith("/")
        if not text:
            await self._guarded(self._shelf.show_more())
        elif text.casefold() == "salir" or (is_command and command in GOODBYES):
            self._over.set()
        elif is_command:
            await self._guarded(self._do(command, rest.strip(), text))
        elif not self._is_in:
            await self._guarded(self._client.come_in(Guest(text)))
        elif command in {"entrar", "login"}:
            await self._guarded(self._authenticate(rest))  # never said in the room
        else:
            self._begin(self._guarded(self._client.say(text)))
            await asyncio.sleep(0)  # it keeps its place before the next

    async def _do(
        self,
        command: str,
        rest: str,
        text: str,
    ) -> None:
        if command in {"entrar", "login"}:
            await self._authenticate(rest)
        elif command == "ver":
            await self._shelf.show(rest)
        elif command in {"nombre", "nick"} and self._is_chat and rest:
            await self._take_name(rest)
        elif command in {"sala", "join"} and self._is_chat and rest:
            await self._change_room(rest.removeprefix("#"))
        elif command in {"privado", "msg"} and " " in rest:
            alias, _, whispered = rest.partition(" ")
            is_there = await self._client.whisper(alias, whispered)
            if not is_there:
                self._screen.show(texts.notice(f"{alias} no está; lo leerá al volver."))
        else:
            answer = await self._client.ask("linea", texto=text)
            if answer["texto"]:
                self._screen.show(texts.answer(answer["texto"]))

    async def _take_name(self, alias: str) -> None:
        if not self._is_in:
            await self._client.come_in(Guest(alias))
            return
        await self._client.rename(alias)
        self._screen.show(texts.notice(f"Ahora eres {self._client.alias}."))
        self._show_status()

    async def _change_room(self, room: str) -> None:
        await self._client.mark_read()
        messages = await self._client.enter_room(room)
        self.unread.pop(str(self._client.room), None)
        self._screen.show(texts.notice(f"Estás en #{self._client.room}."))
        for said in messages:
            self._screen.show(texts.past(said))
        self._show_status()

    async def _authenticate(self, words: str) -> None:
        """Log in; what is not typed of it is asked for, and not shown."""
        try:
            typed = shlex.split(words)
        except ValueError:
            typed = words.split()
        if not typed:
            self._screen.show(texts.notice("Se escribe entrar USUARIO."))
            return
        username, *secrets = typed
        password = secrets[0] if secrets else await self._screen.read_secret("Clave: ")
        if not password:
            return
        code = secrets[1] if len(secrets) > 1 else None
        try:
            await self._client.come_in(Account(username, password, code))
        except RefusedError as refused:
            if refused.code != NEEDS_CODE or code is not None:
                raise
            code = await self._screen.read_secret("Código: ")
            if code:
                await self._client.come_in(Account(username, password, code))
        if not self._is_chat:
            self._screen.show(texts.notice(f"Hola, {username}."))
            await self._look_round()

    async def log_in(self, username: str) -> None:
        """Log in as somebody, whose password is asked for."""
        await self._guarded(self._authenticate(shlex.quote(username)))

    async def take_name(self, alias: str) -> None:
        """Come in under an alias, or take another one."""
        await self._guarded(self._take_name(alias))

    async def _guarded(self, work: Awaitable[Any]) -> None:
        """Do something, and show why it could not be done."""
        try:
            await work
        except RefusedError as refused:
            sentence = str(refused)
            if refused.code == NOT_LOGGED_IN:
                slash = "/" if self._is_chat else ""
                sentence = f"Hace falta una cuenta: entra con {slash}entrar USUARIO."
            self._screen.show(texts.refusal(sentence, refused.code))
        except LineError as error:
            self._screen.show(texts.notice(str(error)))
        except OSError:
            self._screen.show(texts.notice("No hay conexión ahora mismo; repítelo."))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def finish(self, timeout_s: float) -> None:
        """Wait for a while until what was said is stored."""
        if self._begun:
            await asyncio.wait(self._begun, timeout=timeout_s)

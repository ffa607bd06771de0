"""One connection: bytes in, lines one after the other, bytes out; and its end."""

import asyncio
import contextlib
import itertools
import logging
import socket
from collections import deque
from typing import cast

from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import Refusal, Unavailable
from trastienda.servers.tcp import dialogue, entrance
from trastienda.servers.tcp.conversation import Conversation, Mode
from trastienda.servers.tcp.hall import Hall
from trastienda.servers.tcp.outbox import Outbox
from trastienda.wire.lines import encoding
from trastienda.wire.lines.framing import Fault, Framing, Line

log = logging.getLogger(__name__)

MAX_LINES_WAITING = 512
"""Lines read and not looked at yet, before no more is read: two commits' worth of messages."""
MAX_CHARS_WAITING = 64 * 1024
"""Characters of them, which take up to four bytes each; what one reading brings may come on top."""
LINES_AT_ONCE = 64
"""Lines taken in a row before other connections have their turn: a few milliseconds at the worst."""
MAX_FAULTS = 3
"""Lines that cannot be read, before it is no mistake any more."""
WRITE_HIGH_BYTES = 256 * 1024
"""What may wait to be sent before this connection's own requests wait, too."""
LINGER_S = 5
"""How long a connection that is closed may take to read its last line."""
IDLE_S, PROBE_S, PROBES = 60, 15, 4
"""Silence after which the system asks whether anybody is still there, how often, and how many times in vain."""
UNACKNOWLEDGED_MS = 60_000
"""How long what was sent may stay without a sign that it has arrived."""

_FAULTS = {
    Fault.TOO_LONG: ("linea_larga", "La línea es demasiado larga: lo más son 8 KiB."),
    Fault.NOT_UTF8: ("linea_ilegible", "La línea no es texto UTF-8."),
}


class Connection(asyncio.Protocol):
    """A client of the line ports."""

    __slots__ = (
        "_client_ended",
        "_ended",
        "_faults",
        "_framing",
        "_hall",
        "_hung_up",
        "_leaving",
        "_lines",
        "_lost",
        "_resumed",
        "_taking",
        "_task",
        "_waiting_chars",
        "mode",
        "talk",
        "transport",
    )

    def __init__(self, hall: "Hall[Connection]", mode: Mode) -> None:
        self._hall = hall
        self.mode = mode
        self._framing = Framing()
        self._lines: deque[Line] = deque()
        self._faults = 0
        self._ended = False
        self._taking = True
        self._hung_up = False
        self._leaving = False
        self._waiting_chars = 0
        self._client_ended = False
        self._lost: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._resumed: asyncio.Future[None] | None = None
        self.talk: Conversation
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet whoever connects."""
        self.transport = cast(
            asyncio.Transport, transport
        )  # uvloop's own is no subclass
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        _watch(transport.get_extra_info("socket"))
        peer = transport.get_extra_info("peername")
        secure = transport.get_extra_info("sslcontext") is not None
        self.talk = self._hall.admit(
            self, self.mode, peer[0] if peer else "", secure=secure
        )
        self.talk.outbox = Outbox(self.transport, self._hall.flusher, self._overflow)
        self.talk.note(EntryKind.CONNECTED)
        if self._hall.is_full:
            self._end(encoding.refusal_line(Unavailable()))
        elif self.mode is Mode.CHAT:
            self.talk.outbox.put(entrance.PROMPT.encode())
        else:
            self.talk.say(
                f"Inventario de {self._hall.desk.shop().name}. {entrance.WELCOME}"
            )

    def data_received(self, data: bytes) -> None:
        """Take what came, line by line."""
        if self._hung_up or self._leaving:
            return
        self._extend(self._framing.feed(data))
        self._go_on()
        if (
            len(self._lines) > MAX_LINES_WAITING
            or self._waiting_chars > MAX_CHARS_WAITING
        ):
            self.transport.pause_reading()

    def _extend(self, lines: list[Line]) -> None:
        self._lines.extend(lines)
        self._waiting_chars += sum(
            [len(line) for line in lines if isinstance(line, str)]
        )

    def _next(self) -> Line:
        line = self._lines.popleft()
        if isinstance(line, str):
            self._waiting_chars -= len(line)
        return line

    def _drop_lines(self) -> None:
        self._lines.clear()
        self._waiting_chars = 0

    def eof_received(self) -> bool:
        """Answer what was asked before the client stopped talking; then close."""
        if self._hung_up:
            return False
        self._extend(self._framing.end())
        self._ended = self._client_ended = self.talk.is_lost = True
        self._go_on()
        return (
            not self.talk.secure
        )  # TLS knows no half that stays open, and asyncio warns of the attempt

    def pause_writing(self) -> None:
        """Let this connection's requests wait until what was answered is read."""
        if self._resumed is None:
            self._resumed = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Go on with its requests."""
        if self._resumed is not None:
            self._resumed.set_result(None)
            self._resumed = None

    def connection_lost(self, error: Exception | None) -> None:
        """Finish what was accepted, and take leave."""
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        self._lost.set_result(None)
        self.resume_writing()
        self.talk.is_lost = True
        self._ended = True
        self._go_on()

    def _go_on(self) -> None:
        """Take lines until one has to be waited for; the rest follows in a task."""
        if self._task is not None or self._leaving:
            return
        for _ in range(LINES_AT_ONCE):
            if not self._lines or self._resumed is not None:
                break
            wait_s = self._due(self._lines[0])
            work = None if wait_s else self._take(self._next())
            if work is not None or wait_s:
                self._task = asyncio.get_running_loop().create_task(
                    self._work(work, wait_s)
                )
                return
        if self._lines or self._ended:
            self._task = asyncio.get_running_loop().create_task(self._work(None, 0))

    def _due(self, line: Line) -> float:
        member = self.talk.member
        return self.talk.meter.take(
            self.talk.address, None if member is None else member.key
        )

    def _take(self, line: Line) -> dialogue.Work | None:
        if not isinstance(line, Fault):
            return dialogue.take(self.talk, line)
        self._faults += 1
        code, sentence = _FAULTS[line]
        if self.talk.is_program:
            self.talk.outbox.put(encoding.unreadable(code))
        else:
            self.talk.say(f"{sentence} ({code})")
        if self._faults >= MAX_FAULTS:
            self._drop_lines()
            self._end("Conexión cerrada: demasiadas líneas ilegibles.", code)
        return None

    async def _work(self, work: dialogue.Work | None, wait_s: float) -> None:
        """Finish a line, and take those that follow; at the end of all, close."""
        try:
            for taken in itertools.count(1):
                if taken % LINES_AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn
                if wait_s:
                    await asyncio.sleep(wait_s)
                    wait_s, work = 0, self._take(self._next()) if self._lines else None
                if work is not None and await work:
                    self._drop_lines()
                    self._ended = True
                if self._resumed is not None:
                    await self._resumed
                self._read_on()
                if not self._lines:
                    break
                wait_s = self._due(self._lines[0])
                work = None if wait_s else self._take(self._next())
            if self._ended:
                await self._take_leave()
        except Exception:
            log.exception("a connection failed")
            self.transport.abort()
        finally:
            self._task = None
        if self._lines:
            self._go_on()

    def take_no_more(self) -> None:
        """Read nothing further: the shop stops."""
        self._taking = False
        with contextlib.suppress(RuntimeError):
            self.transport.pause_reading()

    def _read_on(self) -> None:
        short = (
            len(self._lines) <= MAX_LINES_WAITING // 2
            and self._waiting_chars <= MAX_CHARS_WAITING // 2
        )
        if self._taking and short and not self.transport.is_closing():
            with contextlib.suppress(RuntimeError):
                self.transport.resume_reading()

    async def _take_leave(self) -> None:
        self._leaving = True
        try:
            await self.talk.settle()
            with contextlib.suppress(Refusal):
                await self.talk.leave_read()
        finally:
            self._gone()
            self._hang_up()

    def _gone(self) -> None:
        if self._hall.forget(self.talk):
            self.talk.note(EntryKind.DISCONNECTED)
            self.talk.stand_up()

    def _overflow(self) -> None:
        self.end("Conexión cerrada: no lee lo que se le envía.", "lento")

    def end(self, text: str, reason: str) -> None:
        """Close, telling why; what the client has not read within some seconds it never will."""
        self._drop_lines()
        self._end(text, reason)

    def _end(self, text: str, reason: str = "") -> None:
        if self._hung_up or self.transport.is_closing():
            return
        self._gone()
        last = encoding.announcement("cierre", None, {"motivo": reason})
        self.talk.outbox.put(
            last
            if self.talk.is_program
            else encoding.people(f"{text} ({reason})" if reason else text)
        )
        self._hang_up()

    def _hang_up(self) -> None:
        """Send what is left, and read on without looking until the client hangs up, too.

        Closing while something is unread resets the connection, and the client's last lines with it.
        """
        if self._hung_up:
            return
        self._hung_up = True
        self.talk.outbox.close()
        if self.transport.is_closing():
            return
        if self._client_ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()
            with contextlib.suppress(RuntimeError):
                self.transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.abort)

    async def gone(self) -> None:
        """Wait until what was sent has left this process, or nobody takes it any more."""
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        await self._lost

    async def drain(self) -> None:
        """Finish the lines that were read, and what they began."""
        while self._task is not None:
            await asyncio.wait({self._task})
        await self.talk.settle()


def _watch(connected: socket.socket) -> None:
    """Have the system find out where nobody is there any more."""
    with contextlib.suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in (
            ("TCP_KEEPIDLE", IDLE_S),
            ("TCP_KEEPINTVL", PROBE_S),
            ("TCP_KEEPCNT", PROBES),
            ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
        ):
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

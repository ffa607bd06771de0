"""One connection: bytes in, lines one after the other, bytes out; and its end."""

import asyncio
import contextlib
import enum
import itertools
import logging
from functools import partial
from typing import cast

from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import Refusal
from trastienda.servers.doors import Place
from trastienda.servers.half_open import watch_for_silence
from trastienda.servers.outbox import Flusher, Outbox
from trastienda.servers.sessions import rooms
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode, Session
from trastienda.servers.tcp.dialogue import Dialogue, Work
from trastienda.servers.tcp.line_queue import LineQueue
from trastienda.servers.tcp.line_seat import LineSeat
from trastienda.wire import announcements
from trastienda.wire.closings import TABLE as CLOSINGS
from trastienda.wire.lines import encoding, sentences
from trastienda.wire.lines.prompt import PROMPT

log = logging.getLogger(__name__)

LINES_AT_ONCE = 64
"""Lines taken in a row before others have their turn: a few milliseconds at most."""
WRITE_HIGH_BYTES = 256 * 1024
"""What may wait to be sent before this connection's own requests wait, too."""
PAUSE_S = 0.8
"""Silence that ends a line of a program that sends no line breaks.

Longer than what was sent at once takes to arrive, shorter than people wait for an answer.
"""
LINGER_S = 5
"""How long a connection that is closed may take to read its last line."""


class State(enum.Enum):
    """How far a connection is on its way to its end."""

    OPEN = "open"
    """Lines are read, taken and answered."""
    HALF_CLOSED = "half closed"
    """The client sends no more, or is gone; the lines that it sent are still taken."""
    LEAVING = "leaving"
    """No line is taken any more: what was begun is finished, then the session ends."""
    CLOSED = "closed"
    """The session has ended; what still comes is not looked at."""


class Connection(asyncio.Protocol):
    """A client of the line ports.

    Its states follow one another, and some may be left out: OPEN, HALF_CLOSED, LEAVING,
    CLOSED.
    """

    __slots__ = (
        "_connections",
        "_dialogue",
        "_flusher",
        "_lost",
        "_mode",
        "_pause",
        "_place",
        "_queue",
        "_sessions",
        "_state",
        "_task",
        "_write_pause",
        "seat",
        "session",
        "transport",
    )

    def __init__(
        self,
        sessions: Sessions,
        flusher: Flusher,
        connections: "set[Connection]",
        mode: Mode,
        place: Place,
    ) -> None:
        """``connections`` are those that are not closed; this one joins them."""
        self._place = place
        self._sessions = sessions
        self._flusher = flusher
        self._connections = connections
        self._mode = mode
        self._queue = LineQueue()
        self._state = State.OPEN
        self._task: asyncio.Task[None] | None = None
        """Finishes a line that has to be waited for, and takes those behind it."""
        self._pause: asyncio.TimerHandle | None = None
        """Waits for a silence that ends a line."""
        self._write_pause: asyncio.Future[None] | None = None
        """Done once the client has read what waits for it."""
        self._lost: asyncio.Future[None] | None = None
        """Done once the transport is gone."""
        self._dialogue: Dialogue
        self.seat: LineSeat
        self.session: Session
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin in OPEN: open a session, and greet the client."""
        # uvloop's transport is one by its methods only.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        watch_for_silence(transport.get_extra_info("socket"))

        close_slow = partial(self.close, ClosingReason.TOO_SLOW)
        outbox = Outbox(self.transport, self._flusher, close_slow)
        self.seat = LineSeat(outbox, self.close)

        peer = transport.get_extra_info("peername")
        address = peer[0] if peer else ""
        port_name = sentences.ORIGINS[self._mode.value]
        tls_context = transport.get_extra_info("sslcontext")
        self.session = self._sessions.open(
            self.seat,
            self._mode,
            address,
            f"{port_name} {address}",
            is_secure=tls_context is not None,
        )
        self._dialogue = Dialogue(self.session, self.seat)
        self._connections.add(self)
        self._place.give_way = self._give_way

        if self._mode is Mode.CHAT:
            outbox.put(PROMPT.encode())
        else:
            shop = self.session.desk.shop()
            self.seat.say(sentences.inventory_greeting(shop))

    def data_received(self, data: bytes) -> None:
        """Take what came, line by line; in LEAVING and CLOSED it is dropped."""
        if self._state in {State.LEAVING, State.CLOSED}:
            return

        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._queue.feed(data)
        if self._queue.ends_by_pause:
            loop = asyncio.get_running_loop()
            self._pause = loop.call_later(PAUSE_S, self._end_line)

        self._take_lines()
        if self._queue.is_full:
            self.transport.pause_reading()

    def _end_line(self) -> None:
        """Take what came as a line, in OPEN: nothing more has come for a while."""
        self._pause = None
        if self._state is State.OPEN:
            self._queue.pause()
            self._take_lines()

    def eof_received(self) -> bool:
        """Go from OPEN to HALF_CLOSED; return whether the transport may stay half open.

        Once CLOSED, nothing is waited for any more and the transport may close.
        """
        if self._state is State.CLOSED:
            return False

        self._queue.end()
        self._end_input()
        # TLS has no half that stays open, and asyncio warns where one asks for it.
        return not self.session.is_secure

    def connection_lost(self, error: Exception | None) -> None:
        """Go from OPEN to HALF_CLOSED: what the client asked for is still done."""
        self._place.leave()
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        self._lost.set_result(None)
        self.resume_writing()
        self._end_input()

    def _end_input(self) -> None:
        self.seat.is_listening = False
        if self._state is State.OPEN:
            self._state = State.HALF_CLOSED
        self._take_lines()

    def pause_writing(self) -> None:
        """Let its requests wait, in every state, until its answers are read."""
        if self._write_pause is None:
            self._write_pause = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Go on with its requests."""
        if self._write_pause is not None:
            self._write_pause.set_result(None)
            self._write_pause = None

    def _take_lines(self) -> None:
        """Take lines, in OPEN and HALF_CLOSED, until one has to be waited for.

        A task takes those behind it, and leaves once all are taken in HALF_CLOSED.
        """
        if self._task is not None or self._state in {State.LEAVING, State.CLOSED}:
            return

        begin_task = asyncio.get_running_loop().create_task
        for _ in range(LINES_AT_ONCE):
            if not self._queue or self._write_pause is not None:
                break

            wait_s = self.session.wait_for_next_line_s()
            work = None
            if not wait_s:
                work = self._take_line()
            if work is not None or wait_s:
                self._task = begin_task(self._work(work, wait_s))
                return

        if self._queue or self._state is State.HALF_CLOSED:
            self._task = begin_task(self._work(None, 0))

    def _take_line(self) -> Work | None:
        """Begin with the line that has waited longest; return what has to be waited for."""
        line = self._queue.take()
        work = self._dialogue.take(line)
        if work is None:
            self._wait_for_client()
        else:
            self._place.settle()
        return work

    def _wait_for_client(self) -> None:
        """Wait behind all others for the next line; who has an account keeps the place."""
        member = self.session.member
        if member is None or member.actor is None:
            self._place.wait()

    async def _work(
        self,
        work: Work | None,
        wait_s: float,
    ) -> None:
        """Finish a line and take those behind it; leave after the last of all."""
        try:
            for taken in itertools.count(1):
                if taken % LINES_AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn

                # A client in a hurry waits; meanwhile its lines may have been dropped.
                if wait_s:
                    await asyncio.sleep(wait_s)
                    wait_s, work = 0, None
                    if self._queue:
                        work = self._take_line()

                if work is not None:
                    said_goodbye = await work
                    self._wait_for_client()
                    if said_goodbye and self._state is not State.CLOSED:
                        self._queue.clear()
                        self._state = State.LEAVING

                if self._write_pause is not None:
                    await self._write_pause
                if self._queue.wants_more and not self.transport.is_closing():
                    with contextlib.suppress(RuntimeError):
                        self.transport.resume_reading()

                if not self._queue:
                    break
                wait_s = self.session.wait_for_next_line_s()
                work = None
                if not wait_s:
                    work = self._take_line()

            if self._state in {State.HALF_CLOSED, State.LEAVING}:
                await self._leave()
        except Exception:
            log.exception("a connection failed")
            self.transport.abort()
        finally:
            self._task = None

        if self._queue:
            self._take_lines()

    async def _leave(self) -> None:
        """Go to LEAVING: once the messages are stored, end the session and hang up."""
        if self._state is not State.CLOSED:
            self._state = State.LEAVING

        try:
            await self.session.in_flight.wait()
            with contextlib.suppress(Refusal):
                await rooms.mark_room_read(self.session)
        finally:
            self._sessions.end(self.session)
            self._hang_up()

    def close(self, reason: ClosingReason) -> None:
        """End the session, tell the client why, and hang up; once CLOSED, do nothing.

        The lines that wait are dropped. What the client has not read within
        :data:`LINGER_S` it never will.
        """
        self._queue.clear()
        if self._state is State.CLOSED or self.transport.is_closing():
            return

        self._sessions.end(self.session)
        closing = CLOSINGS[reason]
        if self.session.is_program:
            content = announcements.closing_out(closing.code)
            last_line = encoding.announcement(announcements.CLOSING, None, content)
        else:
            last_line = encoding.people(closing.line)
        self.seat.outbox.put(last_line)
        self._hang_up()

    def _hang_up(self) -> None:
        """Go to CLOSED: send what is left, and wait for the client to hang up, too.

        It is read on without looking at what comes: closing while something is unread
        would reset the connection, and the client would lose its last lines.
        """
        if self._state is State.CLOSED:
            return

        self._state = State.CLOSED
        self._place.wait()
        self._connections.discard(self)
        self.seat.outbox.close()
        if self.transport.is_closing():
            return

        if self._queue.has_ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()
            with contextlib.suppress(RuntimeError):
                self.transport.resume_reading()

        asyncio.get_running_loop().call_later(LINGER_S, self.transport.abort)

    def _give_way(self) -> None:
        """End at once, whatever the client has read: somebody else needs the place."""
        if self._state is State.CLOSED:
            self.transport.abort()
        else:
            self.close(ClosingReason.MADE_WAY)
            self.transport.close()

    def stop_reading(self) -> None:
        """Read nothing further, in any state: the shop stops."""
        self._queue.stop()
        with contextlib.suppress(RuntimeError):
            self.transport.pause_reading()

    async def drain(self) -> None:
        """Finish the lines that were read, and what they began."""
        while self._task is not None:
            await asyncio.wait({self._task})
        await self.session.in_flight.wait()

    async def wait_closed(self) -> None:
        """Wait until what was sent has left, or nobody takes it any more."""
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        await self._lost

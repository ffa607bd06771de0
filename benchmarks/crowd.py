"""A crowd in one chat room, in this process: many who only listen and a few who speak too.

Listeners are not parsed: a message ends with a mark that is in nothing else, and marks
are counted.
"""

import contextlib
import gc
import resource
import select
import socket
import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

from rooms import MARK, Room
from servers import Server

SPEAKERS = 8
READ_BYTES = 1 << 18
CONNECTING_AT_ONCE, ACCEPTED_S = 10, 0.005
"""Few enough for a server's accept queue, so that none waits for a second attempt.

Then a pause, until the server has taken them from its queue.
"""
ENTERING_AT_ONCE = 200
"""Many, so that those within hear of them in few writes."""
QUIET_S = 0.02
"""Silence after which everybody has heard what was asked for."""
FIRST_QUIET_S = 0.5
FIRST_TRIES = 5
"""A room may take a moment before a message reaches everybody in it."""
SILENCE_S = 30.0
"""Nothing at all for so long, while something is due, means that it was lost."""
SPARE_FILES = 200


class Talk(NamedTuple):
    """What some speaking came to."""

    deliveries: int
    seconds: float
    cpu_us: float
    """The server's processor time a delivery."""
    load_busy: float
    """Share of the time for which this process was busy.

    Near 1, it was the bottleneck and the rate means nothing.
    """
    delays_ms: list[float]
    """From each message's sending to when the last listener had it; only when paced."""

    @property
    def per_second(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    def delay_ms(self, share: float) -> float:
        """Return the delay that ``share`` of the messages did not exceed."""
        return sorted(self.delays_ms)[int(len(self.delays_ms) * share)]


class _Start(NamedTuple):
    """Where the clocks and counters stood when a measurement began."""

    seconds: float
    deliveries: int
    cpu_s: float
    load_s: float


def may_open(members: int) -> bool:
    """Let this process and those it starts open as many connections; return whether they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return members + SPARE_FILES <= hard


class Crowd:
    """The members of one room of one server.

    Each method raises `ServerFailed` when a connection breaks.
    """

    def __init__(self, room: Room, server: Server) -> None:
        self.room = room
        self.server = server
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._speakers: list[socket.socket] = []
        self._buffer = bytearray(READ_BYTES)
        self._heard: dict[int, int] = {}
        """Messages that each listener has heard in this measurement, by file descriptor."""
        self._deliveries = 0
        self._listeners_reached: list[int] = []
        """How many listeners have each message of this measurement, where delays are measured."""
        self._reached_all_at: list[float] = []

    @property
    def members(self) -> int:
        """How many are in the room."""
        return len(self._sockets)

    def enter(self, members: int) -> None:
        """Fill the room up to ``members``, the first of them speakers.

        Raises `ServerFailed` unless each hears what is said.
        """
        with self.server.blamed():
            while self.members < members:
                count = min(ENTERING_AT_ONCE, members - self.members)
                newcomers = [self._connect() for _ in range(count)]
                for alias, connection in newcomers:
                    connection.sendall(self.room.enter(alias))
                self._settle()
            self._check_that_all_hear()

    def _connect(self) -> tuple[str, socket.socket]:
        number = self.members
        if number % CONNECTING_AT_ONCE == 0:
            time.sleep(ACCEPTED_S)
        connection = socket.create_connection(
            ("127.0.0.1", self.room.port_of(self.server))
        )
        self.room.greet(connection)
        connection.setblocking(False)
        fd = connection.fileno()
        self._sockets[fd] = connection
        self._poll.register(fd, select.EPOLLIN)
        if number < SPEAKERS:
            self._speakers.append(connection)
        else:
            self._heard[fd] = 0
        return _alias(number), connection

    def _check_that_all_hear(self) -> None:
        heard = 0
        for _ in range(FIRST_TRIES):
            before = self._deliveries
            self._speakers[0].sendall(self.room.say(_alias(0)))
            self._settle(FIRST_QUIET_S)
            heard = self._deliveries - before
            if heard == len(self._heard):
                return
        raise self.server.failure(
            f"of {len(self._heard)} listeners {heard} heard a message"
        )

    def close(self) -> None:
        """Hang up, all of them."""
        self._poll.close()
        for connection in self._sockets.values():
            connection.close()

    def burst(self, messages: int, seconds: float) -> Talk:
        """Say ``messages`` at once, some by each speaker, for ``seconds``.

        The next are said when everybody has heard the last.
        """
        each = messages // len(self._speakers)
        said = 0
        with self.server.blamed(), self._measuring(0) as start:
            while time.perf_counter() - start.seconds < seconds:
                for number, speaker in enumerate(self._speakers):
                    speaker.sendall(self.room.say(_alias(number)) * each)
                said += each * len(self._speakers)
                self._hear_until(start.deliveries + said * len(self._heard))
            return self._talk_since(start, said)

    def paced(self, rate: float, seconds: float) -> Talk:
        """Say ``rate`` messages a second, evenly, each speaker in turn, for ``seconds``."""
        count = int(rate * seconds)
        sent_at = []
        with self.server.blamed(), self._measuring(count) as start:
            for number in range(count):
                due_at = start.seconds + number / rate
                self._hear_till(due_at)
                speaker = number % len(self._speakers)
                sent_at.append(time.perf_counter())
                self._speakers[speaker].sendall(self.room.say(_alias(speaker)))
            self._hear_until(start.deliveries + count * len(self._heard))
            talk = self._talk_since(start, count)
        pairs = zip(self._reached_all_at, sent_at, strict=True)
        delays_ms = [(reached - sent) * 1e3 for reached, sent in pairs]
        return talk._replace(delays_ms=delays_ms)

    def listen(self, seconds: float) -> None:
        """Take what comes for ``seconds``, and say nothing."""
        with self.server.blamed(), self._measuring(0) as start:
            self._hear_till(start.seconds + seconds)

    @contextlib.contextmanager
    def _measuring(self, messages: int) -> Iterator[_Start]:
        """Begin to measure, with the delays of the first ``messages``."""
        self._settle()
        self._heard = dict.fromkeys(self._heard, 0)
        self._listeners_reached = [0] * messages
        self._reached_all_at = []
        gc.collect()
        gc.disable()
        try:
            yield _Start(
                time.perf_counter(),
                self._deliveries,
                self.server.cpu_s(),
                time.process_time(),
            )
        finally:
            gc.enable()

    def _talk_since(self, start: _Start, said: int) -> Talk:
        seconds = time.perf_counter() - start.seconds
        self._settle()  # the speakers' share, and what the server does once all have heard
        deliveries = said * (self.members - 1)
        load_s = time.process_time() - start.load_s
        cpu_s = self.server.cpu_s() - start.cpu_s
        return Talk(
            deliveries,
            seconds,
            cpu_us=cpu_s / deliveries * 1e6,
            load_busy=load_s / seconds,
            delays_ms=[],
        )

    def _hear_until(self, deliveries: int) -> None:
        """Take what comes until there were so many deliveries."""
        while self._deliveries < deliveries:
            if not self._hear(SILENCE_S):
                missing = deliveries - self._deliveries
                raise self.server.failure(f"{missing} deliveries did not come")

    def _hear_till(self, moment: float) -> None:
        """Take what comes until this moment."""
        left_s = moment - time.perf_counter()
        while left_s > 0:
            self._hear(left_s)
            left_s = moment - time.perf_counter()

    def _settle(self, quiet_s: float = QUIET_S) -> None:
        """Take what comes until nothing does."""
        while self._hear(quiet_s):
            pass

    def _hear(self, timeout_s: float) -> int:
        """Take what comes, waiting for at most ``timeout_s``.

        Returns from how many connections something came.
        """
        ready = self._poll.poll(timeout_s)
        heard, listeners_reached = self._heard, self._listeners_reached
        ping = self.room.ping
        for fd, _ in ready:
            size = self._sockets[fd].recv_into(self._buffer)
            if not size:
                raise self.server.failure("it hung up on a member")
            if ping and self._buffer.find(ping, 0, size) >= 0:
                self._sockets[fd].send(self.room.pong)
            if fd not in heard:
                continue
            marks = self._buffer.count(MARK, 0, size)
            self._deliveries += marks
            if not listeners_reached:
                continue
            first = heard[fd]
            heard[fd] = first + marks
            for message in range(first, first + marks):
                listeners_reached[message] += 1
                if listeners_reached[message] == len(heard):
                    self._reached_all_at.append(time.perf_counter())
        return len(ready)


def _alias(number: int) -> str:
    return f"m{number:05d}"


@contextlib.contextmanager
def crowd(room: Room, server: Server, members: int) -> Iterator[Crowd]:
    """Fill a room; its members hang up afterwards."""
    people = Crowd(room, server)
    try:
        people.enter(members)
        yield people
    finally:
        people.close()


def median_talk(rounds: list[Talk]) -> Talk:
    """Return the medians of several rounds; of delays all that there are."""
    return Talk(
        int(statistics.median(talk.deliveries for talk in rounds)),
        statistics.median(talk.seconds for talk in rounds),
        statistics.median(talk.cpu_us for talk in rounds),
        statistics.median(talk.load_busy for talk in rounds),
        [delay for talk in rounds for delay in talk.delays_ms],
    )

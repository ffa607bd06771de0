"""A crowd in one chat room, in this process: many who only listen and a few who speak too. It costs little.

Listeners are not parsed: a message ends with a mark that is in nothing else, and marks are counted.
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

from rooms import MARK, Room, Served

SPEAKERS = 8
READ_BYTES = 1 << 18
CONNECTING_AT_ONCE, ACCEPTED_S = 10, 0.005
"""Few enough for a server's accept queue, so that none waits for a second attempt; until they are taken from it."""
ENTERING_AT_ONCE = 200
"""Many, so that those within are told of them in few writes."""
QUIET_S = 0.02
"""Silence after which what was asked for has been told to everybody."""
SILENCE_S = 30.0
"""Nothing at all for so long, while something is due, means that it was lost."""
SPARE_FILES = 200


class Told(NamedTuple):
    """What some speaking came to."""

    deliveries: int
    seconds: float
    cpu_us: float
    """The server's processor time a delivery."""
    load_busy: float
    """Share of the time for which this process was busy: near 1, it was the bottleneck and the rate means nothing."""
    delays_ms: list[float]
    """From each message's sending to when the last listener had it; only when paced."""

    @property
    def per_second(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    def delay_ms(self, share: float) -> float:
        """Return the delay that ``share`` of the messages did not exceed."""
        return sorted(self.delays_ms)[int(len(self.delays_ms) * share)]


def room_for(members: int) -> bool:
    """Let this process and those it starts open as many files; tell whether they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return members + SPARE_FILES <= hard


class Crowd:
    """The members of one room of one server."""

    def __init__(self, room: Room, served: Served) -> None:
        self.room = room
        self.served = served
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._speakers: list[socket.socket] = []
        self._buffer = bytearray(READ_BYTES)
        self._heard: dict[int, int] = {}
        self._total = 0
        self._reached: list[int] = []
        self._at_all: list[float] = []

    @property
    def members(self) -> int:
        """How many are in the room."""
        return len(self._sockets)

    def enter(self, members: int) -> None:
        """Fill the room up to ``members``, the first of them speakers, and see that each hears what is said."""
        while self.members < members:
            new = [
                self._connect()
                for _ in range(min(ENTERING_AT_ONCE, members - self.members))
            ]
            for alias, one in new:
                one.sendall(self.room.enter(alias))
            self._settle()
        heard = 0
        for _ in range(5):
            before = self._total
            self._speakers[0].sendall(self.room.say(_alias(0)))
            self._settle(0.5)
            heard = self._total - before
            if heard == len(self._heard):
                return
        raise SystemExit(
            f"{self.served.name}: of {len(self._heard)} listeners {heard} heard a message"
        )

    def _connect(self) -> tuple[str, socket.socket]:
        number = self.members
        if number % CONNECTING_AT_ONCE == 0:
            time.sleep(ACCEPTED_S)
        one = socket.create_connection(("127.0.0.1", self.served.port))
        one.setblocking(False)
        self._sockets[one.fileno()] = one
        self._poll.register(one.fileno(), select.EPOLLIN)
        if number < SPEAKERS:
            self._speakers.append(one)
        else:
            self._heard[one.fileno()] = 0
        return _alias(number), one

    def close(self) -> None:
        """Hang up, all of them."""
        self._poll.close()
        for one in self._sockets.values():
            one.close()

    def burst(self, messages: int, seconds: float) -> Told:
        """Say ``messages`` at once, some by each speaker, and again when all have heard them, for ``seconds``."""
        each, said = messages // len(self._speakers), 0
        with self._attention(0) as began:
            while time.perf_counter() - began.at < seconds:
                for number, one in enumerate(self._speakers):
                    one.sendall(self.room.say(_alias(number)) * each)
                said += each * len(self._speakers)
                self._hear_until(began.total + said * len(self._heard))
            return self._told(began, said)

    def paced(self, rate: float, seconds: float) -> Told:
        """Say ``rate`` messages a second, evenly, each speaker in turn, for ``seconds``."""
        count = int(rate * seconds)
        sent = []
        with self._attention(count) as began:
            for number in range(count):
                due = began.at + number / rate
                while (left := due - time.perf_counter()) > 0:
                    self._hear(left)
                speaker = number % len(self._speakers)
                sent.append(time.perf_counter())
                self._speakers[speaker].sendall(self.room.say(_alias(speaker)))
            self._hear_until(began.total + count * len(self._heard))
            told = self._told(began, count)
        delays = [
            (heard - said) * 1e3 for heard, said in zip(self._at_all, sent, strict=True)
        ]
        return told._replace(delays_ms=delays)

    @contextlib.contextmanager
    def _attention(self, counted: int) -> Iterator["_Began"]:
        """Begin to measure, with the times of the first ``counted`` messages."""
        self._settle()
        self._heard = dict.fromkeys(self._heard, 0)
        self._reached, self._at_all = [0] * counted, []
        gc.collect()
        gc.disable()
        try:
            yield _Began(
                time.perf_counter(),
                self._total,
                self.served.cpu_s(),
                time.process_time(),
            )
        finally:
            gc.enable()

    def _told(self, began: "_Began", said: int) -> Told:
        seconds = time.perf_counter() - began.at
        self._settle()  # the speakers' share, and what the server does once all have heard
        deliveries = said * (self.members - 1)
        load_s = time.process_time() - began.load_s
        cpu_us = (self.served.cpu_s() - began.cpu_s) / deliveries * 1e6
        return Told(deliveries, seconds, cpu_us, load_s / seconds, [])

    def _hear_until(self, total: int) -> None:
        while self._total < total:
            if not self._hear(SILENCE_S):
                raise SystemExit(
                    f"{self.served.name} lost something: {total - self._total} deliveries did not come"
                )

    def _settle(self, quiet_s: float = QUIET_S) -> None:
        while self._hear(quiet_s):
            pass

    def _hear(self, timeout_s: float) -> int:
        """Take what comes, waiting for at most ``timeout_s``; return from how many connections it came."""
        ready = self._poll.poll(timeout_s)
        heard, reached = self._heard, self._reached
        for fd, _ in ready:
            size = self._sockets[fd].recv_into(self._buffer)
            if not size:
                raise SystemExit(f"{self.served.name} hung up on a member")
            if fd not in heard:
                continue
            marks = self._buffer.count(MARK, 0, size)
            self._total += marks
            if not reached:
                continue
            level = heard[fd]
            heard[fd] = level + marks
            for at in range(level, level + marks):
                reached[at] += 1
                if reached[at] == len(heard):
                    self._at_all.append(time.perf_counter())
        return len(ready)


class _Began(NamedTuple):
    at: float
    total: int
    cpu_s: float
    load_s: float


def _alias(number: int) -> str:
    return f"m{number:05d}"


@contextlib.contextmanager
def crowd(room: Room, served: Served, members: int) -> Iterator[Crowd]:
    """Fill a room; its members hang up afterwards."""
    one = Crowd(room, served)
    try:
        one.enter(members)
        yield one
    finally:
        one.close()


def median_told(rounds: list[Told]) -> Told:
    """Return the medians of several rounds; of delays all that there are."""
    columns = zip(
        *((one.deliveries, one.seconds, one.cpu_us, one.load_busy) for one in rounds),
        strict=True,
    )
    deliveries, seconds, cpu_us, busy = (
        statistics.median(column) for column in columns
    )
    return Told(
        int(deliveries),
        seconds,
        cpu_us,
        busy,
        [delay for one in rounds for delay in one.delays_ms],
    )

"""Claim: 10,000 messages a second are taken in, each on the disk before it is answered, and told to all in the room.

    python benchmarks/speaking.py

Programs speak JSON lines in one room, each with so many messages under way, and await the answers; everybody in the
room is told of each message as well. In turn with it the same messages straight into plain sqlite3, 256 a commit
(`synchronous=FULL`), which is the limit.
"""

import argparse
import os
import select
import socket
import sqlite3
import statistics
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import NamedTuple

import bench
from bench import median
from crowd import room_for
from rooms import TEXT, Served, Trastienda

WAYS = ((64, 16), (8, 128), (1, 512))
"""Speakers, and messages that each has under way; the first is what the aim is set for."""
AIM = 10_000
A_COMMIT = 256
DONE, REFUSED = b'"ok":true', b'"ok":false'
READ_BYTES = 1 << 18
SILENCE_S = 10.0


class Taken(NamedTuple):
    """What some speaking came to; ``cpu_us`` is the server's processor time a message."""

    per_second: float
    cpu_us: float
    median_ms: float = 0.0
    p99_ms: float = 0.0
    load_busy: float = 0.0


class Speaker:
    """A program in the room, with ``window`` messages under way."""

    def __init__(self, served: Served, number: int, window: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", served.port))
        self.window = window
        self._tag = f"{number}-{os.urandom(4).hex()}"
        self._said = 0
        self._sent_at: deque[float] = deque()
        self._rest = b""
        self._buffer = bytearray(READ_BYTES)
        self.socket.sendall(b'{"id":0,"accion":"nombre","alias":"j%05d"}\n' % number)
        while DONE not in self._rest.rpartition(b"\n")[0]:
            self._rest += self._read()
        self._rest = b""

    def say(self, count: int) -> None:
        """Send so many messages more."""
        first, self._said = self._said + 1, self._said + count
        self._sent_at += [time.perf_counter()] * count
        lines = [
            f'{{"id":{at},"accion":"mensaje","sala":"general","texto":"{TEXT}","id_cliente":"{self._tag}-{at}"}}\n'
            for at in range(first, first + count)
        ]
        self.socket.sendall("".join(lines).encode())

    def hear(self, delays_s: list[float]) -> int:
        """Take what came; return how many messages were answered."""
        whole, newline, self._rest = (self._rest + self._read()).rpartition(b"\n")
        if not newline:
            return 0
        if REFUSED in whole:
            refused = next(line for line in whole.split(b"\n") if REFUSED in line)
            raise SystemExit(f"an answer that should not be: {refused.decode()}")
        count, now = whole.count(DONE), time.perf_counter()
        delays_s += [now - self._sent_at.popleft() for _ in range(count)]
        return count

    def _read(self) -> bytes:
        size = self.socket.recv_into(self._buffer)
        if not size:
            raise SystemExit("the server hung up on a speaker")
        return bytes(memoryview(self._buffer)[:size])


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load")
    given = parser.parse_args()
    bench.on_client_core()
    room_for(len(WAYS) * max(speakers for speakers, _ in WAYS))
    taken: dict[tuple[int, int], list[Taken]] = defaultdict(list)
    limit = []
    for _ in range(given.rounds):
        for speakers, window in WAYS:
            with bench.shop_folder() as folder, Trastienda().serving(folder) as served:
                taken[speakers, window].append(
                    _speak(served, speakers, window, given.seconds)
                )
        with bench.shop_folder() as folder:
            limit.append(_straight(folder, given.seconds / 2))
    _print(taken, limit, given.rounds)


def _speak(served: Served, speakers: int, window: int, seconds: float) -> Taken:
    """Keep every speaker's window full for ``seconds``, after half a second that does not count."""
    everyone = {}
    poll = select.epoll()
    for number in range(speakers):
        one = Speaker(served, number, window)
        everyone[one.socket.fileno()] = one
        poll.register(one.socket.fileno(), select.EPOLLIN)
    for one in everyone.values():
        one.say(window)
    _converse(poll, everyone, 0.5, [])
    delays_s: list[float] = []
    cpu_s, load_s, began = served.cpu_s(), time.process_time(), time.perf_counter()
    count = _converse(poll, everyone, seconds, delays_s)
    took = time.perf_counter() - began
    cpu_us = (served.cpu_s() - cpu_s) / count * 1e6
    load_busy = (time.process_time() - load_s) / took
    for one in everyone.values():
        one.socket.close()
    poll.close()
    delays_s.sort()
    p99_s = delays_s[int(len(delays_s) * 0.99)]
    return Taken(
        count / took, cpu_us, statistics.median(delays_s) * 1e3, p99_s * 1e3, load_busy
    )


def _converse(
    poll: select.epoll,
    everyone: dict[int, Speaker],
    seconds: float,
    delays_s: list[float],
) -> int:
    """Say a message for each that is answered, for ``seconds``; return how many were."""
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        ready = poll.poll(SILENCE_S)
        if not ready:
            raise SystemExit(f"no answer within {SILENCE_S:.0f} s")
        for fd, _ in ready:
            answered = everyone[fd].hear(delays_s)
            if answered:
                everyone[fd].say(answered)
                count += answered
    return count


def _straight(folder: Path, seconds: float) -> Taken:
    """Write the same messages without a server."""
    bench.on_server_core()
    connection = sqlite3.connect(folder / "straight.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE message (room TEXT, seq INTEGER, sender TEXT, client_id TEXT, at_ms INTEGER, text TEXT, "
        "PRIMARY KEY (room, seq), UNIQUE (sender, client_id)) WITHOUT ROWID"
    )
    seq, began, cpu_s = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        rows = [
            ("general", at, f"j{at % 64}", f"tag-{at}", at, TEXT)
            for at in range(seq, seq + A_COMMIT)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        seq += A_COMMIT
    took, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    connection.close()
    bench.on_client_core()
    return Taken(seq / took, cpu_s / seq * 1e6)


def _print(
    taken: dict[tuple[int, int], list[Taken]], limit: list[Taken], count: int
) -> None:
    rows: list[tuple[object, ...]] = []
    ratios = []
    for (speakers, window), rounds in taken.items():
        middle = [median(column) for column in zip(*rounds, strict=True)]
        name = f"{speakers} speaker{'s' * (speakers > 1)}, {window} under way each"
        rows.append((name, *middle[:4], f"{middle[4]:.0%}"))
        shares = [
            one.per_second / straight.per_second
            for one, straight in zip(rounds, limit, strict=True)
        ]
        ratios.append((f"{name} / sqlite3", median(shares), min(shares), max(shares)))
    straight = [median(column) for column in zip(*limit, strict=True)]
    rows.append((f"sqlite3 alone, {A_COMMIT} a commit", *straight[:2], "", "", ""))
    columns = (
        "",
        "messages/s",
        "CPU µs each",
        "median ms",
        "p99 ms",
        "load generator busy",
    )
    bench.table(f"Durable messages, medians of {count} rounds", columns, rows)
    bench.table(
        "Ratios, each within its round",
        ("", "of the rate", "lowest", "highest"),
        ratios,
    )
    rate = median(one.per_second for one in taken[WAYS[0]])
    aim = f"messages a second, {WAYS[0][0]} speakers"
    bench.table(
        "Aim",
        ("", "measured", "at least", "met"),
        [(aim, rate, float(AIM), "yes" if rate >= AIM else "NO")],
    )


if __name__ == "__main__":
    main()

"""Claim: the chat takes 10,000 messages a second, each on the disk before it is answered.

    python benchmarks/speaking.py [--quick]

Programs speak JSON lines in one room, each with so many messages under way, and await
the answers; everybody in the room is told of each message as well. In turn with it the
same messages straight into plain sqlite3, 256 a commit (`synchronous=FULL`), which is
the limit.
"""

import os
import select
import socket
import sqlite3
import statistics
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import NamedTuple

import options
import servers
from crowd import may_open
from rooms import TEXT, Trastienda
from servers import Server
from tables import aim_row, failed_row, median, medians, spread, table
from trials import Trials, run

FULL = {"rounds": 3, "seconds": 3.0}
QUICK = {"rounds": 2, "seconds": 1.0}
WAYS = ((64, 16), (8, 128), (1, 512))
"""Speakers, and messages that each has under way; the first is what the aim is set for."""
AIM = 10_000
A_COMMIT = 256
DONE, REFUSED = b'"ok":true', b'"ok":false'
READ_BYTES = 1 << 18
SILENCE_S = 10.0
COLUMNS = (
    "",
    "messages/s",
    "CPU µs each",
    "median ms",
    "p99 ms",
    "load generator busy",
)

Way = tuple[int, int]


class Rate(NamedTuple):
    """What some speaking came to; ``cpu_us`` is the server's processor time a message."""

    per_second: float
    cpu_us: float
    median_ms: float = 0.0
    p99_ms: float = 0.0
    load_busy: float = 0.0


class Speaker:
    """A program in the room, with ``window`` messages under way."""

    def __init__(self, server: Server, number: int, window: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.chat_port))
        self.window = window
        self._server = server
        self._tag = f"{number}-{os.urandom(4).hex()}"
        self._said = 0
        self._sent_at: deque[float] = deque()
        self._rest = b""
        self._buffer = bytearray(READ_BYTES)
        self._take_name(f"j{number:05d}")

    def _take_name(self, alias: str) -> None:
        request = f'{{"id":0,"accion":"nombre","alias":"{alias}"}}\n'
        self.socket.sendall(request.encode())
        lines = b""
        while DONE not in lines.rpartition(b"\n")[0]:
            lines += self._read()

    def say(self, count: int) -> None:
        """Send so many messages more."""
        first = self._said + 1
        self._said += count
        self._sent_at += [time.perf_counter()] * count
        lines = [
            f'{{"id":{number},"accion":"mensaje","sala":"general","texto":"{TEXT}",'
            f'"id_cliente":"{self._tag}-{number}"}}\n'
            for number in range(first, first + count)
        ]
        self.socket.sendall("".join(lines).encode())

    def hear(self, delays_s: list[float]) -> int:
        """Take what came; return how many messages were answered."""
        whole, newline, self._rest = (self._rest + self._read()).rpartition(b"\n")
        if not newline:
            return 0
        if REFUSED in whole:
            refusal = next(line for line in whole.split(b"\n") if REFUSED in line)
            raise self._server.failure(f"it answered {refusal.decode()}")
        answered = whole.count(DONE)
        now = time.perf_counter()
        delays_s += [now - self._sent_at.popleft() for _ in range(answered)]
        return answered

    def _read(self) -> bytes:
        size = self.socket.recv_into(self._buffer)
        if not size:
            raise self._server.failure("it hung up on a speaker")
        return bytes(memoryview(self._buffer)[:size])


def main() -> int:
    """Run the rounds and print what they came to; return 1 if the server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    may_open(len(WAYS) * max(speakers for speakers, _ in WAYS))
    rates: Trials[Way, Rate] = Trials()
    limit = []
    for _ in range(arguments.rounds):
        for way in WAYS:
            rates.attempt(way, partial(serve_and_speak, way, arguments.seconds))
        with servers.scratch_folder() as folder:
            limit.append(write_straight(folder, arguments.seconds / 2))
    print_rates(rates, limit)
    return 1 if rates.failures else 0


def serve_and_speak(way: Way, seconds: float) -> Rate:
    """Serve a new shop and speak in its chat."""
    speakers, window = way
    with (
        servers.scratch_folder() as folder,
        Trastienda().serving(folder) as server,
        server.blamed(),
    ):
        return speak(server, speakers, window, seconds)


def speak(server: Server, speakers: int, window: int, seconds: float) -> Rate:
    """Keep every speaker's window full for ``seconds``, after half a second that does not count."""
    everyone = {}
    poll = select.epoll()
    for number in range(speakers):
        speaker = Speaker(server, number, window)
        everyone[speaker.socket.fileno()] = speaker
        poll.register(speaker.socket.fileno(), select.EPOLLIN)
    for speaker in everyone.values():
        speaker.say(window)
    keep_speaking(server, poll, everyone, 0.5, [])

    delays_s: list[float] = []
    cpu_before_s = server.cpu_s()
    load_before_s = time.process_time()
    began = time.perf_counter()
    count = keep_speaking(server, poll, everyone, seconds, delays_s)
    took_s = time.perf_counter() - began
    cpu_s = server.cpu_s() - cpu_before_s
    load_s = time.process_time() - load_before_s

    for speaker in everyone.values():
        speaker.socket.close()
    poll.close()
    delays_s.sort()
    return Rate(
        per_second=count / took_s,
        cpu_us=cpu_s / count * 1e6,
        median_ms=statistics.median(delays_s) * 1e3,
        p99_ms=delays_s[int(len(delays_s) * 0.99)] * 1e3,
        load_busy=load_s / took_s,
    )


def keep_speaking(
    server: Server,
    poll: select.epoll,
    everyone: dict[int, Speaker],
    seconds: float,
    delays_s: list[float],
) -> int:
    """Say a message for each that is answered, for ``seconds``; return how many were."""
    count = 0
    stop_at = time.perf_counter() + seconds
    while time.perf_counter() < stop_at:
        ready = poll.poll(SILENCE_S)
        if not ready:
            raise server.failure(f"no answer within {SILENCE_S:.0f} s")
        for fd, _ in ready:
            answered = everyone[fd].hear(delays_s)
            if answered:
                everyone[fd].say(answered)
                count += answered
    return count


def write_straight(folder: Path, seconds: float) -> Rate:
    """Write the same messages without a server."""
    servers.on_server_core()
    connection = sqlite3.connect(folder / "straight.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE message ("
        "room TEXT, seq INTEGER, sender TEXT, client_id TEXT, at_ms INTEGER, text TEXT, "
        "PRIMARY KEY (room, seq), UNIQUE (sender, client_id)) WITHOUT ROWID"
    )
    count = 0
    began = time.perf_counter()
    cpu_before_s = time.process_time()
    while time.perf_counter() - began < seconds:
        rows = [
            ("general", seq, f"j{seq % 64}", f"tag-{seq}", seq, TEXT)
            for seq in range(count, count + A_COMMIT)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        count += A_COMMIT
    took_s = time.perf_counter() - began
    cpu_s = time.process_time() - cpu_before_s
    connection.close()
    servers.on_client_core()
    return Rate(count / took_s, cpu_s / count * 1e6)


def print_rates(rates: Trials[Way, Rate], limit: list[Rate]) -> None:
    """Print the rates, their share of the limit, and the aim."""
    rows: list[tuple[object, ...]] = []
    ratio_rows = []
    for way in WAYS:
        speakers, window = way
        name = f"{speakers} speaker{'s' * (speakers > 1)}, {window} under way each"
        if way in rates.failures:
            reason = rates.failures[way]
            rows.append(failed_row(name, reason=reason, columns=COLUMNS))
            continue
        rounds = rates.measured(way)
        *figures, busy = medians(rounds)
        rows.append((name, *figures, f"{busy:.0%}"))

        pairs = zip(rounds, limit, strict=True)
        shares = [rate.per_second / straight.per_second for rate, straight in pairs]
        ratio_rows.append((f"{name} / sqlite3", *spread(shares)))
    per_second, cpu_us, *_ = medians(limit)
    rows.append((f"sqlite3 alone, {A_COMMIT} a commit", per_second, cpu_us, "", "", ""))
    table("Durable messages, medians of the rounds", COLUMNS, rows)
    columns = ("", "of the rate", "lowest", "highest")
    table("Ratios, each within its round", columns, ratio_rows)

    aimed = rates.measured(WAYS[0])
    if aimed:
        rate = median(run.per_second for run in aimed)
        name = f"messages a second, {WAYS[0][0]} speakers"
        row = aim_row(name, rate, at_least=float(AIM))
        table("Aim", ("", "measured", "aim", "met"), [row])


if __name__ == "__main__":
    run(main)

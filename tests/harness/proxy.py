"""A bad line: a proxy that splits, stalls and cuts what passes through it, at random places,
by a seed."""

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Self

from tests.harness.lines import address

CUT_ONE_IN, STALL_ONE_IN = 150, 25
"""How often a piece that passes is the last one, and how often it is held up."""
STALL_S = 0.15
RESET = struct.pack("ii", 1, 0)
"""To linger for no time: closing then resets."""


class Proxy:
    """Listens at ``address`` and passes on to wherever ``target()`` says at that moment.

    ``calm`` makes a good line of it. Every connection has dice of its own, which the seed and
    its number decide.
    """

    def __init__(self, target: Callable[[], str], seed: int) -> None:
        self._target = target
        self._seed = seed
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._pumps: list[threading.Thread] = []
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.calm = False
        self.is_down = False
        self.cuts = 0
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()
        for one in list(self._open):
            self._end(one)
        for pump in self._pumps:
            pump.join()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            number += 1
            try:
                if self.is_down:
                    raise ConnectionRefusedError
                server = socket.create_connection(address(self._target()), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._open |= {client, server}
            for side, (source, sink) in enumerate([(client, server), (server, client)]):
                dice = random.Random(f"{self._seed} {number} {side}")
                pump = threading.Thread(
                    target=self._pump, args=(source, sink, dice), daemon=True
                )
                self._pumps.append(pump)
                pump.start()

    def cut(self) -> None:
        """Cut all lines, and let nobody through for as long as ``is_down``."""
        self.is_down = True
        for one in list(self._open):
            self._end(one)

    def _pump(
        self, source: socket.socket, sink: socket.socket, dice: random.Random
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self._pass(data, sink, dice):
                    break
        self._end(source)
        self._end(sink)

    def _pass(self, data: bytes, sink: socket.socket, dice: random.Random) -> bool:
        """Pass on what came; False where the line was cut in the middle of it."""
        while data:
            size = (
                len(data) if self.calm else dice.choice([1, 10, 100, 1000, len(data)])
            )
            piece, data = data[:size], data[size:]
            if not self.calm and not dice.randrange(STALL_ONE_IN):
                time.sleep(dice.random() * STALL_S)
            if not self.calm and not dice.randrange(CUT_ONE_IN):
                self.cuts += 1
                with contextlib.suppress(OSError):
                    sink.sendall(piece[: dice.randrange(len(piece) + 1)])
                    if dice.random() < 0.5:
                        sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return False
            sink.sendall(piece)
        return True

    def _end(self, one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
        self._open.discard(one)

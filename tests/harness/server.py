"""A server: ``trastienda serve`` in a process of its own."""

import os
import queue
import random
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.harness.cast import ANA_RUT, PASSWORD

START_S = 60
STOP_S = 30
"""Far more than a start or a stop takes: a test that waits so long has failed, and must not hang."""

_LINE_PORT = re.compile(r"^  (Inventario|Chat) +(\S+)")


def free_port() -> int:
    """Return a port that nobody has, outside the range from which the system takes the ports of clients.

    Inside it, a client that knocks at the port of a server that is down may be given that very port, and meet itself.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 30_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    """``trastienda serve`` over a data folder, on free ports; ended by its process and by no other.

    ``url`` is where HTTP is; ``inventory`` and ``chat`` are those of the line protocol, as ``127.0.0.1:3000``;
    ``start_lines`` are what it said on its standard output until it was ready.
    """

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        data.parent.mkdir(parents=True, exist_ok=True)
        self._log = data.with_suffix(".log")
        given = {
            "DATA": data,
            "PORT": 0,
            "INVENTORY_PORT": 0,
            "CHAT_PORT": 0,
            "ADMIN_USER": "ana",
        }
        given |= {"ADMIN_PASSWORD": PASSWORD, "ADMIN_RUT": ANA_RUT}
        given |= {name.upper(): value for name, value in settings.items()}
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TRASTIENDA_")
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trastienda", "serve"],
                env=clean
                | {f"TRASTIENDA_{name}": str(value) for name, value in given.items()},
                cwd=data.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.start_lines = self._started()
        self.url = next(
            line[line.index("http") :].strip()
            for line in self.start_lines
            if "://" in line
        )
        ports = [
            found.groups() for found in map(_LINE_PORT.match, self.start_lines) if found
        ]
        self.inventory, self.chat = (
            next(address for name, address in ports if name == wanted)
            for wanted in ("Inventario", "Chat")
        )

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _started(self) -> list[str]:
        said = []
        try:
            while line := self._lines.get(timeout=START_S):
                said.append(line.rstrip("\n"))
                if line.startswith("Para detener"):
                    return said
        except queue.Empty:
            pass
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log}")

    def say(self, line: str) -> None:
        """Write a line on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def ended(self) -> int:
        """Wait until it has stopped by itself, and return the exit status."""
        return self._ended()

    @property
    def log(self) -> str:
        """What the server has written on its standard error."""
        return self._log.read_text("utf-8", errors="replace")

    def stop(self) -> int:
        """Stop as SIGTERM does, and return the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._listener.join(STOP_S)
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()

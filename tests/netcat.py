"""Somebody at ``nc``, as in the programs before: types lines, and waits for what comes."""

import os
import select
import shutil
import signal
import subprocess
from typing import Self

import pytest

NEEDS_NC = pytest.mark.skipif(
    not shutil.which("nc"), reason="needs nc (Debian: netcat-openbsd)"
)
PROMPT = "Ingresa tu alias: "
PATIENCE_S = 20
"""Far more than an answer takes: who waits so long has failed, and must not hang."""


class Terminal:
    """Somebody at ``nc``."""

    def __init__(self, address: str, *options: str) -> None:
        host, _, port = address.rpartition(":")
        command = ["nc", *options, host.strip("[]"), port]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._come = b""
        self._ended = False

    def _more(self) -> None:
        """Wait for bytes, or the end."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        assert ready, f"nothing came, after {self._come!r}"
        data = os.read(self.process.stdout.fileno(), 65536)
        self._come += data
        self._ended = not data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def line(self) -> str:
        """The next line, without its break."""
        while b"\n" not in self._come and not self._ended:
            self._more()
        line, _, self._come = self._come.partition(b"\n")
        return line.decode()

    def prompt(self) -> str:
        """What stands there when as much has come as a prompt has."""
        while len(self._come) < len(PROMPT) and not self._ended:
            self._more()
        shown, self._come = self._come, b""
        return shown.decode()

    def type(self, text: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()

    def send(self, data: bytes) -> None:
        """Type what is no plain line."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def until(self, end: str) -> list[str]:
        """The next lines, up to one that ends so."""
        lines = [self.line()]
        while not lines[-1].endswith(end):
            assert not self._ended, lines
            lines.append(self.line())
        return lines

    def name(self, alias: str) -> Self:
        """Come into the chat under an alias."""
        assert self.prompt() == PROMPT
        self.type(alias)
        self.until("/ayuda muestra los comandos.")
        return self

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def rest(self) -> list[str]:
        """Every line until the server closes; ``nc`` ends then, if it has nothing more to send (Ctrl-D)."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        while not self._ended:
            self._more()
        assert self.process.wait(PATIENCE_S) == 0
        return self._come.decode().splitlines()

    def close(self) -> None:
        """Put the terminal away."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

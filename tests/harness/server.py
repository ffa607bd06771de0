"""Servers: ``trastienda serve``, or another command that serves, in a process of its own."""

import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.harness.cast import ANA_RUT, PASSWORD
from tests.harness.shell import COMMAND, environment
from tests.harness.waiting import PATIENCE_S, eventually

READY = "Para detener"
"""The last line that a server prints at its start begins so."""

_CHEAP_PASSWORDS = """
import argon2
argon2.PasswordHasher.__init__.__defaults__ = (1, 8, 1, 16, 16, "utf-8", argon2.Type.ID)
"""
_IMPATIENT = """
from trastienda.servers import listener
from trastienda.servers.http.protocol import patience
patience.HEAD_S = patience.GRACE_S = listener.HANDSHAKE_S = 2
from trastienda.servers.socketio import server
server.SAYS_WHO_WITHIN_S = 2
server.SocketServer.__init__.__defaults__ = (1, 2)
from trastienda.servers.events import server
server.SIGN_OF_LIFE_S = 0.3
"""
_MAIN = """
from trastienda.cli import main
main()
"""

_URL = re.compile(r"^  HTTP +(https?://[^\s/]+)", re.MULTILINE)
_LINE_PORT = re.compile(r"^  (Inventario|Chat) +(\S+)", re.MULTILINE)


def free_port() -> int:
    """Return a port that nobody has, outside the range from which the system takes the ports
    of clients.

    Inside it, a client that knocks at the port of a server that is down may be given that very
    port, and meet itself.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 30_000)
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class ServerProcess:
    """A command that serves. What it writes goes to files, so that nothing ever waits for a pipe.

    ``files`` is the path of those files without their suffix; ``settings`` are variables of
    the environment without their prefix, ``variables`` are others. Used as a context manager
    it is killed at the end of the block, where it has not stopped before.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        files: Path,
        cwd: Path,
        settings: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._output = files.with_suffix(".out")
        self._log = files.with_suffix(".log")
        self._output_start = self._output.stat().st_size if self._output.exists() else 0
        with self._output.open("ab") as output, self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment(settings) | dict(variables or {}),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=log,
            )

    def wait_until_ready(self) -> Self:
        """Wait until it listens; fail with its log where it ends before."""
        try:
            eventually(
                lambda: READY in self.output or self.process.poll() is not None,
                "the server's first lines",
            )
            assert self.process.poll() is None, self.log
        except BaseException:
            self.kill()
            raise
        return self

    @property
    def output(self) -> str:
        """What this process has written to its standard output."""
        return self._output.read_bytes()[self._output_start :].decode()

    @property
    def log(self) -> str:
        """What all servers over these files have written to their standard error."""
        return self._log.read_text("utf-8", errors="replace")

    @property
    def urls(self) -> list[str]:
        """Where HTTP is: one address, or one for each version of the Internet protocol."""
        return _URL.findall(self.output)

    @property
    def url(self) -> str:
        """The first of them."""
        return self.urls[0]

    @property
    def port(self) -> int:
        """The port of HTTP."""
        return int(self.url.rpartition(":")[2])

    def say(self, line: str | bytes) -> None:
        """Write a line to its standard input; bytes are written as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(
            line if isinstance(line, bytes) else f"{line}\n".encode()
        )
        self.process.stdin.flush()

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Wait until it has ended by itself, and return its exit status."""
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            if self.process.stdin is not None:
                self.process.stdin.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        """End it as a power cut would: no handler of its own gets to run."""
        self.process.kill()
        self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Server(ServerProcess):
    """``trastienda serve`` over a data folder, on free ports, with Ana as its first Administrador.

    ``settings`` are those of the environment without their prefix (``https="si"``); None
    leaves one out that would be given otherwise. ``wait=False`` returns at once, before it
    listens. With ``cheap_passwords`` a password is hashed in no time instead of a quarter of a
    second of CPU: for tests that log in many people and are about something else.
    An ``impatient`` one waits two seconds for a client instead of ten or twenty.
    ``file_limit`` is how many files it may have open.
    """

    def __init__(
        self,
        data: Path,
        *arguments: str,
        wait: bool = True,
        cheap_passwords: bool = False,
        impatient: bool = False,
        file_limit: int | None = None,
        **settings: object,
    ) -> None:
        usual = {
            "port": 0,
            "inventory_port": 0,
            "chat_port": 0,
            "admin_user": "ana",
            "admin_password": PASSWORD,
            "admin_rut": ANA_RUT,
        }
        self.data = data
        data.parent.mkdir(parents=True, exist_ok=True)
        command = [*COMMAND]
        preparing = _CHEAP_PASSWORDS * cheap_passwords + _IMPATIENT * impatient
        if preparing:
            command = [sys.executable, "-c", preparing + _MAIN]
        if file_limit is not None:
            limited = f'ulimit -n {file_limit} && exec "$@"'
            command = ["sh", "-c", limited, "sh", *command]
        super().__init__(
            [*command, "serve", "--data", str(data), *arguments],
            files=data,
            cwd=data.parent,
            settings={
                name: str(value)
                for name, value in (usual | settings).items()
                if value is not None
            },
        )
        if wait:
            self.wait_until_ready()

    def _line_port(self, name: str) -> str:
        addresses: dict[str, str] = dict(_LINE_PORT.findall(self.output))
        return addresses[name]

    @property
    def inventory(self) -> str:
        """Where the inventory speaks lines, as ``127.0.0.1:65432``."""
        return self._line_port("Inventario")

    @property
    def chat(self) -> str:
        """Where the chat speaks lines."""
        return self._line_port("Chat")

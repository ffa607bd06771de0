"""Clients of the line ports: blocking sockets that wait for what they expect, and fail when it
does not come."""

import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest
from tests.harness.cast import PASSWORD
from tests.harness.waiting import PATIENCE_S

NEEDS_NC = pytest.mark.skipif(
    not shutil.which("nc"), reason="needs nc (Debian: netcat-openbsd)"
)
PROMPT = "Ingresa tu alias: "
PIECE_BYTES = 1 << 18
NOTICES = (" se ha unido al chat.", " ha salido del chat.")

_fences = itertools.count(1)


def address(text: str) -> tuple[str, int]:
    """The host and the port of ``127.0.0.1:3000``."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def code_of(line: str) -> str:
    """The stable code at the end of what is said to people, in parentheses."""
    return line.rpartition("(")[2].removesuffix(")")


class Wire:
    """A connection that knows lines and nothing else. ``source`` is the address of this side."""

    def __init__(
        self, to: str, *, source: str | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        own = None if source is None else (source, 0)
        self.socket: socket.socket = socket.create_connection(
            address(to), timeout=PATIENCE_S, source_address=own
        )
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._come = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _closed_by_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def raw(self, data: bytes) -> None:
        """Send these bytes."""
        self.socket.sendall(data)

    def send(self, *lines: str) -> None:
        """Send these lines."""
        self.raw("".join(f"{line}\n" for line in lines).encode())

    def _more(self, deadline: float) -> None:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(f"nothing came but {bytes(self._come[-500:])!r}")
        self.socket.settimeout(left_s)
        data = self.socket.recv(PIECE_BYTES)
        if not data:
            raise EOFError(bytes(self._come[-500:]))
        self._come += data

    def exactly(self, text: str) -> None:
        """Expect these characters next, with or without a line's end behind them."""
        wanted, deadline = text.encode(), time.monotonic() + PATIENCE_S
        while len(self._come) < len(wanted):
            self._more(deadline)
        assert self._come.startswith(wanted), bytes(self._come)
        del self._come[: len(wanted)]

    def line(self) -> str:
        """The next line, without its end; raises EOFError where the other side has closed."""
        deadline = time.monotonic() + PATIENCE_S
        while (end := self._come.find(b"\n")) < 0:
            self._more(deadline)
        line = self._come[:end].decode()
        del self._come[: end + 1]
        return line

    def to_the_end(self) -> list[str]:
        """Every line until the other side closes; a rest without an end counts as one."""
        lines = []
        try:
            while True:
                lines.append(self.line())
        except (EOFError, ConnectionError):
            return lines + ([self._come.decode()] if self._come else [])


class Person(Wire):
    """Somebody who types, in the chat (or at the inventory, where there is no alias)."""

    def __init__(self, to: str, alias: str | None = None, **more: Any) -> None:
        super().__init__(to, **more)
        if alias is not None:
            with self._closed_by_failure():
                self.exactly(PROMPT)
                self.send(alias)
                self.welcome = self.until(f"Hola, {alias}. Estás en #general")
                self.welcome += self.heard()

    def until(self, start: str | Callable[[str], bool]) -> list[str]:
        """Read up to a line that begins so, or fits; return all that came, that line last."""
        fits = start if callable(start) else lambda line: line.startswith(start)
        lines = [self.line()]
        while not fits(lines[-1]):
            lines.append(self.line())
        return lines

    def heard(self) -> list[str]:
        """What has come until the server has looked at all that was sent."""
        word = f"nada{next(_fences)}"
        self.send(f"/{word}")
        return self.until(f"No conozco «{word}»")[:-1]

    def asks(self, *lines: str) -> list[str]:
        """Send lines; return what has come when they are done, but for who came and went
        meanwhile."""
        self.send(*lines)
        return [line for line in self.heard() if not line.endswith(NOTICES)]


class Program(Wire):
    """A program: asks in JSON, one thing after another, and keeps the announcements that come
    in between."""

    def __init__(self, to: str, *, prompt: bool = True, **more: Any) -> None:
        super().__init__(to, **more)
        self.events: list[dict[str, Any]] = []
        self.words: list[str] = []
        """What was said to it as to a person."""
        self._numbers = itertools.count(1)
        with self._closed_by_failure():
            if prompt:
                self.exactly(PROMPT)
            else:
                self.line()

    def ask(self, accion: str, **given: Any) -> dict[str, Any]:
        """Ask, and return the answer; ``accion`` may be anything."""
        number = next(self._numbers)
        self.send(json.dumps({"id": number, "accion": accion, **given}))
        while "evento" in (found := self._read()):
            self.events.append(found)
        assert found["id"] == number, found
        return found

    def _read(self) -> dict[str, Any]:
        while not (line := self.line()).startswith("{"):
            self.words.append(line)
        found: dict[str, Any] = json.loads(line)
        return found

    def ok(self, accion: str, **given: Any) -> dict[str, Any]:
        """Ask, expect success, and return the answer."""
        answer = self.ask(accion, **given)
        assert answer["ok"], answer
        return answer

    def refused(self, accion: str, **given: Any) -> str:
        """Ask, expect a refusal, and return its code."""
        answer = self.ask(accion, **given)
        assert answer["ok"] is False, answer
        assert set(answer) >= {"id", "codigo", "detail"}
        return str(answer["codigo"])

    def event(self, name: str) -> dict[str, Any]:
        """Wait for the next announcement of that name; those before it are dropped."""
        while True:
            found = self.events.pop(0) if self.events else self._read()
            if found.get("evento") == name:
                return found

    def told(self) -> list[dict[str, Any]]:
        """What has been announced until the server has looked at all that was asked, and not
        been looked at yet."""
        self.ok("ping")
        told, self.events = self.events, []
        return told

    def log_in(self, username: str, password: str = PASSWORD) -> Self:
        """Become a registered user; in the chat, go where everybody is."""
        welcome = self.ok("entrar", usuario=username, clave=password)
        if welcome.get("sala", "general") != "general":
            self.ok("sala", sala="general")
        return self


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
        """Every line until the server closes; ``nc`` ends then, if it has nothing more to send
        (Ctrl-D)."""
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


def new_alias(prefix: str = "visita") -> str:
    """An alias that nobody has had yet."""
    return f"{prefix}-" + "".join(
        "abcdefghkp"[int(digit)] for digit in str(next(_fences))
    )


def own_address() -> str:
    """An address of this machine that is not its loopback; a datagram socket that sends
    nothing tells it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
            found = str(one.getsockname()[0])
        except OSError:
            found = "127.0.0.1"
    if found.startswith("127."):
        pytest.skip("this machine has no address but its loopback")
    return found

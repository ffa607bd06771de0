"""A shop that really runs: ``trastienda serve`` as a process of its own, and somebody who calls it over HTTP."""

import json
import re
import signal
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.harness.shell import COMMAND, LINES_OFF, environment
from tests.harness.waiting import PATIENCE_S, eventually

ADMIN_PASSWORD = "clave-de-ana"
STAFF_PASSWORD = "clave-de-todos"


class Served:
    """A server process; what it writes goes to files beside its data folder, so that nothing ever waits for a pipe."""

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        arguments: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.urls: list[str] = []
        self._said = data.with_suffix(".out")
        self._complained = data.with_suffix(".err")
        self._offset = self._said.stat().st_size if self._said.exists() else 0
        with self._said.open("ab") as said, self._complained.open("ab") as complained:
            self.process = subprocess.Popen(
                [
                    *COMMAND,
                    "serve",
                    "--data",
                    str(data),
                    "--port",
                    str(port),
                    *LINES_OFF,
                    *arguments,
                ],
                cwd=data.parent,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=complained,
                env=environment({"admin_password": ADMIN_PASSWORD, **(settings or {})}),
            )

    def started(self) -> Self:
        """Wait until it listens."""
        eventually(
            lambda: "Para detener" in self.said or self.process.poll() is not None,
            "the server's first lines",
        )
        assert self.process.poll() is None, self.complained
        self.urls = re.findall(r"HTTP +(https?://\S+)", self.said)
        return self

    @property
    def said(self) -> str:
        """What this process has written to its standard output."""
        return (
            self._said.read_bytes()[self._offset :].decode()
            if self._said.exists()
            else ""
        )

    @property
    def complained(self) -> str:
        """What all servers of this folder have written to their standard error."""
        return self._complained.read_text() if self._complained.exists() else ""

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.urls[0].rpartition(":")[2])

    def say(self, line: bytes) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it as a power cut would: no handler of its own gets to run."""
        self.process.kill()
        self.process.wait()

    def ended(self, patience_s: float = PATIENCE_S) -> int:
        """Wait for its end and return its exit status."""
        return self.process.wait(patience_s)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit status."""
        self.process.send_signal(number)
        return self.ended()

    def __enter__(self) -> Self:
        return self.started()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()


class LostError(Exception):
    """The server went away, before or after it did what it was asked: nobody can tell."""


class Reply(NamedTuple):
    """An answer, its JSON decoded."""

    status: int
    headers: Mapping[str, str]
    value: Any

    @property
    def replayed(self) -> bool:
        """Whether it was given before."""
        return self.headers.get("idempotency-replayed") == "true"


class Caller:
    """A client with a connection that it keeps, and a token once it has logged in."""

    def __init__(
        self,
        port: int,
        token: str | None = None,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.port = port
        self._connection = (
            HTTPConnection(host, port, timeout=PATIENCE_S)
            if tls is None
            else HTTPSConnection(host, port, timeout=PATIENCE_S, context=tls)
        )
        self.token = token

    def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> Reply:
        """Ask for something; raise LostError where no whole answer came back."""
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            self._connection.request(
                method,
                path,
                None if body is None else json.dumps(body).encode(),
                headers,
            )
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise LostError from error
        value = json.loads(content) if content else None
        return Reply(
            answer.status,
            {name.lower(): text for name, text in answer.getheaders()},
            value,
        )

    def get(self, path: str) -> Any:
        """Return what is at ``path``."""
        reply = self.ask("GET", path)
        assert reply.status == 200, reply
        return reply.value

    def every(self, path: str) -> list[Any]:
        """Return all items of a list, page by page."""
        items: list[Any] = []
        cursor = ""
        while True:
            page = self.get(f"{path}?limite=200{cursor}")
            items += page["datos"]
            if page["siguiente"] is None:
                return items
            cursor = f"&cursor={page['siguiente']}"

    def post(self, path: str, body: object, *, key: str | None = None) -> Any:
        """Have something done that must succeed."""
        reply = self.ask("POST", path, body, key=key)
        assert reply.status in {200, 201}, reply
        return reply.value

    def login(self, username: str, password: str) -> str:
        """Log in, keep the token, and return the refresh token."""
        opened = self.post("/login", {"usuario": username, "clave": password})
        self.token = opened["token"]
        return str(opened["token_refresco"])

    def close(self) -> None:
        """Give up the connection; the next call opens another."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def hire(admin: Caller, rut: str, username: str) -> None:
    """Register a cashier."""
    person = {
        "rut": rut,
        "nombre": username.title(),
        "usuario": username,
        "clave": STAFF_PASSWORD,
        "tipo": "Cajero",
    }
    admin.post("/register", person)

"""A shop that runs: the real server in a process of its own, and what the tests say to it."""

import itertools
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from trastienda.domain.barcode import check_digit
from trastienda.domain.rut import check_digit as rut_digit

START_S = 60
STOP_S = 30
"""Far more than a start or a stop takes: a test that waits so long has failed, and must not hang."""

PASSWORD = "clave-de-prueba"
ANA_RUT, BETO_RUT, CLARA_RUT = "11111111-1", "22222222-2", "33333333-3"
PROBLEM = "application/problem+json"

_LINE_PORT = re.compile(r"^  (Inventario|Chat) +(\S+)")
_numbers = itertools.count(10_000_000)


def new_rut() -> str:
    """A RUT that nobody has had yet."""
    number = next(_numbers)
    return f"{number}-{rut_digit(number)}"


def new_code() -> str:
    """An EAN-13 that names nothing yet."""
    digits = f"7801{next(_numbers):08d}"
    return digits + check_digit(digits)


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


class Caller(httpx.Client):
    """Somebody who calls: a client that carries their token. Headers given to a call stand beside it."""

    def __init__(self, server: Server, token: str | None = None) -> None:
        super().__init__(base_url=server.url, timeout=60)
        self.token = token
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def ok(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        **more: Any,
    ) -> Any:
        """Call, expect success, and return the JSON."""
        if key is not None:
            more["headers"] = {"Idempotency-Key": key} | dict(more.get("headers", {}))
        answer = self.request(method, path, json=body, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def all(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, page after page."""
        rows: list[Any] = []
        while True:
            page = self.ok("GET", path, params=query)
            rows += page["datos"]
            if page["siguiente"] is None:
                return rows
            query["cursor"] = page["siguiente"]


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Expect a refusal, told as RFC 9457 wants it; return its body."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), (
        answer.text
    )
    problem: dict[str, Any] = answer.json()
    assert problem["codigo"] == code, problem
    assert problem["status"] == status
    assert all(
        isinstance(problem[name], str) and problem[name]
        for name in ("type", "title", "detail")
    )
    assert ("www-authenticate" in answer.headers) == (status == 401)
    return problem


def unfit(answer: httpx.Response, *fields: str) -> dict[str, str]:
    """Expect 422 naming exactly these fields; return the reasons."""
    told: dict[str, str] = refused(answer, 422, "datos_invalidos")["campos"]
    assert set(told) == set(fields), told
    return told


class RunningShop:
    """A shop with its server and its cast: Ana (Administrador), Beto (Cajero), Clara (a verified Cliente)."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.settings = settings
        self.server = Server(data, **settings)
        self._open: list[Caller] = []
        try:
            self._gather()
        except BaseException:
            self.server.stop()
            raise

    def _gather(self) -> None:
        self.nobody = self.caller()
        self.ana = self.enter("ana")
        self.add("Beto", "beto", "Cajero", BETO_RUT)
        self.add("Clara", "clara", "Cliente", CLARA_RUT)
        self.beto = self.enter("beto")
        self.clara = self.enter("clara")

    @property
    def by_role(self) -> Mapping[str, Caller]:
        """A caller for each role, and one for none."""
        return {
            "Administrador": self.ana,
            "Cajero": self.beto,
            "Cliente": self.clara,
            "nadie": self.nobody,
        }

    def caller(self, token: str | None = None) -> Caller:
        """A client with this token, or with none."""
        one = Caller(self.server, token)
        self._open.append(one)
        return one

    def login(self, username: str, password: str = PASSWORD) -> httpx.Response:
        """Log in."""
        return self.nobody.post("/login", json={"usuario": username, "clave": password})

    def enter(self, username: str, password: str = PASSWORD) -> Caller:
        """Log in, and return who calls from then on."""
        answer = self.login(username, password)
        assert answer.status_code == 200, answer.text
        return self.caller(answer.json()["token"])

    def add(
        self, name: str, username: str, tipo: str = "Cliente", rut: str | None = None
    ) -> dict[str, Any]:
        """Register somebody, as Ana does; return the user."""
        body = {
            "rut": rut or new_rut(),
            "nombre": name,
            "usuario": username,
            "clave": PASSWORD,
            "tipo": tipo,
        }
        user: dict[str, Any] = self.ana.ok("POST", "/register", body)
        return user

    def somebody(self, tipo: str = "Cliente") -> tuple[dict[str, Any], Caller]:
        """A new user, and a caller who is logged in as them."""
        username = f"u{next(_numbers)}"
        return self.add(f"Persona {username}", username, tipo), self.enter(username)

    def product(self, **fields: Any) -> dict[str, Any]:
        """A new product, 100 of it at $1.000 unless told otherwise."""
        body = {
            "codigo_barras": new_code(),
            "nombre": "Cosa",
            "precio": 1000,
            "stock": 100,
        } | fields
        made: dict[str, Any] = self.ana.ok("POST", "/product", body)
        return made

    def code(self, **fields: Any) -> str:
        """The code of a new product."""
        return str(self.product(**fields)["codigo_barras"])

    def stock(self, code: str) -> Any:
        """What is left of a product."""
        return self.ana.ok("GET", f"/product/barcode/{code}")["stock"]

    def sell(
        self,
        *lines: tuple[str, float | None],
        by: Caller | None = None,
        key: str | None = None,
        **more: Any,
    ) -> Any:
        """Sell, as Beto does; return the sale."""
        return (by or self.beto).ok(
            "POST", "/ventas-detalle", order(*lines, **more), key=key
        )

    def restart(self, *, kill: bool = False) -> None:
        """Stop (or kill) the server and start it again over the same data, elsewhere; callers keep their tokens."""
        if kill:
            self.server.kill()
        else:
            assert self.server.stop() == 0
        self.server = Server(self.server.data, **self.settings)
        for one in self._open:
            one.base_url = httpx.URL(self.server.url)

    def close(self) -> None:
        """Stop, and expect that nothing ever failed in there."""
        for one in self._open:
            one.close()
        status = self.server.stop()
        assert "failed" not in self.server.log, self.server.log
        assert "Traceback" not in self.server.log, self.server.log
        assert status == 0, self.server.log


def order(*lines: tuple[str, float | None], **more: Any) -> dict[str, Any]:
    """The body of a sale; a quantity None is left out."""
    return {
        "detalle": [
            {"codigo_barras": code}
            if quantity is None
            else {"codigo_barras": code, "cantidad": quantity}
            for code, quantity in lines
        ],
        **more,
    }

"""A shop that runs: a server, its cast, and products to sell."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from tests.harness.cast import (
    BETO_RUT,
    CLARA_RUT,
    PASSWORD,
    new_code,
    new_number,
    new_rut,
)
from tests.harness.http import Caller, order
from tests.harness.server import Server

FRESH_FOR_S = 5 * 60
"""How old the cast's tokens may be when a test begins; they are good for three times that."""


class RunningShop:
    """A shop with its server and its cast: Ana (Administrador), Beto (Cajero), Clara (a
    verified Cliente)."""

    def __init__(
        self, data: Path, *, cheap_passwords: bool = True, **settings: Any
    ) -> None:
        self.settings = settings
        self._cheap_passwords = cheap_passwords
        self.server = Server(data, cheap_passwords=cheap_passwords, **settings)
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
        self._logged_in_at = time.monotonic()

    def keep_logged_in(self) -> None:
        """Give the cast new tokens where theirs are old, however long the tests take."""
        if time.monotonic() - self._logged_in_at < FRESH_FOR_S:
            return
        for username in ("ana", "beto", "clara"):
            caller: Caller = getattr(self, username)
            caller.identify(self.token_of(username))
        self._logged_in_at = time.monotonic()

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
        return self.caller(self.token_of(username, password))

    def token_of(self, username: str, password: str = PASSWORD) -> str:
        """Log in, and return the access token."""
        answer = self.login(username, password)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

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
        username = f"u{new_number()}"
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
        """Stop (or kill) the server and start it again over the same data, elsewhere; callers
        keep their tokens."""
        if kill:
            self.server.kill()
        else:
            assert self.server.stop() == 0
        self.server = Server(
            self.server.data, cheap_passwords=self._cheap_passwords, **self.settings
        )
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

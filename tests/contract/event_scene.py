"""A shop where things happen that are announced, and everybody who may listen to it."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.harness import api_keys
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.http import Caller
from tests.harness.lines import Program, new_alias
from tests.harness.screens import Screen
from tests.harness.shop import RunningShop

from trastienda.storage.dialects import open_file
from trastienda.storage.transactions import Tx, writing


class Scene:
    """A running shop, and everybody who may listen to it."""

    def __init__(self, shop: RunningShop, stack: ExitStack) -> None:
        self.shop = shop
        self.stack = stack
        self.code: str = shop.code(stock=10_000, costo=700)
        self.retired: str = shop.code()
        shop.ana.ok("DELETE", f"/product/barcode/{self.retired}")
        self.stranger, stranger = self.new_stranger()
        gone, self.deactivated = shop.somebody()
        shop.ana.ok("DELETE", f"/users/{gone['rut']}")
        self.callers: dict[str, Caller] = {
            "sin verificar": stranger,
            "Cliente": shop.clara,
            "Cajero": shop.beto,
            "Administrador": shop.ana,
            "programa": api_keys.program(shop),
        }
        self.guest = stack.enter_context(Program(shop.server.chat))
        self.listener: str = new_alias()
        self.guest.ok("nombre", alias=self.listener)

    def new_stranger(self) -> tuple[str, Caller]:
        """The RUT of somebody who registers alone, and a caller for them."""
        rut = new_rut()
        body = {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD}
        self.shop.nobody.ok("POST", "/register", body)
        return rut, self.shop.enter(rut)

    def said(self) -> int:
        """The number of a message that a guest has just said."""
        return int(self.guest.ok("mensaje", texto="hola")["seq"])

    def screen(self, who: str) -> Screen:
        """A new screen of one of the callers, live."""
        screen = Screen.of(self.shop, self.callers[who], live=False)
        screen.send("salas")
        return self.stack.enter_context(screen)

    def in_the_books(self, work: Callable[[Tx], object]) -> None:
        """Do what the shop does by itself, in another process."""
        database = open_file(self.shop.server.data / "trastienda.db")
        with (
            database.connect() as connection,
            writing(connection, lambda: int(time.time() * 1000)) as transaction,
        ):
            work(transaction)

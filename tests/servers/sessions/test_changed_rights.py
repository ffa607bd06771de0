"""Whoever may see other things than before is told so, on every wire and in its place."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from tests.harness.http import Caller
from tests.harness.lines import Program
from tests.harness.listeners import Listener
from tests.harness.screens import Screen
from tests.harness.shop import RunningShop

ROLES = (("Cliente", "Cajero"), ("Cajero", "Administrador"), ("Cajero", "Cliente"))


class Ears(NamedTuple):
    """One account's connections, by every wire."""

    screen: Screen
    listener: Listener
    program: Program

    def told_until(self, code: str) -> list[list[tuple[str, int]]]:
        """What each wire told, up to the product of this code: names and numbers."""

        def is_it(body: Any) -> bool:
            return bool(body.get("codigo_barras") == code)

        self.screen.wait_for("producto", is_it)
        self.listener.wait_for("producto", is_it)
        lines = self.program.told()
        return [
            [(name, body["n"]) for name, body in self.screen.heard if "n" in body],
            [(one.name, one.body["n"]) for one in self.listener.heard],
            [(one["evento"], one["n"]) for one in lines if "n" in one],
        ]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as connections:
        yield connections


def listen(
    shop: RunningShop, stack: ExitStack, user: dict[str, Any], caller: Caller
) -> Ears:
    program = stack.enter_context(Program(shop.server.chat))
    program.log_in(user["usuario"])
    program.events.clear()
    return Ears(
        stack.enter_context(Screen.of(shop, caller)),
        stack.enter_context(Listener(shop, caller.token)),
        program,
    )


@pytest.mark.parametrize(("tipo", "new_tipo"), ROLES)
def test_a_new_role_is_a_hole_behind_the_account(
    shop: RunningShop, stack: ExitStack, tipo: str, new_tipo: str
) -> None:
    user, caller = shop.somebody(tipo)
    ears = listen(shop, stack, user, caller)
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": new_tipo})
    for told in ears.told_until(shop.code()):
        (_, n), (gap, gap_n), *_ = told[[name for name, _ in told].index("usuario") :]
        assert (gap, gap_n) == ("hueco", n + 1)
        assert [name for name, _ in told].count("hueco") == 1


def test_who_is_confirmed_is_told_and_who_comes_back_later_too(
    shop: RunningShop, stack: ExitStack
) -> None:
    user, caller = shop.somebody("Cliente")
    path = f"/users/{user['rut']}"
    shop.ana.ok("PUT", path, {"verificado": False})
    n = int(caller.get("/products?limite=1").headers["Trastienda-N"])
    ears = listen(shop, stack, user, caller)
    shop.beto.ok("PUT", path, {"verificado": True})
    screen, *others = ears.told_until(shop.code())
    hole = next(told for told in screen if told[0] == "hueco")
    assert all(hole in told for told in others)

    back = stack.enter_context(Screen.of(shop, caller, live=False))
    back.ok("reanudar", desde=n)
    assert [body["n"] for body in back.of_name("hueco")] == [hole[1]]
    assert back.numbers() == sorted(back.numbers())


def test_nobody_else_is_told_and_nothing_else_is_a_hole(
    shop: RunningShop, stack: ExitStack
) -> None:
    user, caller = shop.somebody("Cliente")
    path = f"/users/{user['rut']}"
    ana = stack.enter_context(Screen.of(shop, shop.ana))
    ears = listen(shop, stack, user, caller)
    shop.ana.ok("PUT", path, {"nombre": "Otro Nombre"})
    for told in ears.told_until(shop.code()):
        assert "hueco" not in dict(told)

    shop.ana.ok("PUT", path, {"tipo": "Cajero"})
    for told in ears.told_until(code := shop.code()):
        assert "hueco" in dict(told)
    ana.wait_for("producto", lambda body: body["codigo_barras"] == code)
    assert not ana.of_name("hueco")

"""People and programs at the line ports of the shop that the session shares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person, Program
from tests.harness.server import Server
from tests.harness.shop import RunningShop

OpenPerson = Callable[..., Person]
OpenProgram = Callable[..., Program]


@pytest.fixture
def hung_up() -> Iterator[ExitStack]:
    """Connections are closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def person(shop: RunningShop, hung_up: ExitStack) -> OpenPerson:
    """Connects a person to the chat, as ``person("pedro")``; to another one with ``at=server``."""

    def come(alias: str | None = None, at: Server | None = None, **more: Any) -> Person:
        return hung_up.enter_context(Person((at or shop.server).chat, alias, **more))

    return come


@pytest.fixture
def program(shop: RunningShop, hung_up: ExitStack) -> OpenProgram:
    """Connects a program: ``program("ana")`` logs in, ``program(alias="caja")`` is a guest."""

    def come(
        user: str | None = None,
        *,
        alias: str | None = None,
        at: Server | None = None,
        **more: Any,
    ) -> Program:
        one = hung_up.enter_context(Program((at or shop.server).chat, **more))
        if user is not None:
            one.log_in(user)
        if alias is not None:
            one.ok("nombre", alias=alias)
        one.events.clear()
        return one

    return come


@pytest.fixture
def counter(shop: RunningShop, hung_up: ExitStack) -> OpenProgram:
    """Connects a program to the inventory port, as a user or as nobody."""

    def come(
        user: str | None = None, *, at: Server | None = None, **more: Any
    ) -> Program:
        one = hung_up.enter_context(
            Program((at or shop.server).inventory, prompt=False, **more)
        )
        if user is not None:
            one.log_in(user)
        one.events.clear()
        return one

    return come


def typing(place: Server, username: str) -> Person:
    """Somebody with an account who types at the inventory port."""
    one = Person(place.inventory)
    one.line()
    one.send(f"entrar {username} {PASSWORD}")
    assert one.line().startswith("Hola, ")
    return one

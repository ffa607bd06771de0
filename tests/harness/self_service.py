"""People who buy and give back alone, through the actions."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop, key_of, sold
from tests.harness.cast import rows_of

from trastienda.actions import returns, sales
from trastienda.actions.once import Outcome
from trastienda.actions.sales import Selling
from trastienda.domain.errors import (
    ExcessiveReturn,
)
from trastienda.domain.events import Event, may_hear
from trastienda.domain.lists import Window
from trastienda.domain.people import Actor
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.storage import journal
from trastienda.storage import products as product_rows

UPC, EAN = "036000291452", "0036000291452"


def alone(
    stocked: TestShop,
    by: Actor,
    *lines: tuple[str, int],
    key: str | None = None,
    **more: Any,
) -> Selling:
    return replace(stocked.selling(*lines, by=by, key=key, **more), self_service=True)


def buy(
    stocked: TestShop, by: Actor, *lines: tuple[str, int], key: str | None = None
) -> Sale:
    return stocked.do(
        lambda transaction: sold(
            sales.sell(transaction, [alone(stocked, by, *lines, key=key)])[0]
        )
    )


def give_back(
    stocked: TestShop, by: Actor, code: str, milli: int, key: str | None = None
) -> Outcome[tuple[Return, ...]]:
    known = None if key is None else key_of(by, "give-back", key)
    return stocked.do(
        lambda transaction: returns.give_back(
            transaction, by, code, milli, "no lo quiero", known
        )
    )


def refused(
    stocked: TestShop, by: Actor, code: str, milli: int
) -> list[tuple[str, int, int]]:
    with pytest.raises(ExcessiveReturn) as refusal:
        give_back(stocked, by, code, milli)
    return rows_of(refusal.value.excesses)


def left(stocked: TestShop, code: str) -> int:
    return stocked.look(
        lambda snapshot: product_rows.by_codes(snapshot.connection, [code])
    )[code].stock_milli


def get(stocked: TestShop, by: Actor, sale_id: int) -> Sale:
    return stocked.look(lambda snapshot: sales.get(snapshot, by, sale_id))


def listed(stocked: TestShop, by: Actor) -> list[int]:
    return [
        sale.id
        for sale in stocked.look(
            lambda snapshot: sales.listed(snapshot, by, Window())
        ).items
    ]


def told_after(stocked: TestShop, n: int) -> Sequence[Event]:
    return stocked.look(lambda snapshot: journal.after(snapshot.connection, n, 1000))


def n_of(stocked: TestShop) -> int:
    return stocked.look(lambda snapshot: snapshot.n)


def hears(event: Event, who: Actor) -> bool:
    assert who.user_id is not None
    assert who.rut is not None
    return may_hear(
        event, user_id=who.user_id, role=who.role, rut=who.rut, verified=who.verified
    )

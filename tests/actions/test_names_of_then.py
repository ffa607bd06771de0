"""What was done stands under the name that its author had then."""

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop, done, sold
from tests.harness.past import BREAD, MILK, fill

from trastienda.actions import audit, people, purchases, returns, sales
from trastienda.actions.verification import verify
from trastienda.domain.lists import Window
from trastienda.domain.notifications import Facts, LargeReturn, Notification
from trastienda.domain.people import Person, UserChange
from trastienda.domain.purchases import Purchase, PurchaseOrder, PurchaseOrderLine
from trastienda.domain.returns import Return, ReturnOrder
from trastienda.storage.transactions import Snapshot, Tx

ALL = Window(limit=200)


@pytest.fixture
def full(books: TestShop) -> TestShop:
    """A shop with a past."""
    fill(books)
    return books


def rename(shop: TestShop, rut: str, name: str) -> None:
    wanted = UserChange(name=name)
    shop.do(partial(people.change, actor=shop.ana, rut=rut, wanted=wanted))


def authors(shop: TestShop) -> dict[str, list[Any]]:
    """Who did each thing, as it is shown now, the oldest first."""

    def read(state: Snapshot) -> dict[str, list[Any]]:
        sold = sales.listed(state, shop.ana, ALL).items
        taken_back = returns.listed(state, shop.ana, ALL).items
        bought = purchases.listed(state, shop.ana, ALL).items
        recorded = audit.listed(state, shop.ana, ALL).items
        return {
            "sales": [sale.seller for sale in reversed(sold)],
            "returns": [item.seller for item in reversed(taken_back)],
            "purchases": [purchase.buyer for purchase in reversed(bought)],
            "registros": [person for _, person in reversed(recorded)],
        }

    return shop.look(read)


def test_what_was_done_keeps_the_name_of_then(full: TestShop) -> None:
    before = authors(full)
    for rut in (full.ana.rut, full.beto.rut):
        assert rut is not None
        rename(full, rut, "Otra Persona")

    after = authors(full)
    assert {kind: after[kind][: len(before[kind])] for kind in before} == before
    assert full.look(verify) is None


def test_what_is_done_after_it_has_the_new_name(full: TestShop) -> None:
    assert full.beto.rut is not None
    for name in ("Berta", "Bertita"):
        rename(full, full.beto.rut, name)
        sale = full.sell((BREAD, 1000), (MILK, 1000))
        order = ReturnOrder(reason="vencido")
        full.do(
            partial(returns.take_back, actor=full.beto, sale_id=sale.id, order=order)
        )
        lines = [PurchaseOrderLine(MILK, 1000, 700)]
        purchase = PurchaseOrder(supplier="Lechera", lines=lines)
        full.do(partial(purchases.buy, actor=full.ana, order=purchase))

    shown = authors(full)
    assert [seller.name for seller in shown["sales"][-2:]] == ["Berta", "Bertita"]
    assert [seller.name for seller in shown["returns"][-2:]] == ["Berta", "Bertita"]
    assert [buyer.name for buyer in shown["purchases"][-2:]] == ["Ana", "Ana"]


def test_a_registro_is_found_by_the_name_that_it_shows(full: TestShop) -> None:
    assert full.beto.rut is not None
    search = Window(limit=200, search="Beto")
    before = full.look(lambda state: audit.listed(state, full.ana, search)).items
    rename(full, full.beto.rut, "Renata")
    after = full.look(lambda state: audit.listed(state, full.ana, search)).items
    # The renaming itself is Ana's, and tells the new name only.
    assert before
    assert after == before


def test_a_name_taken_with_the_clock_ahead_does_not_come_back(full: TestShop) -> None:
    assert full.beto.rut is not None
    right, ahead_ms = full.clock, full.clock() + 40 * 24 * 3600 * 1000
    full.clock = lambda: ahead_ms
    rename(full, full.beto.rut, "Berta")
    full.clock = right
    rename(full, full.beto.rut, "Bruno")
    full.sell((BREAD, 1000))
    full.clock = lambda: ahead_ms + 1
    full.sell((BREAD, 1000))

    sellers = [seller.name for seller in authors(full)["sales"][-2:]]
    assert sellers == ["Bruno", "Bruno"]


def test_what_is_answered_and_announced_has_the_name_of_now(full: TestShop) -> None:
    """The caller was looked up before they were renamed, and acts all the same."""
    assert full.ana.rut is not None
    rename(full, full.ana.rut, "Anita")

    def act(transaction: Tx) -> list[Person | None]:
        calls = [full.selling((BREAD, 1000), by=full.ana)]
        sale = sold(sales.sell(transaction, calls)[0])
        order = ReturnOrder(reason="vencido")
        outcome = returns.take_back(transaction, full.ana, sale.id, order)
        item = done(outcome, Return)
        lines = [PurchaseOrderLine(MILK, 1000, 700)]
        wanted = PurchaseOrder(supplier="Lechera", lines=lines)
        purchase = done(purchases.buy(transaction, full.ana, wanted), Purchase)
        announced = [event.subject for event in transaction.events]
        assert all(document in announced for document in (sale, item, purchase))
        return [sale.seller, item.seller, purchase.buyer]

    assert full.do(act) == [Person(full.ana.rut, "Anita")] * 3


def test_a_large_return_is_told_by_the_name_of_now(full: TestShop) -> None:
    assert full.beto.rut is not None
    sale = full.sell((BREAD, 1000))
    rename(full, full.beto.rut, "Berta")

    def take_back(transaction: Tx) -> list[Facts]:
        transaction.shop = replace(transaction.shop, large_return_minor=1)
        order = ReturnOrder(reason="vencido")
        returns.take_back(transaction, full.beto, sale.id, order)
        subjects = [event.subject for event in transaction.events]
        return [item.facts for item in subjects if isinstance(item, Notification)]

    (facts,) = full.do(take_back)
    assert isinstance(facts, LargeReturn)
    assert facts.by == "Berta"

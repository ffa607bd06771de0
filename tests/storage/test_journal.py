"""The journal: who reads it in order, from any point, knows the shop as it is."""

import pytest
from tests.harness.books import TestShop
from tests.harness.past import fill
from tests.journeys.replaying import Heard, replayed

from trastienda.actions import (
    past_sales,
    people,
    products,
    purchases,
    returns,
    sales,
    shop,
)
from trastienda.domain.events import Event, Kind
from trastienda.domain.lists import Window
from trastienda.domain.past_sales import PastDocument, PastGood, PastLine
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.storage import journal
from trastienda.storage.transactions import Snapshot, Tx

ALL = Window(limit=200)


@pytest.fixture
def full(books: TestShop) -> TestShop:
    """A shop in which everything that can be done has been done."""
    fill(books)
    books.do(
        lambda transaction: shop.change(
            transaction, books.ana, {"name": "La Otra Esquina"}
        )
    )
    lines = (PastLine("VELA", "Vela", 2000, 300, 600),)
    documents = [
        PastDocument(
            number=number,
            is_return=number.startswith("C"),
            at_ms=1,
            lines=lines,
            sale_number=of,
        )
        for number, of in (("A1", None), ("A2", None), ("CA2", "A2"), ("C9", None))
    ]
    goods = {"VELA": PastGood("VELA", "Vela", 300)}
    books.do(
        lambda transaction: past_sales.import_documents(
            transaction, books.ana, documents, goods
        )
    )
    return books


BY_HAND = {"536365", "C536379", "C536380"}
"""What :func:`fill` puts into the tables without the action that would announce it."""


def fresh(snapshot: Snapshot) -> Heard:
    """The shop as a listener sees it who comes just now."""
    actor = SHELL
    return Heard(
        n=snapshot.n,
        products={one.code: one for one in products.listed(snapshot, actor, ALL).items},
        sales={
            one.id: one
            for one in sales.listed(snapshot, actor, ALL).items
            if one.origin_number not in BY_HAND
        },
        returns={
            one.id: one
            for one in returns.listed(snapshot, actor, ALL).items
            if one.origin_number not in BY_HAND
        },
        purchases={one.id: one for one in purchases.listed(snapshot, actor, ALL).items},
        users={one.rut: one for one in people.everybody(snapshot, actor)},
        page=snapshot.shop,
    )


def told_after(snapshot: Snapshot, n: int) -> list[Event]:
    return list(journal.after(snapshot.connection, n, 10_000))


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_the_whole_journal_over_nothing_is_the_shop(full: TestShop, chunk: int) -> None:
    assert full.look(
        lambda snapshot: replayed(snapshot.connection, chunk=chunk)
    ) == full.look(fresh)


def test_a_snapshot_and_what_was_told_after_it_is_a_fresh_snapshot(
    full: TestShop,
) -> None:
    heard = full.look(fresh)
    full.sell(("SELLO", 1000), key="later")
    full.do(lambda transaction: products.retire(transaction, full.ana, "SELLO"))
    for event in full.look(lambda snapshot: told_after(snapshot, heard.n)):
        heard.hear(event)
    assert heard == full.look(fresh)


def test_it_is_read_in_order_after_a_number_and_no_further_than_asked(
    full: TestShop,
) -> None:
    n = full.look(lambda snapshot: snapshot.n)
    for after, limit in [(0, 1), (0, n), (5, 3), (n - 1, 10), (n, 10), (n + 5, 10)]:
        events = full.look(
            lambda snapshot, a=after, li=limit: journal.after(
                snapshot.connection, a, li
            )  # type: ignore[misc]
        )
        assert [event.n for event in events] == list(
            range(after + 1, min(after + limit, n) + 1)
        )


def test_every_kind_of_event_comes_back_as_it_was_told(full: TestShop) -> None:
    n = full.look(lambda snapshot: snapshot.n)

    def work(transaction: Tx) -> list[Event]:
        products.retire(transaction, full.ana, "42")
        wrong = ProductDraft(code="wrong", name="Error", price_minor=1)
        products.create(transaction, full.ana, wrong)
        products.delete(transaction, full.ana, "wrong")
        people.deactivate(transaction, full.ana, "33333333-3")
        return transaction.events

    told = full.do(work)
    assert full.look(lambda snapshot: told_after(snapshot, n)) == told
    kinds = {
        event.kind for event in full.look(lambda snapshot: told_after(snapshot, 0))
    }
    assert kinds >= set(Kind) - {
        Kind.SESSIONS_ENDED,
        Kind.RIGHTS_CHANGED,
        Kind.LOW_STOCK,
        Kind.DISCOUNT_EXPIRED,
        Kind.RUT_RELEASED,
        Kind.COPY_FAILED,
        Kind.NOTIFICATION_SEEN,
    }

"""Products through the actions alone."""

from functools import partial

import pytest
from tests.harness.books import TestShop

from trastienda.actions import products
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.events import Kind
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.storage.transactions import writing


def test_a_new_product_is_announced_before_its_stock(books: TestShop) -> None:
    with (
        books.database.connect() as connection,
        writing(connection, books.clock) as transaction,
    ):
        draft = ProductDraft(code="P", name="Pan", price_minor=990, stock_milli=5000)
        created = products.create(transaction, SHELL, draft).value
        assert [event.kind for event in transaction.events] == [
            Kind.PRODUCT,
            Kind.STOCK,
        ]
    assert created.stock_milli == 5000


def added(books: TestShop, *names: str) -> None:
    for number, name in enumerate(names):
        draft = ProductDraft(code=f"N{number}", name=name, price_minor=990)
        books.do(partial(products.create, actor=SHELL, draft=draft))


def named(books: TestShop, text: str) -> str:
    return books.look(
        lambda snapshot: products.named(snapshot, SHELL, text).product.name
    )


def test_a_name_may_be_written_as_one_word_or_with_the_other_mark(
    books: TestShop,
) -> None:
    added(books, "Coca-Cola 1,5 L", "Clavo 1/2", "Clavo")
    for text in ("coca-cola 1,5 l", "Coca Cola 1.5L", "cocacola 1.5 l"):
        assert named(books, text) == "Coca-Cola 1,5 L"
    assert named(books, "clavo 1-2") == "Clavo 1/2"
    for text in ("cocacola", "cocacola 15 l", "clavo 12", "-"):
        with pytest.raises(NotFound):
            named(books, text)


def test_a_name_written_just_so_comes_before_those_that_are_alike(
    books: TestShop,
) -> None:
    added(books, "Coca-Cola", "Coca Cola")
    assert named(books, "COCA-COLA") == "Coca-Cola"
    assert named(books, "coca cola") == "Coca Cola"
    with pytest.raises(Invalid):
        named(books, "cocacola")

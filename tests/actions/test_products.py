"""Products through the actions alone."""

from tests.harness.books import TestShop

from trastienda.actions import products
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

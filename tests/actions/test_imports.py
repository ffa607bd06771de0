"""An import is taken back as one, and a product that was never sold can be deleted."""

import sqlite3
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.journeys.replaying import replayed

from trastienda.actions import imports, product_import, products
from trastienda.actions.verification import verify
from trastienda.domain.errors import Forbidden, HasHistory, Invalid, NotFound
from trastienda.domain.imports import ImportSource
from trastienda.domain.lists import Window
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.people import SHELL
from trastienda.domain.product_lists import ListTerms
from trastienda.domain.products import Product, ProductChange, ProductDraft

REASON = "importación deshecha"


@pytest.fixture
def shop(tmp_path: Path) -> TestShop:
    return TestShop(tmp_path / "shop.db")


def row(code: str, price_minor: int = 100, **fields: object) -> ListedProduct:
    change = ProductChange(name=f"The {code}", price_minor=price_minor, **fields)  # type: ignore[arg-type]
    return ListedProduct(2, code, change)


def bring_in(shop: TestShop, *rows: ListedProduct) -> int | None:
    """Import a list whose stock counts, and return its number."""
    terms = ListTerms(replace_stock="importación")
    source = ImportSource("lista.csv")
    return shop.do(
        lambda transaction: product_import.import_products(
            transaction, SHELL, rows, terms, source
        )
    ).import_id


def undo(shop: TestShop, import_id: int | None) -> int:
    assert import_id is not None
    return shop.do(
        lambda transaction: imports.undo(transaction, SHELL, import_id, REASON)
    )


def all_products(shop: TestShop) -> dict[str, Product]:
    page = shop.look(lambda snapshot: products.listed(snapshot, SHELL, Window()))
    return {product.code: product for product in page.items}


def check_books(shop: TestShop) -> None:
    """Verify, and compare what the announcements say with what the shop has."""
    assert shop.look(verify) is None
    heard = shop.look(lambda snapshot: replayed(snapshot.connection))
    assert heard.products == all_products(shop)


def test_what_an_import_made_is_gone_and_its_codes_are_free(shop: TestShop) -> None:
    number = bring_in(shop, row("A", stock_milli=24_000), row("B"))
    assert undo(shop, number) == 2
    assert all_products(shop) == {}
    check_books(shop)
    assert bring_in(shop, row("A", 500)) == 2
    assert all_products(shop)["A"].price_minor == 500
    check_books(shop)


def test_what_an_import_changed_is_as_before(shop: TestShop) -> None:
    bring_in(shop, row("A", stock_milli=24_000, category="Tea"))
    before = all_products(shop)["A"]
    number = bring_in(shop, row("A", 999, stock_milli=3000, category="Coffee"))
    undo(shop, number)
    now = all_products(shop)["A"]
    assert (now.price_minor, now.stock_milli, now.category) == (100, 24_000, "Tea")
    assert now.version > before.version
    ledger = shop.look(lambda snapshot: products.ledger(snapshot, SHELL, "A", Window()))
    assert [movement.reason for movement in ledger.items] == [
        REASON,
        "importación",
        None,
    ]
    check_books(shop)


def test_imports_are_undone_one_after_the_other(shop: TestShop) -> None:
    first = bring_in(shop, row("A", stock_milli=1000))
    second = bring_in(shop, row("A", 200, stock_milli=5000), row("B"))
    with pytest.raises(Invalid, match="import_touched"):
        undo(shop, first)
    undo(shop, second)
    undo(shop, first)
    assert all_products(shop) == {}
    check_books(shop)


def test_an_import_of_which_something_was_sold_stays_whole(shop: TestShop) -> None:
    number = bring_in(shop, row("A", stock_milli=5000), row("B", stock_milli=5000))
    shop.sell(("B", 1000))
    with pytest.raises(Invalid) as caught:
        undo(shop, number)
    assert caught.value.data == {"codes": "B"}
    assert set(all_products(shop)) == {"A", "B"}


def test_an_import_of_which_something_was_changed_stays(shop: TestShop) -> None:
    number = bring_in(shop, row("A"))
    change = ProductChange(price_minor=1)
    shop.do(lambda transaction: products.change(transaction, SHELL, "A", change))
    with pytest.raises(Invalid, match="import_touched"):
        undo(shop, number)


def test_an_import_is_undone_once(shop: TestShop) -> None:
    number = bring_in(shop, row("A"))
    undo(shop, number)
    with pytest.raises(Invalid, match="import_undone"):
        undo(shop, number)
    with pytest.raises(NotFound):
        undo(shop, 77)
    (done,) = shop.look(lambda snapshot: imports.newest(snapshot, SHELL, 10))
    assert (done.id, done.rows, done.file) == (1, 1, "lista.csv")
    assert done.undone_at_ms is not None


def test_an_import_that_changes_nothing_has_no_number(shop: TestShop) -> None:
    bring_in(shop, row("A", stock_milli=1000))
    assert bring_in(shop, row("A", stock_milli=1000)) is None


def test_a_cashier_undoes_nothing(shop: TestShop) -> None:
    bring_in(shop, row("A"))
    with pytest.raises(Forbidden):
        shop.do(lambda transaction: imports.undo(transaction, shop.beto, 1, REASON))


def make(shop: TestShop, code: str, stock_milli: int = 0) -> None:
    draft = ProductDraft(code=code, name=code, price_minor=1, stock_milli=stock_milli)
    shop.do(lambda transaction: products.create(transaction, shop.ana, draft))


def delete(shop: TestShop, code: str) -> Product:
    return shop.do(lambda transaction: products.delete(transaction, shop.ana, code))


@pytest.mark.parametrize("stock_milli", [0, 7000])
def test_a_product_that_was_never_sold_is_deleted(
    shop: TestShop, stock_milli: int
) -> None:
    make(shop, "A", stock_milli)
    gone = delete(shop, "A")
    assert (gone.code, gone.active, gone.stock_milli) == ("A", False, 0)
    assert all_products(shop) == {}
    with pytest.raises(NotFound):
        shop.look(lambda snapshot: products.look_up(snapshot, SHELL, "A"))
    check_books(shop)
    make(shop, "A")
    check_books(shop)


def test_a_product_with_a_history_is_not_deleted(shop: TestShop) -> None:
    make(shop, "A", 7000)
    shop.sell(("A", 7000))
    make(shop, "B")
    count = ProductChange(stock_milli=1000, reason="conteo")
    shop.do(lambda transaction: products.change(transaction, shop.ana, "B", count))
    for code in ("A", "B"):
        with pytest.raises(HasHistory):
            delete(shop, code)
    assert set(all_products(shop)) == {"A", "B"}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE products SET code_key = 'A'",
        "UPDATE products SET active = 1",
        "UPDATE products SET removed_at_ms = 1",
        "UPDATE products SET removed_at_ms = NULL, code_key = 'A'",
    ],
)
def test_a_deleted_product_that_came_back_is_found(shop: TestShop, damage: str) -> None:
    make(shop, "A")
    delete(shop, "A")
    assert shop.look(verify) is None
    with sqlite3.connect(shop.path) as connection:
        connection.execute(damage)
    broken = shop.look(verify)
    assert broken is not None
    assert broken.table in {"products", "audit"}

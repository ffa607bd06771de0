"""Lists of products become products of the shop."""

from pathlib import Path

import pytest
from tests.harness.books import TestShop

from trastienda.actions import product_import, products
from trastienda.actions.product_import import ProductsImported
from trastienda.actions.verification import verify
from trastienda.domain.errors import Forbidden, Invalid
from trastienda.domain.imports import ImportSource
from trastienda.domain.lists import Window
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.people import SHELL
from trastienda.domain.product_lists import ListTerms
from trastienda.domain.products import Discount, Product, ProductChange, Unit


@pytest.fixture
def shop(tmp_path: Path) -> TestShop:
    return TestShop(tmp_path / "shop.db")


def row(code: str, price_minor: int = 100, **given: object) -> ListedProduct:
    return ListedProduct(
        2,
        code,
        ProductChange(name=f"The {code}", price_minor=price_minor, **given),  # type: ignore[arg-type]
    )


def bring_in(
    shop: TestShop, *rows: ListedProduct, replace_stock: str | None = None
) -> ProductsImported:
    return shop.do(
        lambda transaction: product_import.import_products(
            transaction,
            SHELL,
            rows,
            ListTerms(replace_stock=replace_stock),
            ImportSource("lista.csv"),
        )
    )


def product(shop: TestShop, code: str) -> Product:
    return shop.look(lambda snapshot: products.look_up(snapshot, SHELL, code)).product


def test_new_products_come_with_their_opening_stock(shop: TestShop) -> None:
    assert bring_in(
        shop, row("A", stock_milli=3000), row("B", unit=Unit.KILOGRAM)
    ) == ProductsImported(created=2, import_id=1)
    assert (product(shop, "A").stock_milli, product(shop, "B").unit) == (
        3000,
        Unit.KILOGRAM,
    )
    assert shop.look(verify) is None


def test_known_products_change_in_what_is_given_and_keep_their_stock(
    shop: TestShop,
) -> None:
    bring_in(shop, row("A", stock_milli=3000, category="Tea", cost_minor=50))
    assert bring_in(shop, row("A", 120, stock_milli=9000)) == ProductsImported(
        changed=1, import_id=2
    )
    now = product(shop, "A")
    assert (
        now.price_minor,
        now.stock_milli,
        now.category,
        now.cost_minor,
        now.version,
    ) == (120, 3000, "Tea", 50, 2)
    assert shop.look(verify) is None


def test_stock_is_corrected_only_where_that_is_asked_for(shop: TestShop) -> None:
    bring_in(shop, row("A", stock_milli=3000))
    assert bring_in(
        shop, row("A", stock_milli=9000), replace_stock="importación"
    ) == ProductsImported(changed=1, import_id=2)
    ledger = shop.look(lambda snapshot: products.ledger(snapshot, SHELL, "A", Window()))
    assert [(one.balance_milli, one.reason) for one in ledger.items] == [
        (9000, "importación"),
        (3000, None),
    ]
    assert shop.look(verify) is None


def test_the_same_list_twice_changes_nothing(shop: TestShop) -> None:
    bring_in(shop, row("A", stock_milli=3000))
    n = shop.look(lambda snapshot: snapshot.n)
    assert bring_in(shop, row("A", stock_milli=3000)) == ProductsImported(unchanged=1)
    assert shop.look(lambda snapshot: snapshot.n) == n


def test_what_does_not_suit_a_product_of_the_shop_is_named_before_anything_is_done(
    shop: TestShop,
) -> None:
    bring_in(shop, row("A", unit=Unit.KILOGRAM, stock_milli=500))
    rows = [row("B"), row("A", unit=Unit.PIECE)]
    checked = shop.look(lambda snapshot: product_import.check(snapshot, SHELL, rows))
    ((refused, invalid),) = checked.refused
    assert (refused.code, invalid.reason) == ("A", "parts_left")
    with pytest.raises(Invalid):
        bring_in(shop, *rows)
    assert (
        shop.look(lambda snapshot: products.listed(snapshot, SHELL, Window()))
        .items[0]
        .code
        == "A"
    )


def test_a_list_price_below_the_discount_that_stands_is_named(shop: TestShop) -> None:
    off = Discount(amount_minor=150, from_ms=0, until_ms=2**52)
    over = Discount(amount_minor=150, from_ms=0, until_ms=1)
    bring_in(shop, row("A", 200, discount=off), row("B", 200, discount=over))
    rows = [row("A", 149), row("B", 149), row("C", 149, discount=off)]
    checked = shop.look(lambda snapshot: product_import.check(snapshot, SHELL, rows))
    assert [(listed.code, invalid.field) for listed, invalid in checked.refused] == [
        ("A", "discount.amount"),
        ("C", "discount.amount"),
    ]


def test_a_list_does_not_count_by_unit_what_was_sold_in_fractions(
    shop: TestShop,
) -> None:
    bring_in(shop, row("QUESO", unit=Unit.KILOGRAM, stock_milli=2000))
    rows = [row("QUESO", unit=Unit.PIECE)]
    shop.sell(("QUESO", 500))
    shop.sell(("QUESO", 500))
    checked = shop.look(lambda snapshot: product_import.check(snapshot, SHELL, rows))
    assert [invalid.reason for _, invalid in checked.refused] == ["parts_sold"]
    with pytest.raises(Invalid):
        bring_in(shop, *rows)


def test_two_spellings_of_a_code_are_one_product(shop: TestShop) -> None:
    bring_in(shop, row("036000291452"))
    assert bring_in(shop, row("0036000291452", 500)) == ProductsImported(
        changed=1, import_id=2
    )


def test_a_cashier_imports_nothing(shop: TestShop) -> None:
    with pytest.raises(Forbidden):
        shop.do(
            lambda transaction: product_import.import_products(
                transaction,
                shop.beto,
                [row("A")],
                ListTerms(),
                ImportSource("lista.csv"),
            )
        )


def test_a_known_product_is_found_by_another_spelling_of_its_code(
    shop: TestShop,
) -> None:
    bring_in(shop, row("7804567000014"))
    assert bring_in(shop, row("07804567000014", 120)) == ProductsImported(
        changed=1, import_id=2
    )
    assert product(shop, "7804567000014").price_minor == 120

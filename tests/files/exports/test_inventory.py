"""``inventario.json`` as it is written, and as an import reads it."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from msgspec.structs import asdict, replace
from tests.harness.books import OPENING_DAY_MS, TestShop
from tests.harness.past import fill

from trastienda.actions import export, products
from trastienda.cli import main
from trastienda.domain.people import SHELL
from trastienda.domain.products import (
    Discount,
    Product,
    ProductChange,
    ProductDraft,
    Unit,
)
from trastienda.domain.shop import Shop
from trastienda.files.exports.inventory import inventory_out, sort_by_name
from trastienda.files.exports.rows import ShopLocale
from trastienda.storage.transactions import Snapshot

LOCALE = ShopLocale(ZoneInfo("America/Santiago"), 0)


def product(number: int, name: str, **more: Any) -> Product:
    return replace(
        Product(id=number, code=f"C{number}", name=name, price_minor=1990), **more
    )


def written(*goods: Product, locale: ShopLocale = LOCALE) -> dict[str, Any]:
    inventory: dict[str, Any] = json.loads(inventory_out(sort_by_name(goods), locale))
    return inventory


def shelf(shop: TestShop) -> list[dict[str, Any]]:
    """The active products, without id and version, which each shop counts itself."""

    def look(snapshot: Snapshot) -> list[Product]:
        everything = export.products(snapshot, SHELL)
        return [product for product in everything if product.active]

    entries = []
    for product in shop.look(look):
        fields = asdict(product)
        # A file has the cost as it is shown, in whole pesos.
        del fields["id"], fields["version"], fields["cost_rest_milli"]
        entries.append(fields)
    return sorted(entries, key=lambda fields: str(fields["code"]))


def brought_over(first: TestShop, second: TestShop, file: Path) -> None:
    """Write what one shop has, and import it into another."""
    locale = ShopLocale(
        first.look(lambda snapshot: snapshot.shop.time_zone),
        first.look(lambda snapshot: snapshot.shop.exponent),
    )
    file.write_bytes(
        first.look(
            lambda snapshot: inventory_out(
                sort_by_name(export.products(snapshot, SHELL)), locale
            )
        )
    )
    arguments = ["import", str(file), "--data", str(second.path.parent)]
    ran = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert "aviso" not in ran.output


@pytest.fixture
def shops(tmp_path: Path) -> Any:
    opened: list[TestShop] = []

    def open_one(name: str, currency: str = "CLP") -> TestShop:
        (tmp_path / name).mkdir()
        opened.append(
            TestShop(
                tmp_path / name / "trastienda.db",
                Shop(name="La Esquina", currency=currency),
            )
        )
        return opened[-1]

    return open_one


def test_an_entry_has_the_fields_of_its_product() -> None:
    assert written(
        product(
            1, "Pan", stock_milli=12_000, min_stock_milli=2000, category="Panadería"
        )
    ) == {
        "Pan": {
            "precio": 1990,
            "cantidad": 12,
            "codigo_barras": "C1",
            "unidad": "un",
            "categoria": "Panadería",
            "stock_minimo": 2,
        }
    }


def test_money_is_in_units_and_numbers_are_json_numbers() -> None:
    cheese = product(
        1,
        "Queso",
        price_minor=1999,
        stock_milli=350,
        unit=Unit.KILOGRAM,
        cost_minor=1205,
    )
    text = inventory_out([cheese], ShopLocale(LOCALE.time_zone, 2)).decode()
    assert '"precio": 19.99' in text
    assert '"cantidad": 0.35' in text
    assert '"costo": 12.05' in text


def test_the_file_is_indented() -> None:
    text = inventory_out(
        [product(1, "Ñandú 🍞"), product(2, 'Comilla " y \\')], LOCALE
    ).decode()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    assert '\n  "Ñandú 🍞": {\n    "precio": 1990,\n' in text


def test_names_are_sorted_and_retired_products_left_out() -> None:
    names = ["zapallo", "Ácido", "Pan", "ñandú", "Nuez", "manzana"]
    goods = [product(number, name) for number, name in enumerate(names)]
    goods.append(product(99, "Radio", active=False))
    assert list(written(*goods)) == [
        "Ácido",
        "manzana",
        "ñandú",
        "Nuez",
        "Pan",
        "zapallo",
    ]


def test_several_thousand_products_are_sorted() -> None:
    count = 3000
    goods = [
        product(number, f"Cosa {number * 7 % count:04}") for number in range(count)
    ]
    assert list(written(*goods)) == [f"Cosa {number:04}" for number in range(count)]


def test_a_shop_without_products_has_an_empty_inventory() -> None:
    assert written() == {}


def test_products_with_the_same_name_get_different_keys() -> None:
    goods = [
        product(5, "Pan"),
        product(2, "Pan", code="A"),
        product(7, "Pan", code="B"),
        product(1, "Pan (B)"),
        product(9, "Pan (C5)", code="D"),
    ]
    pairs: list[tuple[str, Any]] = json.loads(
        inventory_out(sort_by_name(goods), LOCALE), object_pairs_hook=list
    )
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys) == len(goods)
    found = written(*goods)
    codes = {key: entry["codigo_barras"] for key, entry in found.items()}
    assert codes["Pan"] == "A"
    assert (codes["Pan (B)"], codes["Pan (C5)"]) == ("C1", "D")
    assert [entry.get("nombre", key) for key, entry in found.items()].count("Pan") == 3


def test_importing_it_gives_another_shop_the_same_products(
    shops: Callable[..., TestShop], tmp_path: Path
) -> None:
    first, second = shops("first"), shops("second")
    fill(first)
    discount = Discount(
        share_bp=1250, from_ms=OPENING_DAY_MS, until_ms=2 * OPENING_DAY_MS + 7
    )
    first.do(
        lambda transaction: products.change(
            transaction, first.ana, "7801234000025", ProductChange(discount=discount)
        )
    )
    drafts = [
        ProductDraft(
            code="12345670000", name="Pan de molde", price_minor=500, stock_milli=1000
        ),
        ProductDraft(
            code="7801234000019",
            in_house=True,
            name="Pan de molde (SELLO)",
            price_minor=1,
            cost_minor=7,
        ),
        ProductDraft(
            code="{x}", name='{"a": 1}', price_minor=0, exempt=True, category="Ñuñoa 🍞"
        ),
    ]
    for draft in drafts:
        first.do(
            partial(products.create, actor=first.ana, draft=draft, idempotency_key=None)
        )
    brought_over(first, second, tmp_path / "inventario.json")
    assert len(shelf(first)) > 8
    assert shelf(second) == shelf(first)


@pytest.mark.parametrize("currency", ["USD", "KWD"])
def test_cents_survive_the_round_trip(
    shops: Callable[..., TestShop], tmp_path: Path, currency: str
) -> None:
    first, second = shops("first", currency), shops("second", currency)
    for number, price_minor in enumerate((1, 100, 1005, 123_456_789, 10**12)):
        draft = ProductDraft(
            code=f"C{number}",
            name=f"Cosa {number}",
            price_minor=price_minor,
            cost_minor=price_minor // 3,
            unit=Unit.KILOGRAM,
            stock_milli=price_minor % 10**6,
        )
        first.do(
            partial(products.create, actor=first.ana, draft=draft, idempotency_key=None)
        )
    brought_over(first, second, tmp_path / "inventario.json")
    assert shelf(second) == shelf(first)

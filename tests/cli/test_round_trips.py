"""An export, imported into another shop, gives the same products and sales."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict
from tests.harness.books import OPENING_DAY_MS, TestShop
from tests.harness.past import BREAD, MILK, fill
from tests.harness.tiers import tier

from trastienda.actions import export, products, verification
from trastienda.cli import main
from trastienda.domain.barcode import key
from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Window
from trastienda.domain.past_sales import number_of
from trastienda.domain.payments import Method
from trastienda.domain.people import SHELL
from trastienda.domain.products import (
    Discount,
    Product,
    ProductChange,
    ProductDraft,
    Unit,
)
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.domain.text import clean
from trastienda.storage.transactions import Snapshot

T = TypeVar("T")
Shops = Callable[[str], TestShop]
ALWAYS = Window()
FORMATS = ["csv", "xlsx", "jsonl"]


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, [*arguments, "--data", str(folder)], catch_exceptions=False
    )


def done(folder: Path, *arguments: str) -> str:
    result = run(folder, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    def open_one(name: str) -> TestShop:
        (tmp_path / name).mkdir()
        return TestShop(tmp_path / name / "trastienda.db")

    return open_one


def filled(shop: TestShop) -> None:
    """Everything that a shop can do; its discounts as HTTP takes them, which knows no
    times before 1980."""
    fill(shop)
    discount = Discount(
        share_bp=1250, from_ms=OPENING_DAY_MS, until_ms=2 * OPENING_DAY_MS + 7
    )
    shop.do(
        lambda transaction: products.change(
            transaction, shop.ana, MILK, ProductChange(discount=discount)
        )
    )


def folder(shop: TestShop) -> Path:
    return shop.path.parent


def every(shop: TestShop, read: Callable[..., Iterator[T]], *arguments: Any) -> list[T]:
    def look(snapshot: Snapshot) -> list[T]:
        return list(read(snapshot, SHELL, *arguments))

    return shop.look(look)


def shelf(shop: TestShop) -> list[dict[str, Any]]:
    shelf_products: list[Product] = every(shop, export.products)
    # A file has the cost as it is shown, in whole pesos.
    own = {"id", "version", "cost_rest_milli"}
    return [
        {k: v for k, v in asdict(product).items() if k not in own}
        for product in shelf_products
    ]


def number(own: int | None, origin: str | None, *, is_return: bool) -> str:
    """The number that a document has in an export of the shop where it was made."""
    return origin or number_of(own, None, is_return=is_return)


def sales(shop: TestShop) -> list[dict[str, Any]]:
    """What has to come back of every sale."""
    return sorted(
        (sale(document) for document in every(shop, export.sales, ALWAYS)),
        key=lambda document: str(document["number"]),
    )


def sale(document: Sale) -> dict[str, Any]:
    paid_minor: dict[Method, int] = {}
    for payment in document.payments:
        if (
            payment.method is not Method.CASH and payment.amount_minor
        ):  # cash is rounded, and its rounding stays behind
            paid_minor[payment.method] = (
                paid_minor.get(payment.method, 0) + payment.amount_minor
            )
    return {
        "number": number(document.folio, document.origin_number, is_return=False),
        "lines": [
            (
                line.code,
                line.name,
                line.quantity_milli,
                line.unit_price_minor,
                line.discount_minor,
                line.total_minor,
            )
            for line in document.lines
        ],
        "exempt": [line.exempt for line in document.lines],
        "sums": (
            document.at_ms,
            document.net_minor,
            document.vat_minor,
            document.exempt_minor,
            document.total_minor,
        ),
        "paid": paid_minor,
        "who": (document.customer_rut, document.owed_minor),
    }


def returns(shop: TestShop) -> list[Any]:
    documents = every(shop, export.returns, ALWAYS)
    names = {
        document.id: number(document.folio, document.origin_number, is_return=False)
        for document in every(shop, export.sales, ALWAYS)
    }
    comparable = (
        returned(one.document, names.get(one.document.sale_id or 0))
        for one in documents
        if one.document.origin_number != UNFIT
    )
    return sorted(comparable, key=str)


def returned(document: Return, of: str | None) -> Any:
    lines = [
        (line.code, line.name, line.quantity_milli, line.total_minor, line.exempt)
        for line in document.lines
    ]
    sums = (
        document.at_ms,
        document.net_minor,
        document.vat_minor,
        document.exempt_minor,
        document.total_minor,
    )
    return (
        number(document.id, document.origin_number, is_return=True),
        of,
        lines,
        sums,
        document.reason,
        document.debt_reduced_minor,
    )


UNFIT = "C536380"
"""A return that the books of the tests have under a sale that it does not fit;
importing it does not put it there."""


def carried(first: TestShop, second: TestShop, where: Path, form: str) -> None:
    for table_name in ("productos", "ventas"):
        done(
            folder(first),
            "export",
            str(where / f"{table_name}.{form}"),
            "--what",
            table_name,
        )
        done(folder(second), "import", str(where / f"{table_name}.{form}"))


@pytest.mark.parametrize("form", FORMATS)
def test_sales_and_returns_come_back_in_another_shop(
    shops: Shops, tmp_path: Path, form: str
) -> None:
    first, second = shops("first"), shops("second")
    filled(first)
    carried(first, second, tmp_path, form)
    assert len(returns(first)) > 5
    assert shelf(second) == shelf(first)
    assert sales(second) == sales(first)
    assert returns(second) == returns(first)
    assert second.look(verification.verify) is None
    again = done(folder(second), "import", str(tmp_path / f"ventas.{form}"))
    assert "Importadas 0 ventas y 0 devoluciones" in again
    assert "0 nuevos, 0 cambiados" in done(
        folder(second), "import", str(tmp_path / f"productos.{form}")
    )


@pytest.mark.parametrize("form", FORMATS)
def test_importing_its_own_export_changes_nothing(
    shops: Shops, tmp_path: Path, form: str
) -> None:
    first = shops("first")
    filled(first)
    done(folder(first), "export", str(tmp_path / f"ventas.{form}"), "--what", "ventas")
    said = done(folder(first), "import", str(tmp_path / f"ventas.{form}"))
    assert "Importadas 0 ventas y 0 devoluciones" in said


def test_an_export_of_an_import_has_the_same_numbers(
    shops: Shops, tmp_path: Path
) -> None:
    first, second, third = shops("first"), shops("second"), shops("third")
    filled(first)
    carried(first, second, tmp_path, "csv")
    second.sell((BREAD, 1000))
    carried(second, third, tmp_path, "xlsx")
    sums = [(document["sums"], document["lines"]) for document in sales(second)]
    assert sorted(
        (document["sums"], document["lines"]) for document in sales(third)
    ) == sorted(sums)
    assert len({document["number"] for document in sales(third)}) == len(sums)


@pytest.mark.parametrize("form", ["xlsx", "jsonl"])
def test_products_and_sales_are_imported_from_an_export_of_everything(
    shops: Shops, tmp_path: Path, form: str
) -> None:
    first, second = shops("first"), shops("second")
    filled(first)
    file = str(tmp_path / f"todo.{form}")
    done(folder(first), "export", file, "--what", "todo")
    done(folder(second), "import", file, "--kind", "productos")
    done(
        folder(second),
        "import",
        file,
        "--kind",
        "ventas",
        *(["--sheet", "ventas"] if form == "xlsx" else []),
    )
    assert shelf(second) == shelf(first)
    assert sales(second) == sales(first)
    assert returns(second) == returns(first)


NASTY = [
    "=SUM(A1)",
    "-1",
    "+1",
    "@x",
    "'",
    "'=1",
    "''+1",
    '"',
    '";"',
    "a;b",
    "a,b",
    "1.990",
    "1,5",
    "007",
    "🍞 pan",
    "__",
]
NASTY += [
    "_x0041_",
    "<&>",
    "si",
    "2026-01-02",
    "1E5",
    "＝1",  # noqa: RUF001
    "ñandú",
    "\u066b",
    "{",
    "[1]",
    "null",
    "#N/A",
    "a\u00a0b",
]
NAMES = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20),
)
CODES = st.one_of(
    st.sampled_from(
        [
            "=1",
            "-1",
            "+2",
            "@a",
            "'a",
            "'=1",
            "1,5",
            "1.990",
            "TRUE",
            "0042",
            "1E5X",
            "7804567000014",
        ]
    ),
    st.from_regex(r"[!-.0-~]{1,12}", fullmatch=True),
)
EXAMPLES = tier(2, full=20)
"""Each makes two shops and up to a dozen products of them."""
MONEY = st.one_of(st.integers(0, 10**5), st.integers(0, 10**12))


@st.composite
def draft(draw: st.DrawFn, code: str) -> ProductDraft:
    unit = draw(st.sampled_from(Unit))
    step = 1000 if unit is Unit.PIECE else 1
    quantity = st.integers(0, 10**6).map(lambda count: count * step)
    price_minor = draw(MONEY)
    share = draw(st.booleans()) or price_minor == 0
    discount = Discount(
        share_bp=draw(st.integers(1, 10_000)) if share else None,
        amount_minor=None if share else draw(st.integers(1, price_minor)),
        from_ms=OPENING_DAY_MS + draw(st.integers(0, 10**9)),
        until_ms=OPENING_DAY_MS + 2 * 10**9,
    )
    return ProductDraft(
        code=code,
        name=draw(NAMES),
        price_minor=price_minor,
        in_house=True,
        cost_minor=draw(MONEY),
        stock_milli=draw(quantity),
        min_stock_milli=draw(quantity),
        category=draw(st.none() | NAMES),
        unit=unit,
        exempt=draw(st.booleans()),
        active=draw(st.booleans()),
        discount=draw(st.sampled_from([None, discount])),
    )


def fit(drawn_draft: ProductDraft) -> bool:
    try:
        drawn_draft.to_product(0)
    except Invalid:
        return False
    return clean(drawn_draft.name, "name") != ""


@pytest.mark.parametrize("form", [*FORMATS, "json"])
@pytest.mark.parametrize("currency", ["CLP", "USD", "KWD"])
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    drawn=st.lists(CODES, min_size=1, max_size=12, unique_by=key).flatmap(
        lambda c: st.tuples(*map(draft, c))
    )
)
def test_products_of_any_name_are_imported_from_an_export(
    form: str, currency: str, drawn: tuple[ProductDraft, ...]
) -> None:
    with tempfile.TemporaryDirectory() as where:
        pair = []
        for name in ("first", "second"):
            (Path(where) / name).mkdir()
            page = Shop(name="La Esquina", currency=currency, country="CL")
            pair.append(TestShop(Path(where) / name / "trastienda.db", page))
        first, second = pair
        for drawn_draft in filter(fit, drawn):
            first.do(
                partial(
                    products.create,
                    actor=first.ana,
                    draft=drawn_draft,
                    idempotency_key=None,
                )
            )
        file = str(Path(where) / f"productos.{form}")
        done(folder(first), "export", file)
        if shelf(first):
            done(folder(second), "import", file, "--kind", "productos")
        assert shelf(second) == shelf(first)

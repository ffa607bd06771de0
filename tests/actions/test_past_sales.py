"""Past sales become sales and returns of the shop, and change no stock."""

import csv
import random
from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.harness.books import TestShop

from trastienda.actions import past_sales, products, returns, sales
from trastienda.actions.past_sales import ImportedCount
from trastienda.actions.verification import verify
from trastienda.domain import events
from trastienda.domain.errors import Forbidden
from trastienda.domain.lists import Window
from trastienda.domain.movements import Cause
from trastienda.domain.past_sales import in_chunks
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft, Unit
from trastienda.domain.returns import Return, ReturnOrder
from trastienda.domain.sales import OrderLine, Sale, SaleOrder
from trastienda.domain.shop import Shop
from trastienda.files.imports import past_sales as past_sale_files
from trastienda.files.imports.options import ImportOptions
from trastienda.storage import journal

LONDON = ZoneInfo("Europe/London")
HEADER = (
    "InvoiceNo,StockCode,Description,Quantity,"
    "InvoiceDate,UnitPrice,CustomerID,OriginalInvoice\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> TestShop:
    page = Shop(
        name="Giftware",
        country="GB",
        currency="GBP",
        timezone="Europe/London",
        vat_bp=2000,
    )
    return TestShop(tmp_path / "shop.db", page)


def bring_in(shop: TestShop, path: Path) -> ImportedCount:
    count = ImportedCount()
    options = ImportOptions(exponent=2, time_zone=LONDON, date_order="mdy")
    with past_sale_files.read(path, options) as found:
        for chunk in in_chunks(found.documents()):
            count += shop.do(
                lambda transaction, chunk=chunk: past_sales.import_documents(  # type: ignore[misc]
                    transaction, SHELL, chunk, found.goods
                )
            )
    return count


def written(folder: Path, *rows: str) -> Path:
    path = folder / "retail.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows), "utf-8")
    return path


def all_sales(shop: TestShop) -> list[Sale]:
    return shop.look(
        lambda snapshot: sales.listed(snapshot, SHELL, Window(limit=10_000))
    ).items


def all_returns(shop: TestShop) -> list[Return]:
    return shop.look(
        lambda snapshot: returns.listed(snapshot, SHELL, Window(limit=10_000))
    ).items


def test_an_imported_sale_has_no_folio_and_no_seller_but_its_own_number_day_and_prices(
    shop: TestShop, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "7,A1,TIN,6,12/1/10 8:26,2.55,17850,",
        "7,A1,TIN,1,12/1/10 8:26,3,17850,",
    )
    assert bring_in(shop, path) == ImportedCount(sales=1, products=1)
    (sale,) = all_sales(shop)
    assert (sale.folio, sale.seller, sale.customer_rut, sale.origin_number) == (
        None,
        None,
        None,
        "7",
    )
    assert (sale.at_ms, sale.total_minor, sale.owed_minor) == (
        1_291_191_960_000,
        1830,
        0,
    )
    assert [(line.unit_price_minor, line.quantity_milli) for line in sale.lines] == [
        (255, 6000),
        (300, 1000),
    ]
    assert (
        shop.look(
            lambda snapshot: products.look_up(snapshot, SHELL, "A1")
        ).product.price_minor
        == 300
    )
    assert shop.look(verify) is None


def test_the_next_sale_still_has_the_first_folio(
    shop: TestShop, tmp_path: Path
) -> None:
    bring_in(shop, written(tmp_path, "7,A1,TIN,6,12/1/10 8:26,2.55,,"))
    assert shop.do(lambda transaction: transaction.peek("folio")) == 1


def test_stock_is_what_it_was_and_never_went_below_it(
    shop: TestShop, tmp_path: Path
) -> None:
    shop.do(
        lambda transaction: products.create(
            transaction,
            SHELL,
            ProductDraft(code="A1", name="Tin", price_minor=1, stock_milli=5000),
        )
    )
    bring_in(
        shop,
        written(
            tmp_path,
            "7,A1,TIN,6,12/1/10 8:26,2.55,,",
            "C8,A1,TIN,-4,12/1/10 9:00,2.55,,",
        ),
    )
    product = shop.look(lambda snapshot: products.named(snapshot, SHELL, "A1")).product
    ledger = shop.look(
        lambda snapshot: products.ledger(snapshot, SHELL, "A1", Window())
    )
    assert (product.stock_milli, product.name, product.price_minor) == (5000, "Tin", 1)
    assert [
        (one.cause, one.quantity_milli, one.balance_milli)
        for one in reversed(ledger.items)
    ] == [
        (Cause.OPENING, 5000, 5000),
        (Cause.HISTORY, 6000, 11000),
        (Cause.SALE, -6000, 5000),
        (Cause.RETURN, 4000, 9000),
        (Cause.HISTORY, -4000, 5000),
    ]
    assert shop.look(verify) is None


def test_the_same_file_twice_adds_nothing(shop: TestShop, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "7,A1,TIN,6,12/1/10 8:26,2.55,,",
        "7,A1,TIN,-1,12/1/10 8:26,2.55,,",
        "C8,D,X,-1,12/1/10 9:00,1,,",
    )
    bring_in(shop, path)
    before = shop.look(
        lambda snapshot: (snapshot.n, all_sales(shop), all_returns(shop))
    )
    with past_sale_files.read(
        path, ImportOptions(exponent=2, time_zone=LONDON, date_order="mdy")
    ) as found:
        listed = list(found.documents())
    assert (
        shop.look(lambda snapshot: past_sales.already_there(snapshot, SHELL, listed))
        == 3
    )
    assert bring_in(shop, path) == ImportedCount(already=3)
    assert (
        shop.look(lambda snapshot: (snapshot.n, all_sales(shop), all_returns(shop)))
        == before
    )


def test_a_return_is_of_the_sale_that_it_names_where_it_fits(
    shop: TestShop, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "7,A1,TIN,6,12/1/10 8:26,2.55,,",
        "C8,A1,TIN,-4,12/2/10 9:00,2.55,,7",
        "C9,A1,TIN,-1,12/2/10 9:00,2.55,,7",
        "C10,A1,TIN,-4,12/2/10 9:00,2.55,,7",  # more than is left
        "C11,A1,TIN,-1,12/2/10 9:00,9.99,,7",  # more than it cost
        "C12,A1,TIN,-1,12/2/10 9:00,2.55,,6",  # of nothing that is known
    )
    bring_in(shop, path)
    (sale,) = all_sales(shop)
    found = {one.origin_number: one.sale_id for one in all_returns(shop)}
    assert found == {
        "C8": sale.id,
        "C9": sale.id,
        "C10": None,
        "C11": None,
        "C12": None,
    }
    left = shop.do(
        lambda transaction: returns.take_back(
            transaction, shop.ana, sale.id, ReturnOrder(reason="late")
        )
    ).value
    assert left.total_minor == 255
    assert shop.look(verify) is None


def test_gifts_write_offs_and_goods_by_weight_are_taken(
    shop: TestShop, tmp_path: Path
) -> None:
    bring_in(
        shop,
        written(
            tmp_path,
            "7,A1,,6,12/1/10 8:26,0,,",
            "8,A1,lost,-3,12/1/10 8:26,0,,",
            "9,Q,CHEESE,0.25,12/1/10,8,,",
        ),
    )
    assert sorted(one.total_minor for one in all_sales(shop)) == [0, 200]
    assert [one.total_minor for one in all_returns(shop)] == [0]
    assert (
        shop.look(lambda snapshot: products.look_up(snapshot, SHELL, "Q")).product.unit
        is Unit.KILOGRAM
    )
    assert shop.look(verify) is None


def test_a_code_that_only_looks_like_a_gtin_is_the_shops_own(
    shop: TestShop, tmp_path: Path
) -> None:
    bring_in(shop, written(tmp_path, "7,12345678,TIN,1,12/1/10 8:26,1,,"))
    assert shop.look(
        lambda snapshot: products.look_up(snapshot, SHELL, "12345678")
    ).product.in_house


def test_what_was_announced_is_told_to_administrators_only(
    shop: TestShop, tmp_path: Path
) -> None:
    before = shop.look(lambda snapshot: snapshot.n)
    bring_in(
        shop,
        written(
            tmp_path, "7,A1,TIN,1,12/1/10 8:26,1,,", "C8,A1,TIN,-1,12/1/10 9:00,1,,"
        ),
    )
    told = shop.look(lambda snapshot: journal.after(snapshot.connection, before, 100))
    assert [one.kind for one in told] == [
        events.Kind.PRODUCT,
        events.Kind.SALE,
        events.Kind.RETURN,
    ]
    assert [one.audience for one in told[1:]] == [events.ADMINISTRATORS] * 2


def test_a_cashier_imports_nothing(shop: TestShop) -> None:
    with pytest.raises(Forbidden):
        shop.do(
            lambda transaction: past_sales.import_documents(
                transaction, shop.beto, [], {}
            )
        )


def test_totals_by_day_are_those_worked_out_straight_from_the_file(
    shop: TestShop, tmp_path: Path
) -> None:
    draw = random.Random(7)
    rows = []
    for number in range(400):
        sign, letter = (-1, "C") if draw.random() < 0.1 else (1, "")
        day = f"{draw.choice((6, 7))}/{draw.randint(1, 28)}/11"
        moment = f"{day} {draw.randint(0, 23)}:{draw.randint(0, 59):02d}"
        for _ in range(draw.randint(1, 8)):
            quantity, price = (
                sign * draw.randint(1, 50),
                draw.choice(["0", "0.85", "2.55", "0.125", "12.5", "3"]),
            )
            rows.append(
                f"{letter}{5000 + number},P{draw.randint(1, 60)},NAME,{quantity},{moment},{price},,"
            )
    draw.shuffle(rows)
    path = written(tmp_path, *rows)
    count = bring_in(shop, path)
    assert count.sales + count.returns == 400

    expected: defaultdict[tuple[str, bool], int] = defaultdict(int)
    with path.open() as file:
        for row in csv.DictReader(file):
            minor = abs(Decimal(row["Quantity"])) * Decimal(row["UnitPrice"]) * 100
            day = row["InvoiceDate"].split()[0]
            expected[day, int(row["Quantity"]) < 0] += int(
                minor.quantize(Decimal(1), ROUND_HALF_UP)
            )
    found: defaultdict[tuple[str, bool], int] = defaultdict(int)
    for is_return, documents in ((False, all_sales(shop)), (True, all_returns(shop))):
        for one in documents:
            found[_day(one.at_ms), is_return] += one.total_minor
    assert found == expected
    assert shop.look(verify) is None


def _day(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, LONDON)
    return f"{moment.month}/{moment.day}/{moment:%y}"


def test_orders_of_today_are_not_touched_by_history(
    shop: TestShop, tmp_path: Path
) -> None:
    bring_in(shop, written(tmp_path, "7,A1,TIN,1,12/1/10 8:26,1,,"))
    shop.do(
        lambda transaction: products.create(
            transaction,
            SHELL,
            ProductDraft(code="B", name="b", price_minor=5, stock_milli=1000),
        )
    )
    from_now = shop.do(
        lambda transaction: sales.sell(
            transaction,
            [sales.Selling(shop.beto, SaleOrder(lines=[OrderLine("B", 1000)]))],
        )
    )
    assert from_now[0].value.folio == 1  # type: ignore[union-attr]
    assert shop.look(verify) is None


def test_types_and_tills_are_part_of_the_number_and_the_cost_is_of_the_line(
    shop: TestShop,
    tmp_path: Path,
) -> None:
    path = tmp_path / "retail.csv"
    path.write_text(
        "Receipt type,Register,InvoiceNo,StockCode,Quantity,InvoiceDate,Price,Cost\n"
        "Boleta,1,7,A1,2,12/13/10 8:26,5,3\n"
        "Boleta,2,7,A1,1,12/13/10 18:40,5,4\n"
        "Factura,1,7,A1,3,12/13/10 8:26,5,\n"
        "Nota de crédito,1,7,A1,1,12/14/10 8:26,5,3\n",
        "utf-8",
    )
    assert bring_in(shop, path) == ImportedCount(sales=3, returns=1, products=1)
    lines = {sale.origin_number: sale.lines[0] for sale in all_sales(shop)}
    # One that names no cost has the product's, which is the last that was named.
    assert {number: line.cost_minor for number, line in lines.items()} == {
        "Boleta 7, caja 1": 300,
        "Boleta 7, caja 2": 400,
        "Factura 7, caja 1": 300,
    }
    (back,) = all_returns(shop)
    assert (back.origin_number, back.sale_id, back.lines[0].cost_minor) == (
        "Nota de crédito 7, caja 1",
        None,
        300,
    )
    assert bring_in(shop, path) == ImportedCount(already=4)
    assert shop.look(verify) is None

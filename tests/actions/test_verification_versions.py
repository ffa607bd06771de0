"""Documents of before tills and reductions keep their fingerprints: still sound, and
still proof.
"""

import lzma
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from tests.actions.test_verification import FREE, other_values
from tests.harness.books import (
    ANA,
    BETO,
    OPENING_DAY_MS,
    PASSWORD_HASH,
    TestShop,
    key_of,
    ticking,
)
from tests.harness.damage import Damaged, named
from tests.harness.past import BREAD, MILK

from trastienda.actions import people, products, purchases, sales, shelf
from trastienda.actions.verification import verify
from trastienda.domain.errors import AlreadyExists
from trastienda.domain.lists import Window
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Actor, Person, UserChange
from trastienda.domain.purchases import Purchase, PurchaseOrder, PurchaseOrderLine
from trastienda.domain.sales import Reduction, ReductionCause
from trastienda.domain.text import in_one
from trastienda.domain.verification import Reason
from trastienda.storage import purchases as purchase_rows
from trastienda.storage import sales as sale_rows
from trastienda.storage import schema
from trastienda.storage.database import migrate
from trastienda.storage.dialects import open_file

OLD_SHOP = Path(__file__).with_name("shop_of_schema_0003.db.xz")
"""The shop of ``fill``, made by the last program without tills and reductions."""
DOCUMENT_TABLES = [
    schema.sales,
    schema.sale_lines,
    schema.payments,
    schema.returns,
    schema.return_lines,
    schema.purchases,
    schema.purchase_lines,
]
COLUMNS = [(table, column) for table in DOCUMENT_TABLES for column in table.columns]


def unpack(folder: Path) -> Path:
    """Write the old shop's database as it was, but for passwords that nobody has."""
    path = folder / "shop.db"
    path.write_bytes(lzma.decompress(OLD_SHOP.read_bytes()))
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE users SET password_hash = ?", (PASSWORD_HASH,))
        file.commit()
    return path


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The old shop brought to the newest schema."""
    path = unpack(tmp_path_factory.mktemp("old"))
    database = open_file(path, durable=False)
    assert migrate(database)
    return path


class OldShop(TestShop):
    """The old shop, open again with its people on the day after."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = open_file(path, durable=False)
        self.clock = ticking(OPENING_DAY_MS + 24 * 3600 * 1000)
        migrate(self.database)
        self.ana = Actor(user_id=1, rut=ANA.rut, name="Ana", role=ANA.role)
        self.beto = Actor(user_id=2, rut=BETO.rut, name="Beto", role=BETO.role)


@pytest.fixture
def shop(tmp_path: Path) -> TestShop:
    return OldShop(unpack(tmp_path))


@pytest.fixture(scope="module")
def damaged(migrated: Path) -> Iterator[Damaged]:
    """The migrated shop with nothing guarded."""
    damaged = Damaged(migrated)
    yield damaged
    damaged.close()


def versions(shop: TestShop) -> list[int | None]:
    """The version that each registro of a sale names, oldest first."""
    audit = schema.audit.c
    query = sa.select(audit.detail).where(audit.action == "sale").order_by(audit.id)
    details = shop.look(lambda state: state.connection.execute(query).scalars().all())
    return [msgspec.json.decode(detail).get("version") for detail in details]


def test_an_old_shop_is_sound_after_the_migration(damaged: Damaged) -> None:
    assert damaged.after() is None


def test_the_products_of_an_old_shop_are_found_as_new_ones_are(shop: TestShop) -> None:
    page = shop.look(lambda snapshot: products.listed(snapshot, shop.ana, Window()))
    assert len(page.items) > 3
    for product in page.items:
        for words in (product.name, in_one(product.name), product.code):
            found = shop.look(
                lambda snapshot, words=words: products.listed(  # type: ignore[misc]
                    snapshot, shop.ana, Window(search=words)
                )
            )
            assert product in found.items, words


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_a_value_edited_in_an_old_document_is_found(
    damaged: Damaged, table: sa.Table, column: sa.Column[object]
) -> None:
    assert (table.name, column.name) not in FREE
    for place in damaged.places(table)[:3]:
        for value in other_values(column):
            query = (
                f"SELECT {column.name} IS NOT {value} FROM {table.name} WHERE {place}"
            )
            if damaged.values(query) == [1]:
                statement = (
                    f"UPDATE {table.name} SET {column.name} = {value} WHERE {place}"
                )
                assert damaged.after(statement) is not None, statement


def test_an_old_document_has_nothing_that_its_fingerprint_does_not_cover(
    damaged: Damaged,
) -> None:
    reduced = '[{"cause":"product","amount_minor":411,"approved_by_id":1}]'
    line = "sale_id = 1 AND position = 1"
    assert damaged.values(f"SELECT discount_minor FROM sale_lines WHERE {line}") == [
        411
    ]
    for table, statement in (
        ("sales", "UPDATE sales SET device = 'caja 2' WHERE id = 1"),
        ("sales", "UPDATE sales SET shift_id = 7 WHERE id = 1"),
        ("sales", f"UPDATE sale_lines SET reductions = '{reduced}' WHERE {line}"),
        ("returns", "UPDATE returns SET shift_id = 7 WHERE id = 1"),
        ("returns", "UPDATE returns SET location_id = NULL WHERE id = 1"),
        ("purchases", "UPDATE purchases SET device = 'bodega' WHERE id = 1"),
        ("purchases", "UPDATE purchase_lines SET cost_rest_milli = 1"),
    ):
        assert named(damaged.after(statement)) == (2, table, Reason.FINGERPRINT)


def test_old_and_new_documents_are_sound_side_by_side(shop: TestShop) -> None:
    old = versions(shop)
    sale = shop.sell((BREAD, 2000), (MILK, 3000), key="new")
    payment = [Payment(Method.CASH, 1000)]
    key = key_of(shop.beto, "settle", "of an old sale")
    shop.do(lambda transaction: sales.settle(transaction, shop.beto, 6, payment, key))

    assert set(old) == {None}
    assert versions(shop) == [*old, 3]
    discount = Reduction(ReductionCause.PRODUCT, 411)
    assert [line.reductions for line in sale.lines] == [(), (discount,)]
    stored = shop.look(lambda state: sale_rows.by_id(state.connection, sale.id))
    assert stored == sale
    assert shop.look(verify) is None


def test_an_old_sale_is_read_without_causes_and_at_the_one_till(shop: TestShop) -> None:
    sale = shop.look(lambda state: sale_rows.by_id(state.connection, 1))
    assert sale is not None
    assert [line.discount_minor for line in sale.lines] == [0, 411]
    assert [line.reductions for line in sale.lines] == [(), ()]
    assert (sale.till.location_id, sale.till.device, sale.till.shift_id) == (
        1,
        None,
        None,
    )


def test_old_and_new_purchases_are_sound_side_by_side(shop: TestShop) -> None:
    def bought() -> list[Purchase]:
        window = Window(limit=10)
        return shop.look(
            lambda state: purchase_rows.listed(state.connection, window).items
        )

    old = bought()
    order = PurchaseOrder(
        supplier="Lechera del Sur",
        document="F-2",
        lines=[
            PurchaseOrderLine(MILK, 12_000, 832_500),
            PurchaseOrderLine(MILK, 7000, total_minor=9991),
        ],
    )
    new = shop.do(lambda tx: purchases.buy(tx, shop.ana, order)).value
    assert bought() == [new, *old]
    assert new.total_minor == 19_981
    for purchase in old:
        assert {line.cost_rest_milli for line in purchase.lines} == {0}
        assert {line.given_total_minor for line in purchase.lines} == {None}

    sale = shop.sell((MILK, 1000))
    line = sale.lines[0]
    assert line.cost_minor * 1000 + line.cost_rest_milli == 1_051_632  # 19981 / 19
    assert shop.look(verify) is None


def test_a_paper_taken_in_by_the_old_program_is_not_taken_in_again(
    shop: TestShop,
) -> None:
    order = PurchaseOrder(
        supplier="LECHERA DEL SUR",
        document="f-1",
        lines=[PurchaseOrderLine(MILK, 1000, 1000)],
    )
    with pytest.raises(AlreadyExists):
        shop.do(lambda tx: purchases.buy(tx, shop.ana, order))


def test_an_answer_kept_by_the_old_program_is_given_again(shop: TestShop) -> None:
    sale = shop.look(lambda state: sale_rows.by_id(state.connection, 2))
    assert shop.sell((BREAD, 1000), key="b") == sale


def test_two_old_products_of_one_code_are_each_found_by_their_own_spelling(
    tmp_path: Path,
) -> None:
    path = unpack(tmp_path)
    ours, theirs = "7804567000014", "07804567000014"
    alone = "00036000291452"
    with sqlite3.connect(path) as connection:
        for product_id, code in enumerate((theirs, ours, alone), start=1):
            connection.execute(
                "UPDATE products SET code = ?, code_key = ? WHERE id = ?",
                (code, code, product_id),
            )
    shop = OldShop(path)
    codes = [theirs, ours, f"(01){theirs}", alone, "036000291452"]
    picks = shop.look(lambda snapshot: shelf.picks(snapshot, codes))
    assert [picks[code].product.id for code in codes] == [1, 2, 2, 3, 3]


def test_an_old_sale_keeps_the_name_that_its_seller_had_at_the_migration(
    shop: TestShop,
) -> None:
    wanted = UserChange(name="Berta")
    rut = BETO.rut
    shop.do(
        lambda transaction: people.change(transaction, shop.ana, rut, wanted),
    )
    sale = shop.look(lambda state: sale_rows.by_id(state.connection, 1))
    assert sale is not None
    assert sale.seller == Person(rut, "Beto")

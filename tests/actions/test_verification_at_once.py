"""Sales are proven many at once, and one by one only where there is a doubt."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.damage import Damaged

from trastienda.actions import products
from trastienda.actions.verification import verify
from trastienda.domain.products import ProductDraft
from trastienda.domain.verification import Broken
from trastienda.storage.dialects import Connection, open_file
from trastienda.storage.transactions import Snapshot
from trastienda.storage.verification import sales, streams

Walked = list[tuple[int, int]]


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> Walked:
    """The first and last number of the sales that were looked at one by one."""
    blocks: Walked = []
    load = sales.load

    def load_and_note(
        connection: Connection,
        first: int,
        last: int,
    ) -> Iterator[sales.Record | Broken]:
        blocks.append((first, last))
        return load(connection, first, last)

    monkeypatch.setattr(sales, "load", load_and_note)
    return blocks


def test_only_what_is_imported_or_changed_later_is_walked(
    good: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "DOCUMENTS", 1)
    with open_file(good).connect() as connection:
        assert verify(Snapshot(connection, 0)) is None
        rows = connection.sql.exec_driver_sql(
            "SELECT id FROM sales WHERE origin_number IS NOT NULL "
            "OR id IN (SELECT sale_id FROM returns) "
            "OR id IN (SELECT sale_id FROM payments WHERE settlement_no > 0)"
        )
        expected = sorted(row[0] for row in rows)
    assert [first for first, _ in walked] == expected
    assert len(expected) < 16


@pytest.mark.parametrize(
    "name", ['Ñandú "7" \\ / 🥖', "100%s %d%% \U0001f9c0", "</a>'x'{}[]"]
)
def test_names_are_written_as_fingerprints_have_them(
    books: TestShop, walked: Walked, name: str
) -> None:
    draft = ProductDraft(code="N", name=name, price_minor=1990, stock_milli=9_000)
    books.do(lambda transaction: products.create(transaction, books.ana, draft))
    sale = books.sell(("N", 1000), ("N", 2000))
    assert sale.lines[0].name == name
    assert books.look(verify) is None
    assert walked == []


def test_sums_too_large_for_the_database_are_a_doubt(
    damaged: Damaged, walked: Walked
) -> None:
    """Python counts on where they overflow, and names the line."""
    largest = 2**63 - 1
    broken = damaged.after(f"UPDATE sale_lines SET total_minor = {largest}")
    assert broken is not None
    assert (broken.table, broken.row) == ("sale_lines", "1/0")
    broken = damaged.after("UPDATE sale_lines SET reductions = '[' WHERE sale_id = 2")
    assert broken is not None
    assert (broken.table, broken.row) == ("sale_lines", "2/0")


@pytest.mark.parametrize(
    "change", ["at_ms = at_ms + 1", "user_id = 99", "location_id = 2", "reason = 'x'"]
)
def test_a_movement_that_is_not_like_its_sale_is_found(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(streams, "DOCUMENTS", 1)
    file = tmp_path / "trastienda.db"
    shutil.copy(good, file)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER movements_no_update")
        connection.execute(
            f"UPDATE movements SET {change} WHERE cause = 'sale' AND reference_id = "
            "(SELECT max(id) FROM (SELECT id FROM sales WHERE origin_number IS NULL "
            "EXCEPT SELECT sale_id FROM returns EXCEPT "
            "SELECT sale_id FROM payments WHERE settlement_no > 0))"
        )
    connection.close()
    with open_file(file).connect() as books_connection:
        broken = next(sales.broken_sales(streams.Books(books_connection)))
    assert broken.table == "movements"

"""The books of a good shop are sound; any value edited, row deleted, order changed or
tail cut is found.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.harness.books import TestShop
from tests.harness.damage import Damaged

from trastienda.actions.verification import verify
from trastienda.domain.verification import Broken, Reason
from trastienda.storage import schema
from trastienda.storage.transactions import Snapshot
from trastienda.storage.verification import streams

CLAUSES = {
    "head": {2, 3, 4, 5},
    "stock": {1},
    "movements": {1, 2, 4},
    "sales": {2, 3},
    "sale_lines": {2},
    "payments": {2},
    "returns": {2},
    "return_lines": {2},
    "purchases": {2},
    "purchase_lines": {2},
    "audit": {4},
    "idempotency_keys": {3, 5},
    "journal": {4},
    "rooms": {5},
    "messages": {5},
    "users": {2, 5},
    "second_factors": {2, 5},
    "products": {1, 2, 3, 5},
    "shop": {2, 5},
}
"""What damage to each table of money, stock, trail, talk and people may break."""

FREE = {
    (
        "journal",
        "at_ms",
    ): "what was announced is told again, not proven: the books are its source",
    (
        "users",
        "must_change_since_ms",
    ): "it only has somebody choose a password, which they may do anyway",
    ("rooms", "archived_at_ms"): "a room is what is numbered in it",
    ("products", "category_key"): "it only helps to find the category, which is proven",
    ("users", "version"): "it only grows, and is the same for nobody else",
    ("products", "version"): "the same",
    ("products", "search"): "it only helps to find the name, which is proven",
    ("products", "search_in_one"): "the same",
    (
        "products",
        "told_until_ms",
    ): "it only keeps an announcement from being made twice",
    (
        "head",
        "summed_until_ms",
    ): "how far days were summed; too far only makes more of them anew",
    (
        "head",
        "addresses_until_id",
    ): "how far addresses were forgotten, where there are none",
    (
        "second_factors",
        "last_step",
    ): "which codes were used; set back, an old one is good for a minute at most",
    ("rooms", "name"): "a room is what is numbered in it",
    ("rooms", "at_ms"): "the same",
    **{
        (
            "messages",
            column.name,
        ): "who said what may be edited; that nothing said is gone is what counts"
        for column in schema.messages.columns
        if not column.primary_key
    },
}
"""Columns whose change cannot be found, each with its reason."""


def other_values(column: sa.Column[object]) -> list[str]:
    """Expressions for values that a column does not have but could."""
    name = column.name
    if isinstance(column.type, sa.Boolean):
        return [f"1 - {name}"]
    if isinstance(column.type, sa.String):
        return [f"coalesce({name}, '') || 'x'"] + (["NULL"] if column.nullable else [])
    if column.primary_key or column.unique:
        return [f"{name} + 100000"]
    return [f"coalesce({name}, 0) + 1", f"coalesce({name}, 0) - 1"] + (
        ["NULL"] if column.nullable else []
    )


PROVEN = [schema.metadata.tables[name] for name in CLAUSES]
COLUMNS = [
    (table, column)
    for table in PROVEN
    for column in table.columns
    if (table.name, column.name) not in FREE
]


def test_a_good_shop_is_sound(damaged: Damaged) -> None:
    assert damaged.after() is None


def test_a_good_shop_is_sound_whatever_is_read_at_once(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(streams, "BLOCK", size)
        monkeypatch.setattr(streams, "DOCUMENTS", size)
        assert damaged.after() is None
        for table, last in (
            ("sales", "sale"),
            ("movements", "movement"),
            ("audit", "audit"),
        ):
            assert (
                damaged.after(
                    f"DELETE FROM {table} WHERE id = (SELECT last_{last} FROM head)"
                )
                is not None
            )


def test_what_is_done_moves_on_within_a_check(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[float, float, str]] = []

    def tell(
        done: float,
        total: float,
        check: str,
    ) -> None:
        steps.append((done, total, check))

    monkeypatch.setattr(streams, "BLOCK", 4)
    assert verify(Snapshot(damaged.connection, 0), tell) is None
    amounts = [done for done, _, _ in steps]
    assert amounts == sorted(amounts)
    assert {total for _, total, _ in steps} == {steps[0][1]}
    for check in ("chain", "stock", "sales"):
        assert len({done for done, _, name in steps if name == check}) > 3, check


def test_a_shop_without_a_past_is_sound(tmp_path: Path) -> None:
    shop = TestShop(tmp_path / "shop.db")
    assert shop.look(verify) is None


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda one: one.name)
def test_a_value_edited_is_found(
    damaged: Damaged, table: sa.Table, column: sa.Column[object]
) -> None:
    for place in damaged.places(table):
        for value in other_values(column):
            differs = damaged.values(
                f"SELECT {column.name} IS NOT {value} FROM {table.name} WHERE {place}"
            )
            if differs == [1]:
                broken = damaged.after(
                    f"UPDATE {table.name} SET {column.name} = {value} WHERE {place}"
                )
                assert broken is not None, f"{column.name} = {value} where {place}"
                assert broken.clause in CLAUSES[table.name], broken


@pytest.mark.parametrize(("table", "column"), sorted(FREE))
def test_what_is_said_to_be_free_is_free(
    damaged: Damaged, table: str, column: str
) -> None:
    one = schema.metadata.tables[table].c[column]
    value = (
        f"{column} || 'x'" if isinstance(one.type, sa.String) else other_values(one)[0]
    )
    assert damaged.after(f"UPDATE {table} SET {column} = {value}") is None


DELETED = [table for table in PROVEN if table.name != "journal"]


@pytest.mark.parametrize(
    "table",
    [*DELETED, schema.products, schema.users, schema.locations],
    ids=lambda one: one.name,
)
def test_a_row_deleted_is_found(damaged: Damaged, table: sa.Table) -> None:
    for place in damaged.places(table):
        broken = damaged.after(f"DELETE FROM {table.name} WHERE {place}")
        assert broken is not None, place
        assert broken.clause in CLAUSES.get(table.name, {5}), broken


def test_a_row_deleted_from_the_journal_is_found_but_at_its_front(
    damaged: Damaged,
) -> None:
    ends: list[Broken | None] = [
        damaged.after(f"DELETE FROM journal WHERE n = {n}") for n in (1, 2, 3)
    ]
    assert ends[0] is None
    assert [broken and broken.clause for broken in ends[1:]] == [4, 4]
    assert damaged.after("DELETE FROM journal WHERE n <= 20") is None


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("table", [*DELETED, schema.journal], ids=lambda one: one.name)
def test_a_tail_cut_is_found(damaged: Damaged, table: sa.Table, count: int) -> None:
    places = damaged.places(table)[-count:]
    broken = damaged.after(
        *[f"DELETE FROM {table.name} WHERE {place}" for place in places]
    )
    assert broken is not None
    assert broken.clause in CLAUSES[table.name], broken


def test_what_was_said_last_is_found_gone_and_one_too_many(damaged: Damaged) -> None:
    gone = damaged.after("DELETE FROM messages WHERE room_id = 1 AND seq = 4")
    assert gone == Broken(5, "messages", "1/4", Reason.MISSING)
    assert damaged.after("DELETE FROM messages WHERE room_id = 1") == Broken(
        5, "messages", "1/1", Reason.MISSING
    )
    assert damaged.after("UPDATE rooms SET last_seq = 5 WHERE id = 1") == Broken(
        5, "messages", "1/5", Reason.MISSING
    )
    assert damaged.after("UPDATE rooms SET last_seq = 3 WHERE id = 1") == Broken(
        5, "messages", "1/4", Reason.UNCOUNTED
    )
    again = "UPDATE messages SET seq = 3 - seq WHERE room_id = 1 AND seq = 3"
    assert damaged.after(again) == Broken(5, "messages", "1/0", Reason.UNCOUNTED)


@pytest.mark.parametrize(
    ("table", "counter"),
    [
        ("audit", "audit"),
        ("movements", "movement"),
        ("sales", "sale"),
        ("returns", "return"),
        ("purchases", "purchase"),
    ],
)
def test_a_tail_cut_is_found_though_the_head_was_set_back(
    damaged: Damaged, table: str, counter: str
) -> None:
    for count in (1, 2):
        broken = damaged.after(
            f"UPDATE head SET last_{counter} = last_{counter} - {count}",
            f"DELETE FROM {table} WHERE id > (SELECT last_{counter} FROM head)",
        )
        assert broken is not None
        assert broken.clause in CLAUSES[table] | {4}, broken


@pytest.mark.parametrize(
    "table", ["audit", "movements", "sales", "returns", "purchases", "products"]
)
def test_rows_put_in_another_order_are_found(damaged: Damaged, table: str) -> None:
    last = damaged.values(f"SELECT max(id) FROM {table}")[0]
    assert isinstance(last, int)
    for row_id in range(1, last):
        broken = damaged.after(
            f"UPDATE {table} SET id = -1 WHERE id = {row_id}",
            f"UPDATE {table} SET id = {row_id} WHERE id = {row_id} + 1",
            f"UPDATE {table} SET id = {row_id} + 1 WHERE id = -1",
        )
        assert broken is not None, row_id
        assert broken.clause in CLAUSES.get(table, {2, 3}), broken


@pytest.mark.parametrize(
    ("table", "group", "where"),
    [
        ("sale_lines", "sale_id", "sale_id = 1"),
        ("sale_lines", "sale_id", "sale_id = 15"),
        ("payments", "sale_id", "sale_id = 3 AND settlement_no = 0"),
        ("payments", "sale_id", "sale_id = 5 AND settlement_no = 2"),
        ("return_lines", "return_id", "return_id = 3"),
        ("purchase_lines", "purchase_id", "purchase_id = 1"),
    ],
)
def test_lines_put_in_another_order_are_found(
    damaged: Damaged, table: str, group: str, where: str
) -> None:
    broken = damaged.after(
        f"UPDATE {table} SET position = -1 WHERE position = 0 AND {where}",
        f"UPDATE {table} SET position = 0 WHERE position = 1 AND {where}",
        f"UPDATE {table} SET position = 1 WHERE position = -1 AND {where}",
    )
    assert broken is not None, group
    assert broken.clause == 2


def test_lines_moved_to_another_document_are_found(damaged: Damaged) -> None:
    for table, parent in (
        ("sale_lines", "sale_id"),
        ("return_lines", "return_id"),
        ("purchase_lines", "purchase_id"),
    ):
        broken = damaged.after(
            f"UPDATE {table} SET {parent} = 2, position = 9 WHERE {parent} = 1 AND position = 1"
        )
        assert broken is not None
        assert broken.clause == 2

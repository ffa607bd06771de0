"""The books of a good shop are sound; whatever is done to them behind the shop's back is found and named."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from tests.shops import TestShop, fill
from trastienda.actions.verify import verify
from trastienda.domain import audit as trail
from trastienda.domain.verification import Broken, Reason
from trastienda.storage import dialects, schema
from trastienda.storage.database import open_database, sqlite_url
from trastienda.storage.transactions import Reading
from trastienda.wire.verification import REASONS, TABLES, sentence

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
}
"""What damage to each table of money, stock and trail may break."""

FREE = {
    ("journal", "at_ms"): "what was announced is told again, not proven: the books are its source",
    ("journal", "kind"): "the same",
    ("journal", "audience"): "the same",
    ("journal", "subject"): "the same",
    ("idempotency_keys", "route"): "nothing else in the books knows the route of a key",
    ("idempotency_keys", "key"): "nor the key",
}
"""Columns whose change cannot be found, each with its reason."""

FREE_OF_HISTORY = {"reference_id", "at_ms", "user_id", "reason"}
"""Of a movement that balances imported history only the product and the quantity are proven: it has no audit row."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "shop.db"
    shop = TestShop(path)
    fill(shop)
    with dialects.connect(shop.engine) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shop.close()
    return path


class Damaged:
    """A copy of a good shop on which nothing is guarded any more; each damage is undone before the next."""

    def __init__(self, path: Path) -> None:
        self._engine = open_database(sqlite_url(path), durable=False)
        self.connection = dialects.connect(self._engine)
        for name in self.values("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.run(f"DROP TRIGGER {name}")
        self.run("PRAGMA foreign_keys = OFF")

    def run(self, statement: str, *values: object) -> None:
        self.connection.exec_driver_sql(statement, values)

    def values(self, query: str, *values: object) -> list[object]:
        return [row[0] for row in self.connection.exec_driver_sql(query, values)]

    def after(self, *statements: str | Callable[[], None]) -> Broken | None:
        """Do the damage, look what is found, and undo it."""
        dialects.begin_write(self.connection)
        self.run("PRAGMA ignore_check_constraints = ON")
        try:
            for statement in statements:
                if isinstance(statement, str):
                    self.run(statement)
                else:
                    statement()
            self.run("PRAGMA ignore_check_constraints = OFF")
            return verify(Reading(self.connection, 0))
        finally:
            dialects.rollback(self.connection)

    def places(self, table: sa.Table) -> list[str]:
        """A condition for each row of a table."""
        keys = [column.name for column in table.primary_key.columns]
        rows = self.connection.exec_driver_sql(f"SELECT {', '.join(keys)} FROM {table.name} ORDER BY {', '.join(keys)}")
        return [" AND ".join(f"{key} = {value!r}" for key, value in zip(keys, row, strict=True)) for row in rows]

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()


@pytest.fixture(scope="module")
def damaged(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    path = tmp_path_factory.mktemp("damaged") / "shop.db"
    shutil.copyfile(good, path)
    copy = Damaged(path)
    yield copy
    copy.close()


def other_values(column: sa.Column[object]) -> list[str]:
    """Expressions for values that a column does not have but could."""
    name = column.name
    if isinstance(column.type, sa.Boolean):
        return [f"1 - {name}"]
    if isinstance(column.type, sa.String):
        return [f"coalesce({name}, '') || 'x'"] + (["NULL"] if column.nullable else [])
    if column.primary_key or column.unique:
        return [f"{name} + 100000"]
    return [f"coalesce({name}, 0) + 1", f"coalesce({name}, 0) - 1"] + (["NULL"] if column.nullable else [])


PROVEN = [schema.metadata.tables[name] for name in CLAUSES]
COLUMNS = [(table, column) for table in PROVEN for column in table.columns if (table.name, column.name) not in FREE]


def test_a_good_shop_is_sound(damaged: Damaged) -> None:
    assert damaged.after() is None


def test_a_shop_without_a_past_is_sound(tmp_path: Path) -> None:
    shop = TestShop(tmp_path / "shop.db")
    assert shop.look(verify) is None
    shop.close()


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda one: one.name)
def test_a_value_edited_is_found(damaged: Damaged, table: sa.Table, column: sa.Column[object]) -> None:
    places = damaged.places(table)
    if table.name == "movements" and column.name in FREE_OF_HISTORY:
        history = damaged.values("SELECT id FROM movements WHERE cause = 'history'")
        places = [place for place in places if int(place.split()[-1]) not in history]
    for place in places:
        for value in other_values(column):
            differs = damaged.values(f"SELECT {column.name} IS NOT {value} FROM {table.name} WHERE {place}")
            if differs == [1]:
                broken = damaged.after(f"UPDATE {table.name} SET {column.name} = {value} WHERE {place}")
                assert broken is not None, f"{column.name} = {value} where {place}"
                assert broken.clause in CLAUSES[table.name], broken


@pytest.mark.parametrize(("table", "column"), sorted(FREE))
def test_what_is_said_to_be_free_is_free(damaged: Damaged, table: str, column: str) -> None:
    type_ = schema.metadata.tables[table].c[column].type
    value = f"{column} || 'x'" if isinstance(type_, sa.String) else f"{column} + 1"
    assert damaged.after(f"UPDATE {table} SET {column} = {value}") is None


DELETED = [table for table in PROVEN if table.name not in {"idempotency_keys", "journal"}]


@pytest.mark.parametrize("table", [*DELETED, schema.products, schema.users, schema.locations], ids=lambda one: one.name)
def test_a_row_deleted_is_found(damaged: Damaged, table: sa.Table) -> None:
    for place in damaged.places(table):
        broken = damaged.after(f"DELETE FROM {table.name} WHERE {place}")
        assert broken is not None, place
        assert broken.clause in CLAUSES.get(table.name, {5}), broken


def test_a_row_deleted_from_the_journal_is_found_but_at_its_front(damaged: Damaged) -> None:
    ends: list[Broken | None] = [damaged.after(f"DELETE FROM journal WHERE n = {n}") for n in (1, 2, 3)]
    assert ends[0] is None
    assert [broken and broken.clause for broken in ends[1:]] == [4, 4]
    assert damaged.after("DELETE FROM journal WHERE n <= 20") is None


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("table", [*DELETED, schema.journal], ids=lambda one: one.name)
def test_a_tail_cut_is_found(damaged: Damaged, table: sa.Table, count: int) -> None:
    places = damaged.places(table)[-count:]
    broken = damaged.after(*[f"DELETE FROM {table.name} WHERE {place}" for place in places])
    assert broken is not None
    assert broken.clause in CLAUSES[table.name], broken


@pytest.mark.parametrize(
    ("table", "counter"),
    [("audit", "audit"), ("movements", "movement"), ("sales", "sale"), ("returns", "return"), ("purchases", "purchase")],
)
def test_a_tail_cut_is_found_though_the_head_was_set_back(damaged: Damaged, table: str, counter: str) -> None:
    for count in (1, 2):
        broken = damaged.after(
            f"UPDATE head SET last_{counter} = last_{counter} - {count}",
            f"DELETE FROM {table} WHERE id > (SELECT last_{counter} FROM head)",
        )
        assert broken is not None
        assert broken.clause in CLAUSES[table] | {4}, broken


@pytest.mark.parametrize("table", ["audit", "movements", "sales", "returns", "purchases", "products"])
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
        ("payments", "sale_id", "sale_id = 3 AND call = 0"),
        ("payments", "sale_id", "sale_id = 5 AND call = 2"),
        ("return_lines", "return_id", "return_id = 3"),
        ("purchase_lines", "purchase_id", "purchase_id = 1"),
    ],
)
def test_lines_put_in_another_order_are_found(damaged: Damaged, table: str, group: str, where: str) -> None:
    broken = damaged.after(
        f"UPDATE {table} SET position = -1 WHERE position = 0 AND {where}",
        f"UPDATE {table} SET position = 0 WHERE position = 1 AND {where}",
        f"UPDATE {table} SET position = 1 WHERE position = -1 AND {where}",
    )
    assert broken is not None, group
    assert broken.clause == 2


def test_lines_moved_to_another_document_are_found(damaged: Damaged) -> None:
    for table, parent in (("sale_lines", "sale_id"), ("return_lines", "return_id"), ("purchase_lines", "purchase_id")):
        broken = damaged.after(f"UPDATE {table} SET {parent} = 2, position = 9 WHERE {parent} = 1 AND position = 1")
        assert broken is not None
        assert broken.clause == 2


def named(broken: Broken | None) -> tuple[int, str, Reason] | None:
    return broken and (broken.clause, broken.table, broken.reason)


def test_stock_that_is_not_the_sum_of_its_movements_is_named(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE stock SET quantity_milli = quantity_milli + 1000 WHERE product_id = 3")
    assert broken == Broken(
        1, "stock", "3/1", Reason.DIFFERS, {"field": "quantity_milli", "expected": 18_861, "found": 19_861}
    )
    assert sentence(broken) == (
        "Rota la cláusula 1 (las existencias): existencia 3/1: quantity_milli es 19861 y debe ser 18861."
    )


def test_a_ledger_rewritten_without_gap_does_not_match_its_documents(damaged: Damaged) -> None:
    for cause, reference in (("sale", 14), ("return", 7)):
        broken = damaged.after(
            f"UPDATE movements SET quantity_milli = quantity_milli - 1, balance_milli = balance_milli - 1 "
            f"WHERE cause = '{cause}' AND reference_id = {reference}",
            f"UPDATE stock SET quantity_milli = quantity_milli - 1 WHERE last_movement_id IN "
            f"(SELECT id FROM movements WHERE cause = '{cause}' AND reference_id = {reference})",
        )
        assert named(broken) == (2, f"{cause}s", Reason.NOT_MOVED)


def test_a_correction_rewritten_without_gap_does_not_match_its_audit_row(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE movements SET quantity_milli = 6000, balance_milli = 6000 WHERE id = 45",
        "UPDATE stock SET quantity_milli = 6000 WHERE product_id = 7",
    )
    assert named(broken) == (2, "movements", Reason.DIFFERS)


def test_history_that_changes_stock_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE movements SET quantity_milli = quantity_milli + 1000 WHERE id = 46",
        "UPDATE movements SET balance_milli = balance_milli + 1000 WHERE id >= 46 AND product_id = 1",
        "UPDATE stock SET quantity_milli = quantity_milli + 1000 WHERE product_id = 1",
    )
    assert named(broken) == (2, "products", Reason.NOT_BALANCED)


def test_a_sale_rewritten_so_that_it_adds_up_is_not_what_the_trail_remembers(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE sale_lines SET unit_price_minor = 0, discount_minor = 0, total_minor = 0 WHERE sale_id = 16",
        "UPDATE sales SET total_minor = 0, net_minor = 0, vat_minor = 0, rounding_minor = 0 WHERE id = 16",
        "UPDATE payments SET amount_minor = 0 WHERE sale_id = 16",
    )
    assert named(broken) == (2, "sales", Reason.FINGERPRINT)


def test_a_debt_written_off_by_hand_is_found(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE sales SET owed_minor = 0 WHERE id = 6")
    assert named(broken) == (2, "sales", Reason.DIFFERS)


def test_a_settling_made_up_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO payments VALUES (6, 1, 0, 'cash', 2006, 0, 0, 1764592680000, 2)",
        "UPDATE sales SET owed_minor = 0 WHERE id = 6",
    )
    assert named(broken) == (2, "payments", Reason.NOT_AUDITED)


def test_a_settling_taken_out_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "DELETE FROM payments WHERE sale_id = 7 AND call = 2",
        "UPDATE sales SET owed_minor = 1681 WHERE id = 7",
    )
    assert named(broken) == (2, "audit", Reason.AUDITED_ALONE)


def test_a_return_made_up_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO returns VALUES (11, 4, NULL, 1764592680000, 1, 'x', 0, 0, 455, 455, -5, 'cash', 450, 0, 0)",
        "INSERT INTO return_lines SELECT 11, 0, product_id, code, name, 1000, 455, cost_minor, exempt "
        "FROM sale_lines WHERE sale_id = 4",
        "UPDATE head SET last_return = 11",
    )
    assert named(broken) == (2, "returns", Reason.NOT_AUDITED)


def test_more_returned_than_was_sold_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE return_lines SET quantity_milli = 2000, total_minor = 560 WHERE return_id = 10",
        "UPDATE returns SET net_minor = 470, vat_minor = 90, total_minor = 560, refund_minor = 560 WHERE id = 10",
        "UPDATE sale_lines SET quantity_milli = 1000, unit_price_minor = 600 WHERE sale_id = 15 AND position = 1",
    )
    assert broken is not None
    assert broken.clause == 2


def test_folios_with_a_gap_twice_or_swapped_are_named(damaged: Damaged) -> None:
    gap = damaged.after("UPDATE sales SET folio = folio + 1 WHERE id = 16", "UPDATE head SET last_folio = 16")
    swapped = damaged.after(
        "UPDATE sales SET folio = -1 WHERE id = 3",
        "UPDATE sales SET folio = 3 WHERE id = 4",
        "UPDATE sales SET folio = 4 WHERE id = 3",
    )
    missing = damaged.after("UPDATE sales SET folio = NULL, origin_number = 'x' WHERE id = 4")
    assert [named(one) for one in (gap, swapped)] == [(3, "sales", Reason.FOLIO)] * 2
    assert missing is not None
    assert missing.clause in {2, 3}
    assert named(damaged.after("UPDATE head SET last_folio = 99")) == (3, "head", Reason.FOLIO)


def test_two_keys_for_one_sale_are_named(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO idempotency_keys SELECT user_id, route, 'another', fingerprint, result, at_ms "
        "FROM idempotency_keys WHERE key = 'b'"
    )
    assert named(broken) == (3, "idempotency_keys", Reason.KEY_TWICE)


@pytest.mark.parametrize("key", ["a", "s1", "s2", "r1", "p1"])
def test_the_answer_of_another_call_under_a_key_is_found(damaged: Damaged, key: str) -> None:
    for other in ("b", "s1", "owed", "busy1"):
        if other != key:
            broken = damaged.after(
                f"UPDATE idempotency_keys SET result = (SELECT result FROM idempotency_keys WHERE key = '{other}') "
                f"WHERE key = '{key}'"
            )
            assert broken is not None, other
            assert (broken.clause, broken.table) == (3, "idempotency_keys")


def test_an_audit_row_changed_is_found_at_its_own_hash(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE audit SET origin = 'elsewhere' WHERE id = 12")
    assert broken == Broken(4, "audit", 12, Reason.CHAIN)


def test_a_chain_worked_out_anew_still_has_to_tell_of_every_document(damaged: Damaged) -> None:
    def forge() -> None:
        rows = damaged.connection.exec_driver_sql("SELECT * FROM audit ORDER BY id").fetchall()
        damaged.run("DELETE FROM audit")
        last_hash, number = trail.GENESIS, 0
        for _, at_ms, user_id, action, origin, detail, *_ in rows:
            if action == "sale" and msgspec.json.decode(detail)["sale"] == 3:
                continue
            number += 1
            content = trail.canonical(number, at_ms, user_id, action, origin, detail)
            previous_hash, last_hash = last_hash, trail.chain(last_hash, content)
            damaged.run(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *(number, at_ms, user_id, action, origin, detail, previous_hash, last_hash),
            )
        damaged.run("UPDATE head SET last_audit = ?, chain_hash = ?", number, last_hash)

    broken = damaged.after(forge)
    assert broken == Broken(2, "sales", 3, Reason.NOT_AUDITED)


def test_rows_that_name_what_is_not_there_are_found(damaged: Damaged) -> None:
    for statement in (
        "INSERT INTO sale_lines SELECT 999, position, product_id, code, name, quantity_milli, unit_price_minor, "
        "discount_minor, total_minor, cost_minor, exempt FROM sale_lines WHERE sale_id = 1",
        "INSERT INTO payments SELECT 999, 0, position, method, amount_minor, 0, 0, at_ms, user_id FROM payments "
        "WHERE sale_id = 1",
        "INSERT INTO return_lines SELECT 999, position, product_id, code, name, quantity_milli, total_minor, "
        "cost_minor, exempt FROM return_lines WHERE return_id = 1",
        "INSERT INTO purchase_lines SELECT 999, position, product_id, code, name, quantity_milli, cost_minor "
        "FROM purchase_lines WHERE purchase_id = 1",
        "INSERT INTO sessions VALUES ('s', 999, 0, 0, NULL)",
        "INSERT INTO refresh_tokens VALUES ('t', 's', 0, NULL)",
    ):
        assert named(damaged.after(statement)) == (5, statement.split()[2], Reason.ORPHAN)


def test_an_empty_stock_row_that_is_gone_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO products SELECT 8, 'n', 'n', in_house, name, search, 1, 1, 0, NULL, unit, exempt, active, NULL, "
        "NULL, NULL, NULL, 0, 1 FROM products WHERE id = 1",
        "UPDATE head SET last_product = 8",
    )
    assert broken == Broken(1, "stock", "8/1", Reason.MISSING)


def test_a_value_that_the_schema_forbids_is_found_anywhere(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE users SET role = 'owner' WHERE id = 3")
    assert named(broken) == (5, "database", Reason.DATABASE)


def test_a_file_with_a_page_overwritten_is_broken_and_does_not_stop_the_proof(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    shutil.copyfile(good, path)
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'payments'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x55" * size)
    engine = open_database(sqlite_url(path))
    with dialects.connect(engine) as connection_:
        broken = verify(Reading(connection_, 0))
    engine.dispose()
    assert named(broken) == (5, "database", Reason.DATABASE)


def test_every_reason_and_table_has_its_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(TABLES) == {*schema.metadata.tables, "database"}
    for reason in Reason:
        assert sentence(Broken(1, "sales", 1, reason)).startswith("Rota la cláusula 1 (las existencias): venta 1: ")

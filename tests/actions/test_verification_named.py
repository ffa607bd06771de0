"""What was done to the books is named: which clause, which row, and why."""

import shutil
import sqlite3
from pathlib import Path

import msgspec
import pytest
from tests.harness.damage import Damaged, named

from trastienda.actions.verification import verify
from trastienda.domain import audit as trail
from trastienda.domain.verification import Broken, Reason
from trastienda.storage import schema
from trastienda.storage.dialects import open_file
from trastienda.storage.idempotency import seal
from trastienda.storage.transactions import Snapshot
from trastienda.wire.verification import REASONS, TABLES, sentence


def test_stock_that_is_not_the_sum_of_its_movements_is_named(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE stock SET quantity_milli = quantity_milli + 1000 WHERE product_id = 3"
    )
    assert broken == Broken(
        1,
        "stock",
        "3/1",
        Reason.DIFFERS,
        {"field": "quantity_milli", "expected": 18_861, "found": 19_861},
    )
    assert sentence(broken) == (
        "Rota la cláusula 1 (las existencias): existencia 3/1: quantity_milli es "
        "19861 y debe ser 18861."
    )


def test_a_ledger_rewritten_without_gap_does_not_match_its_documents(
    damaged: Damaged,
) -> None:
    for cause, reference in (("sale", 14), ("return", 7)):
        broken = damaged.after(
            "UPDATE movements SET quantity_milli = quantity_milli - 1, "
            "balance_milli = balance_milli - 1 "
            f"WHERE cause = '{cause}' AND reference_id = {reference}",
            f"UPDATE stock SET quantity_milli = quantity_milli - 1 WHERE last_movement_id IN "
            f"(SELECT id FROM movements WHERE cause = '{cause}' AND reference_id = {reference})",
        )
        assert named(broken) == (2, f"{cause}s", Reason.NOT_MOVED)


def test_a_correction_rewritten_without_gap_does_not_match_its_audit_row(
    damaged: Damaged,
) -> None:
    broken = damaged.after(
        "UPDATE movements SET quantity_milli = 6000, balance_milli = 6000 WHERE id = 45",
        "UPDATE stock SET quantity_milli = 6000 WHERE product_id = 7",
    )
    assert named(broken) == (2, "movements", Reason.DIFFERS)


def test_history_that_changes_stock_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE movements SET quantity_milli = quantity_milli + 1000 WHERE id = 46",
        "UPDATE movements SET balance_milli = balance_milli + 1000 WHERE id >= 46 "
        "AND product_id = 1",
        "UPDATE stock SET quantity_milli = quantity_milli + 1000 WHERE product_id = 1",
    )
    assert named(broken) == (2, "products", Reason.NOT_BALANCED)


def test_a_sale_rewritten_so_that_it_adds_up_is_not_what_the_trail_remembers(
    damaged: Damaged,
) -> None:
    broken = damaged.after(
        "UPDATE sale_lines SET unit_price_minor = 0, discount_minor = 0, "
        "total_minor = 0 WHERE sale_id = 16",
        "UPDATE sales SET total_minor = 0, net_minor = 0, vat_minor = 0, "
        "rounding_minor = 0 WHERE id = 16",
        "UPDATE payments SET amount_minor = 0 WHERE sale_id = 16",
    )
    assert named(broken) == (2, "sales", Reason.FINGERPRINT)


def test_reductions_that_do_not_add_up_to_the_discount_are_named(
    damaged: Damaged,
) -> None:
    line = "sale_id = 1 AND position = 1"
    broken = damaged.after(
        "UPDATE sale_lines SET reductions = replace(reductions, '411', '410') "
        f"WHERE {line}"
    )
    data = {"field": "reductions", "expected": 411, "found": 410}
    assert broken == Broken(2, "sale_lines", "1/1", Reason.DIFFERS, data)


def test_the_cause_of_a_reduction_is_in_the_fingerprint(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE sale_lines SET reductions = replace(reductions, 'product', 'label') "
        "WHERE sale_id = 1 AND position = 1"
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
        "DELETE FROM payments WHERE sale_id = 7 AND settlement_no = 2",
        "UPDATE sales SET owed_minor = 1681 WHERE id = 7",
    )
    assert named(broken) == (2, "audit", Reason.AUDITED_ALONE)


def test_a_return_made_up_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO returns VALUES (11, 4, NULL, 1764592680000, 1, 'x', 0, 0, "
        "455, 455, -5, 'cash', 450, 0, 0, 1, NULL, NULL, '')",
        "INSERT INTO return_lines SELECT 11, 0, product_id, code, name, 1000, "
        "455, cost_minor, exempt, cost_rest_milli "
        "FROM sale_lines WHERE sale_id = 4",
        "UPDATE head SET last_return = 11",
    )
    assert named(broken) == (2, "returns", Reason.NOT_AUDITED)


def test_more_returned_than_was_sold_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "UPDATE return_lines SET quantity_milli = 2000, total_minor = 560 WHERE "
        "return_id = 10",
        "UPDATE returns SET net_minor = 470, vat_minor = 90, total_minor = 560, "
        "refund_minor = 560 WHERE id = 10",
        "UPDATE sale_lines SET quantity_milli = 1000, unit_price_minor = 600 "
        "WHERE sale_id = 15 AND position = 1",
    )
    assert broken is not None
    assert broken.clause == 2


def test_folios_with_a_gap_twice_or_swapped_are_named(damaged: Damaged) -> None:
    gap = damaged.after(
        "UPDATE sales SET folio = folio + 1 WHERE id = 16",
        "UPDATE head SET last_folio = 16",
    )
    swapped = damaged.after(
        "UPDATE sales SET folio = -1 WHERE id = 3",
        "UPDATE sales SET folio = 3 WHERE id = 4",
        "UPDATE sales SET folio = 4 WHERE id = 3",
    )
    missing = damaged.after(
        "UPDATE sales SET folio = NULL, origin_number = 'x' WHERE id = 4"
    )
    assert [named(one) for one in (gap, swapped)] == [(3, "sales", Reason.FOLIO)] * 2
    assert missing is not None
    assert missing.clause in {2, 3}
    assert named(damaged.after("UPDATE head SET last_folio = 99")) == (
        3,
        "head",
        Reason.FOLIO,
    )


def test_two_keys_for_one_sale_are_named(damaged: Damaged) -> None:
    columns = "user_id, route, 'another', fingerprint, result, at_ms, audit_id"
    kept = f"SELECT {columns} FROM idempotency_keys WHERE key = 'b'"

    def forge() -> None:
        (row,) = damaged.connection.sql.exec_driver_sql(kept).all()
        user_id, route, key, *rest = row
        values = (*row, seal((user_id, route, key), *rest))
        damaged.run(
            "INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values
        )

    broken = damaged.after(forge)
    assert named(broken) == (3, "idempotency_keys", Reason.KEY_TWICE)


@pytest.mark.parametrize("key", ["a", "s1", "s2", "r1", "p1"])
def test_the_answer_of_another_call_under_a_key_is_found(
    damaged: Damaged, key: str
) -> None:
    for other in ("b", "s1", "owed", "busy1"):
        if other != key:
            broken = damaged.after(
                "UPDATE idempotency_keys SET result = (SELECT result FROM "
                f"idempotency_keys WHERE key = '{other}') "
                f"WHERE key = '{key}'"
            )
            assert broken is not None, other
            assert (broken.clause, broken.table) == (3, "idempotency_keys")


def test_an_audit_row_changed_is_found_at_its_own_hash(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE audit SET origin = 'elsewhere' WHERE id = 12")
    assert broken == Broken(4, "audit", 12, Reason.CHAIN)


def test_a_chain_worked_out_anew_still_has_to_tell_of_every_document(
    damaged: Damaged,
) -> None:
    def forge() -> None:
        rows = damaged.connection.sql.exec_driver_sql(
            "SELECT * FROM audit ORDER BY id"
        ).fetchall()
        damaged.run("DELETE FROM audit")
        last_hash, number = trail.GENESIS, 0
        for _, at_ms, user_id, action, origin, detail, *_ in rows:
            if action == "sale" and msgspec.json.decode(detail)["sale"] == 3:
                continue
            number += 1
            content = trail.canonical(number, at_ms, user_id, action, origin, detail)
            previous_hash, last_hash = last_hash, trail.chain(last_hash, content)
            damaged.run(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                *(
                    number,
                    at_ms,
                    user_id,
                    action,
                    origin,
                    detail,
                    previous_hash,
                    last_hash,
                ),
            )
        damaged.run("UPDATE head SET last_audit = ?, chain_hash = ?", number, last_hash)

    broken = damaged.after(forge)
    assert broken == Broken(2, "sales", 3, Reason.NOT_AUDITED)


def test_rows_that_name_what_is_not_there_are_found(damaged: Damaged) -> None:
    for statement in (
        (
            "INSERT INTO sale_lines SELECT 999, position, product_id, code, name, "
            "quantity_milli, unit_price_minor, "
            "discount_minor, total_minor, cost_minor, exempt, reductions, cost_rest_milli FROM "
            "sale_lines WHERE sale_id = 1"
        ),
        (
            "INSERT INTO payments SELECT 999, 0, position, method, amount_minor, "
            "0, 0, at_ms, user_id FROM payments "
            "WHERE sale_id = "
            "1"
        ),
        (
            "INSERT INTO return_lines SELECT 999, position, product_id, code, "
            "name, quantity_milli, total_minor, "
            "cost_minor, exempt, cost_rest_milli FROM return_lines WHERE return_id = 1"
        ),
        (
            "INSERT INTO purchase_lines SELECT 999, position, product_id, code, "
            "name, quantity_milli, cost_minor, cost_rest_milli, given_total_minor "
            "FROM purchase_lines WHERE purchase_id = 1"
        ),
        (
            "INSERT INTO sessions (id, user_id, created_at_ms, expires_at_ms) "
            "VALUES ('s', 999, 0, 0)"
        ),
        "INSERT INTO refresh_tokens VALUES ('t', 's', 0, NULL)",
    ):
        assert named(damaged.after(statement)) == (
            5,
            statement.split()[2],
            Reason.ORPHAN,
        )


def test_an_empty_stock_row_that_is_gone_is_found(damaged: Damaged) -> None:
    broken = damaged.after(
        "INSERT INTO products (id, code, code_key, in_house, name, search, price_minor, "
        "cost_minor, min_stock_milli, unit, exempt, active, created_at_ms, version) "
        "SELECT 8, 'n', 'n', in_house, name, search, 1, 1, 0, unit, exempt, active, 0, 1 "
        "FROM products WHERE id = 1",
        "UPDATE head SET last_product = 8",
    )
    assert broken == Broken(1, "stock", "8/1", Reason.MISSING)


def test_a_value_that_the_schema_forbids_is_found_anywhere(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE messages SET deleted = 2 WHERE seq = 1")
    assert named(broken) == (5, "database", Reason.DATABASE)


def test_a_file_with_a_page_overwritten_is_broken_and_does_not_stop_the_proof(
    good: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shop.db"
    shutil.copyfile(good, path)
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'payments'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x55" * size)
    database = open_file(path)
    with database.connect() as connection_:
        broken = verify(Snapshot(connection_, 0))
    assert named(broken) == (5, "database", Reason.DATABASE)


def test_every_reason_and_table_has_its_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(TABLES) == {*schema.metadata.tables, "database"}
    for reason in Reason:
        assert sentence(Broken(1, "sales", 1, reason)).startswith(
            "Rota la cláusula 1 (las existencias): venta 1: "
        )

"""What every sale and every look-up reads is found by its key, however large the shop."""

import pytest

from trastienda.storage import dialects, products
from trastienda.storage.transactions import Tx


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (products._BY_KEY, {"key": "X"}),
        (products._BY_KEYS, {"keys": dialects.array(["X", "Y"])}),
        (products._LAST, {"ids": dialects.array([1, 2])}),
    ],
    ids=["one product", "products of an order", "stock of an order"],
)
def test_no_hot_query_reads_a_whole_table(tx: Tx, query: dialects.Prepared, values: dict[str, str]) -> None:
    query(tx.connection, **values)
    parameters = tuple(values.get(name, 1) for name in query._order)
    plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query._text}", parameters).all()
    steps = [str(row[3]) for row in plan]
    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []

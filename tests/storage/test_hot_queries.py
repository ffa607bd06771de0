"""What every sale and every look-up reads is found by its key, however large the shop."""

import pytest
from tests.shops import TestShop

from trastienda.storage import dialects, products


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (products._BY_KEY, {"key": "X"}),
        (products._BY_KEYS, {"keys": dialects.array(["X", "Y"])}),
        (products._LAST, {"ids": dialects.array([1, 2])}),
    ],
    ids=["one product", "products of an order", "stock of an order"],
)
def test_no_hot_query_reads_a_whole_table(fresh_shop: TestShop, query: dialects.Prepared, values: dict[str, str]) -> None:
    connection = fresh_shop.connection
    query(connection, **values)
    parameters = [values.get(name, 1) for name in query._order]
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query._text}", tuple(parameters)).all()
    steps = [str(row[3]) for row in plan]
    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []

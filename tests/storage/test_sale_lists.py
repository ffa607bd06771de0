"""The lists of sales are read along indexes, whoever's list it is and however large the shop."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from trastienda.domain.lists import Window
from trastienda.domain.visibility import SaleScope
from trastienda.storage import sales
from trastienda.storage.transactions import Tx

CASHIER = SaleScope(seller_id=2, owed=True)
CUSTOMER = SaleScope(buyer_id=3, customer_rut="33333333-3")
INDEXES = {
    "a cashier": (CASHIER, None, {"ix_sales_seller", "ix_sales_owed"}),
    "a customer": (CUSTOMER, None, {"ix_sales_buyer", "ix_sales_customer"}),
    "an administrator": (SaleScope(everything=True), None, {"ix_sales_at_ms"}),
    "a cashier's debts": (CASHIER, True, {"ix_sales_owed"}),
    "all debts": (SaleScope(everything=True), True, {"ix_sales_owed"}),
}
LATER = Window(limit=5, cursor="WzEwMDAsNV0")
"""What comes behind the sale 5 of second 1."""


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("window", [Window(limit=5), LATER], ids=["first", "later"])
def test_each_list_runs_along_its_indexes_in_its_order(
    transaction: Tx, name: str, window: Window
) -> None:
    scope, owed, indexes = INDEXES[name]
    connection = transaction.connection
    ran: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        ran.append((text, values))

    sa.event.listen(connection.sql, "before_cursor_execute", note)
    sales.listed(connection, window, scope, owed=owed)
    sa.event.remove(connection.sql, "before_cursor_execute", note)

    text, values = ran[0]
    rows = connection.sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    steps = [str(row[3]) for row in rows]
    used = set(re.findall(r"ix_sales_\w+", " ".join(steps)))
    assert used == indexes, steps
    assert not any("TEMP B-TREE" in step for step in steps), steps

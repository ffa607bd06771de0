"""How the database means to run a query."""

from typing import Any

from trastienda.storage.dialects import Connection, Prepared


def plan_of(connection: Connection, query: Prepared, **values: Any) -> list[str]:
    """Return the steps of a query; a value that is not given is 1."""
    compiled = query.compiled(connection.sql.dialect)
    parameters = tuple(values.get(name, 1) for name in compiled.names)
    rows = connection.sql.exec_driver_sql(
        f"EXPLAIN QUERY PLAN {compiled.text}", parameters
    )
    return [str(row[3]) for row in rows]

"""A copy of a shop's database on which nothing is guarded any more, to be damaged behind the
shop's back."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from trastienda.actions.verification import verify
from trastienda.domain.verification import Broken, Reason
from trastienda.storage.dialects import open_file
from trastienda.storage.transactions import Snapshot


class Damaged:
    """A copy of a good shop on which nothing is guarded any more; each damage is undone before
    the next."""

    def __init__(self, path: Path) -> None:
        self.connection = open_file(path, durable=False).connect()
        for name in self.values(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ):
            self.run(f"DROP TRIGGER {name}")
        self.run("PRAGMA foreign_keys = OFF")

    def run(self, statement: str, *values: object) -> None:
        self.connection.sql.exec_driver_sql(statement, values)

    def values(self, query: str, *values: object) -> list[object]:
        return [row[0] for row in self.connection.sql.exec_driver_sql(query, values)]

    def after(self, *statements: str | Callable[[], None]) -> Broken | None:
        """Do the damage, look what is found, and undo it."""
        self.connection.begin_write()
        self.run("PRAGMA ignore_check_constraints = ON")
        try:
            for statement in statements:
                if isinstance(statement, str):
                    self.run(statement)
                else:
                    statement()
            self.run("PRAGMA ignore_check_constraints = OFF")
            return verify(Snapshot(self.connection, 0))
        finally:
            self.connection.rollback()

    def places(self, table: sa.Table) -> list[str]:
        """A condition for each row of a table."""
        keys = [column.name for column in table.primary_key.columns]
        rows = self.connection.sql.exec_driver_sql(
            f"SELECT {', '.join(keys)} FROM {table.name} ORDER BY {', '.join(keys)}"
        )
        return [
            " AND ".join(
                f"{key} = {value!r}" for key, value in zip(keys, row, strict=True)
            )
            for row in rows
        ]

    def close(self) -> None:
        self.connection.close()


def named(broken: Broken | None) -> tuple[int, str, Reason] | None:
    """Return what tells one damage from another."""
    return None if broken is None else (broken.clause, broken.table, broken.reason)

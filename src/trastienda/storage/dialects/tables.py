"""How tables and indexes are laid out, in the words of each database."""

from typing import Any

import sqlalchemy as sa

LINKED: dict[str, Any] = {"sqlite_strict": True}
"""Options of a table whose rows are found through its indexes."""
CLUSTERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""Options of a table whose rows lie in the order of their key, without a second tree."""


def only_where(condition: str) -> dict[str, Any]:
    """Return the options of an index of the rows for which ``condition`` holds.

    A database without such indexes makes one of all rows.
    """
    return {"sqlite_where": sa.text(condition)}

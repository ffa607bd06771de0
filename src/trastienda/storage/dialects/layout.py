"""What a database in a file is made of, as SQLite has written it down in it."""

import re
from typing import Any

from msgspec import Struct

_SETTINGS = {"encoding": "UTF-8", "user_version": 0, "application_id": 0}
"""What a database keeps of itself beside its tables, and how it is in ours."""
_STATISTICS = {
    ("table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    (
        "table",
        "sqlite_stat4",
        "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
    ),
}
"""Left by whoever has had the tables measured; they choose between ways to the same rows."""
_BLANKS_OR_LITERAL = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")


class Part(Struct, frozen=True, order=True):
    """A table, an index, a view, a trigger or a setting of a database."""

    kind: str
    name: str
    table: str
    """That it belongs to."""
    text: str
    """By which it was made, blanks as one. Empty for what came with a table."""


Layout = tuple[Part, ...]
"""All parts in their order; the same layout has the same parts."""


def layout_of(driver: Any) -> Layout:
    """Return what a database is made of.

    This only reads; nothing that stands in a foreign database is run by it.
    """
    parts = []
    rows = driver.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_schema")
    for kind, name, table, sql in rows:
        text = _tidy(str(sql or ""))
        if (kind, name, text) not in _STATISTICS:
            parts.append(Part(str(kind), str(name), str(table), text))

    for setting, ours in _SETTINGS.items():
        (value,) = driver.execute(f"PRAGMA main.{setting}").fetchone()
        if value != ours:
            parts.append(Part("setting", setting, "", str(value)))
    return tuple(sorted(parts))


def _tidy(text: str) -> str:
    """Return a statement with one blank for each run of them, but in literals and names."""
    tidied = _BLANKS_OR_LITERAL.sub(lambda match: match[1] or " ", text)
    return tidied.strip()

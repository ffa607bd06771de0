"""Databases as objects: everything that one database does otherwise than another.

A database is two files of this package, a class in each. Its database opens connections and
knows its errors; its connection has transactions, queries, statements in sets, an index
of texts and tables to which rows can only be added. SQLite is the one that there is. The
public methods of its two classes are what another database has to offer, and the names
below are what the rest of the shop knows of it.
"""

from pathlib import Path

import sqlalchemy as sa

from trastienda.storage.dialects import json_texts
from trastienda.storage.dialects.layout import Layout, Part
from trastienda.storage.dialects.sqlite import SQLiteConnection
from trastienda.storage.dialects.sqlite_database import SQLiteDatabase
from trastienda.storage.dialects.statements import (
    Prepared,
    SetUpdate,
    among,
    array,
    written_out,
)
from trastienda.storage.dialects.tables import CLUSTERED, LINKED, only_where
from trastienda.storage.dialects.write_lock import Patience, wait_for

__all__ = [
    "CLUSTERED",
    "LINKED",
    "Connection",
    "Database",
    "Layout",
    "Part",
    "Patience",
    "Prepared",
    "SetUpdate",
    "among",
    "array",
    "file_of",
    "in_memory",
    "is_supported",
    "json_texts",
    "only_where",
    "open_file",
    "wait_for",
    "written_out",
]

Connection = SQLiteConnection
Database = SQLiteDatabase


def open_file(
    path: Path,
    *,
    durable: bool = True,
    read_only: bool = False,
) -> Database:
    """Return the database that lies in a file, which need not be there yet.

    ``durable`` False is for throw-away shops (the demo): a power cut may lose their last
    writes. ``read_only`` is for one that lies where nothing can be written.
    """
    return SQLiteDatabase(path, durable=durable, read_only=read_only)


def in_memory() -> Database:
    """Return a database that lies in no file: each connection has an empty one."""
    return SQLiteDatabase(None)


def is_supported(url: str) -> bool:
    """Return whether there is a dialect for this URL of a database."""
    return url.startswith(f"{SQLiteDatabase.SCHEME}:")


def file_of(url: str) -> Path | None:
    """Return the file that a URL names, or None where it names none."""
    try:
        name = sa.make_url(url).database
    except sa.exc.ArgumentError:
        return None
    return SQLiteDatabase.file_named(name)

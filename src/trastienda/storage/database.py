"""A shop in its database: brought to the newest schema, and founded."""

import hashlib
import re

import msgspec
import sqlalchemy as sa

from trastienda.domain.shop import Shop
from trastienda.domain.verification import Difference
from trastienda.storage import shop
from trastienda.storage.dialects import Connection, Database, Layout, Part, in_memory
from trastienda.storage.errors import ForeignSchemaError, NewerSchemaError
from trastienda.storage.transactions import write_transaction

HEAD_REVISION = "0020"
"""The newest schema; a test holds it against the migrations."""
HEAD_LAYOUT = "293419be4448556d166bf387a7a5f93cac087a2b9d5d66aeee8c53e90bebc467"
"""The digest of what a shop of this schema is made of; a test tells the new one."""

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))
_VERSION_TEXT = (
    "CREATE TABLE alembic_version ( version_num TEXT NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) )"
)
"""How that table has been made since the first shop."""
_REVISION = re.compile(r"\d{4}", re.ASCII)


def is_shop(database: Database) -> bool:
    """Return whether there is a shop in the database; nothing is made or changed.

    Raises UnreadableError for what is no database.
    """
    if not database.is_there():
        return False
    with database.readable(), database.connect() as connection:
        return bool(connection.layout())


def checked_revision(database: Database) -> str | None:
    """Return the revision of the schema once it is found to be all that there is.

    None is the one of an empty database. Whoever hands over a file may have put anything
    into it, and a trigger would run with the first row that is written: so tables,
    indexes, views and triggers are compared with their text before any other statement.
    Raises ForeignSchemaError naming the first that differs, NewerSchemaError for a shop
    that a newer version has migrated, UnreadableError for what is no database.
    """
    with database.readable(), database.connect() as connection:
        connection.begin_read()  # another process may be migrating it
        layout = connection.layout()
        if not layout:
            return None
        version = _version_in(connection, layout)

    is_at_head = version == HEAD_REVISION and digest_of(layout) == HEAD_LAYOUT
    if not is_at_head:  # older, or written down by another version of SQLite
        _compare(layout, layout_at(version))
    return version


def _version_in(
    connection: Connection,
    layout: Layout,
) -> str:
    """Return the one revision that a database says it is at.

    Only a table of its own is asked: a view would be a statement of somebody else's.
    """
    name = _VERSION.name
    if not any(part.name == name for part in layout):
        raise ForeignSchemaError("table", name, Difference.MISSING)
    if Part("table", name, name, _VERSION_TEXT) not in layout:
        raise ForeignSchemaError("table", name, Difference.CHANGED)

    versions = connection.execute(sa.select(_VERSION.c.version_num)).scalars().all()
    if len(versions) != 1:
        raise ForeignSchemaError("table", name, Difference.CHANGED)
    (version,) = versions
    if not _REVISION.fullmatch(version):
        raise NewerSchemaError(version)
    return str(version)


def migrate(database: Database) -> bool:
    """Bring the schema to head; return whether there was anything to do.

    Raises what :func:`checked_revision` does.
    """
    if checked_revision(database) == HEAD_REVISION:
        return False
    # Alembic takes longer to import than all the rest.
    from trastienda.storage.migrations import upgrade

    with database.readable(), database.connect() as connection:
        upgrade(connection)
    return True


def layout_at(version: str) -> Layout:
    """Return what a shop of this revision is made of, by making an empty one.

    Raises NewerSchemaError for a revision that is not known here.
    """
    from trastienda.storage.migrations import upgrade

    with in_memory().connect() as connection:
        upgrade(connection, version)
        return connection.layout()


def digest_of(layout: Layout) -> str:
    """Return what tells one layout from any other."""
    return hashlib.sha256(msgspec.json.encode(layout)).hexdigest()


def _compare(
    layout: Layout,
    expected: Layout,
) -> None:
    """Refuse the first part that is not as expected."""
    for part in layout:
        if part in expected:
            continue
        is_changed = any(
            (part.kind, part.name) == (other.kind, other.name) for other in expected
        )
        difference = Difference.CHANGED if is_changed else Difference.ADDED
        raise ForeignSchemaError(part.kind, part.name, difference)

    if layout != expected:
        missing = next(part for part in expected if part not in layout)
        raise ForeignSchemaError(missing.kind, missing.name, Difference.MISSING)


def found_shop(
    database: Database,
    page: Shop,
) -> None:
    """Make an empty database a shop with this page; one that is a shop is left alone.

    Raises UnreadableError for one that is damaged.
    """
    with database.readable(), database.connect() as connection:
        if shop.is_founded(connection):
            return
        with write_transaction(connection):
            if not shop.is_founded(connection):  # another process was faster
                shop.found(connection, page)

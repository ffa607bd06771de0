"""A shop in its database: brought to the newest schema, and founded."""

import sqlalchemy as sa

from trastienda.domain.shop import Shop
from trastienda.storage import shop
from trastienda.storage.dialects import Database
from trastienda.storage.transactions import write_transaction

HEAD_REVISION = "0012"
"""The newest schema; a test holds it against the migrations."""

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


def revision(database: Database) -> str | None:
    """Return the revision of the schema, or None for a database that is empty."""
    with database.connect() as connection:
        if not sa.inspect(connection.sql).has_table(_VERSION.name):
            return None
        row = connection.execute(sa.select(_VERSION.c.version_num)).first()
        return None if row is None else str(row.version_num)


def is_shop(database: Database) -> bool:
    """Return whether there is a shop in the database; nothing is made or changed.

    Raises UnreadableError for what is no database.
    """
    if not database.is_there():
        return False
    with database.readable():
        return revision(database) is not None


def migrate(database: Database) -> bool:
    """Bring the schema to head; return whether there was anything to do.

    Raises NewerSchemaError for a shop that a newer version has migrated, UnreadableError
    for what is no database.
    """
    with database.readable():
        if revision(database) == HEAD_REVISION:
            return False
        # Alembic takes longer to import than all the rest.
        from trastienda.storage.migrations import upgrade

        upgrade(database)
    return True


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

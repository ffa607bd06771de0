"""The database of a shop: opened, brought to the newest schema, and handed out as connections."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from trastienda.domain.shop import Shop
from trastienda.storage import dialects, shop
from trastienda.storage.errors import UnreadableError

HEAD_REVISION = "0004"
"""The newest schema; a test holds it against the migrations."""


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


@contextmanager
def readable() -> Iterator[None]:
    """Have it told as UnreadableError where a database is damaged, or cannot be read or written."""
    try:
        yield
    except (sa.exc.IntegrityError, sqlite3.IntegrityError):
        raise  # nothing is wrong with the database, but with what was to be written
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        raise UnreadableError(str(getattr(error, "orig", error))) from error


def file_of(url: str) -> Path | None:
    """Return the file that a URL of SQLite names, or None where it names none."""
    try:
        return dialects.file_of(sa.make_url(url))
    except sa.exc.ArgumentError:
        return None


def open_database(url: str, *, durable: bool = True) -> sa.Engine:
    """Return an engine for ``url``; the schema is not looked at."""
    return dialects.create_engine(url, durable=durable)


def revision(engine: sa.Engine) -> str | None:
    """Return the revision of the schema, or None for a database that is empty."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql(
            "SELECT version_num FROM alembic_version"
        ).scalar()


def is_shop(engine: sa.Engine) -> bool:
    """Tell whether there is a shop in the database, without making a file or changing one.

    Raises UnreadableError for what is no database.
    """
    path = engine.url.database
    if not path or not Path(path).is_file():
        return False
    with readable():
        return revision(engine) is not None


def migrate(engine: sa.Engine) -> bool:
    """Bring the schema to head; return whether there was anything to do.

    Raises NewerSchemaError for a shop that a newer version has migrated, UnreadableError for what is no database.
    """
    with readable():
        if revision(engine) == HEAD_REVISION:
            return False
        from trastienda.storage.migrations import upgrade

        upgrade(engine)
    return True


def found_shop(engine: sa.Engine, page: Shop) -> None:
    """Make an empty database a shop with this page; one that is a shop already is only looked at.

    Raises UnreadableError for one that is damaged.
    """
    with readable(), dialects.connect(engine) as connection:
        if shop.is_founded(connection):
            return
        dialects.begin_write(connection)
        try:
            if not shop.is_founded(connection):
                shop.found(connection, page)
            dialects.commit(connection)
        except BaseException:
            dialects.rollback(connection)
            raise

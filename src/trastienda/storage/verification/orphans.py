"""Clause 5: nothing half there. What a row names exists, and the database itself is sound."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from trastienda.domain.verification import WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books


def broken_database(books: Books) -> Iterator[Broken]:
    """Yield what the database finds wrong with itself: pages, indexes, checks of columns."""
    found = books.connection.damage()
    if found is not None:
        yield Broken(WHOLE, "database", 1, Reason.DATABASE, {"found": found})


def first_broken(
    check: Callable[[Books], Iterator[Broken]],
    books: Books,
) -> Broken | None:
    """Return the first that a check finds; a file that cannot even be read is broken, too."""
    try:
        return next(check(books), None)
    except sa.exc.DatabaseError as error:
        return Broken(WHOLE, "database", 1, Reason.DATABASE, {"found": str(error.orig)})


def broken_references(books: Books) -> Iterator[Broken]:
    """Yield rows that name a row which is not there; foreign keys may have been off."""
    for table in schema.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            yield from _broken_reference(books, table, key.parent, key.column)
    yield from _broken_reference(
        books,
        schema.idempotency_keys,
        schema.idempotency_keys.c.user_id,
        schema.users.c.id,
    )


def _broken_reference(
    books: Books,
    table: sa.Table,
    column: sa.Column[int],
    target: sa.Column[int],
) -> Iterator[Broken]:
    keys = list(table.primary_key.columns)
    parent = sa.select(sa.literal(1)).where(target == column).correlate(table)
    query = (
        sa.select(*keys)
        .where(column.is_not(None), ~parent.exists())
        .order_by(*keys)
        .limit(1)
    )
    row = books.connection.execute(query).first()
    if row is not None:
        yield Broken(
            WHOLE,
            table.name,
            "/".join(map(str, row)),
            Reason.ORPHAN,
            {"parent": target.table.name},
        )

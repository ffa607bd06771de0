"""Clause 5: nothing half there. What a row names exists, and the database itself is sound."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from trastienda.domain.verification import WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books


def broken_database(books: Books) -> Iterator[Broken]:
    """Yield what the database finds wrong with itself: pages, indexes, checks of columns."""
    damage = books.connection.damage()
    if damage is not None:
        yield Broken(WHOLE, "database", 1, Reason.DATABASE, {"found": damage})


def first_broken(
    check: Callable[[Books], Iterator[Broken]],
    books: Books,
) -> Broken | None:
    """Return the first that a check finds; a file that cannot even be read is broken, too."""
    try:
        return next(check(books), None)
    except sa.exc.DatabaseError as error:
        damage = str(error.orig)
        return Broken(WHOLE, "database", 1, Reason.DATABASE, {"found": damage})


def broken_references(books: Books) -> Iterator[Broken]:
    """Yield rows that name a row which is not there; foreign keys may have been off."""
    tables = schema.metadata.sorted_tables
    for number, table in enumerate(tables):
        books.reach(number / len(tables))
        references = sorted(table.foreign_keys, key=lambda key: key.parent.name)
        for reference in references:
            yield from _broken_reference(
                books, table, reference.parent, reference.column
            )

    # This table names its users without a foreign key.
    keys = schema.idempotency_keys
    yield from _broken_reference(books, keys, keys.c.user_id, schema.users.c.id)


def _broken_reference(
    books: Books,
    table: sa.Table,
    column: sa.Column[int],
    target: sa.Column[int],
) -> Iterator[Broken]:
    primary_key = list(table.primary_key.columns)
    parents = sa.select(target).correlate(None)  # which may be the same table
    names_one = column.is_not(None)
    orphans = sa.select(*primary_key).where(names_one, column.not_in(parents))
    first = orphans.order_by(*primary_key).limit(1)
    orphan = books.connection.execute(first).first()
    if orphan is not None:
        place = "/".join(map(str, orphan))
        data = {"parent": target.table.name}
        yield Broken(WHOLE, table.name, place, Reason.ORPHAN, data)

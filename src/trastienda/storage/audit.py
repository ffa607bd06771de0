"""The audit trail: rows out. Rows go in with the transaction that they tell of."""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from trastienda.domain.audit import AuditRow
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Person
from trastienda.storage import lists, schema

_A = schema.audit.c
_SELECT = sa.select(
    _A.id,
    _A.at_ms,
    _A.user_id,
    _A.action,
    _A.origin,
    _A.detail,
    _A.previous_hash,
    _A.hash,
    schema.users.c.rut.label("user_rut"),
    schema.users.c.name.label("user_name"),
).outerjoin_from(schema.audit, schema.users, schema.users.c.id == _A.user_id)


def listed(
    connection: sa.Connection, window: Window, actions: Collection[str] = ()
) -> Page[tuple[AuditRow, Person | None]]:
    """Return a page of the trail with who did each thing, newest first; a search finds ``actions``, too."""
    query = lists.within(_SELECT, _A.at_ms, window)
    if window.search:
        text = window.search.strip()
        query = query.where(
            sa.or_(
                _A.action.in_(actions),
                _A.detail.icontains(text, autoescape=True),
                schema.users.c.name.icontains(text, autoescape=True),
            )
        )
    return lists.page(
        connection, query, [_A.id], window, lambda rows: [_row(row) for row in rows]
    )


def each(
    connection: sa.Connection, window: Window
) -> Iterator[tuple[AuditRow, Person | None]]:
    """Yield the trail of a window in its order, with who did each thing."""
    return lists.each(
        connection,
        lists.within(_SELECT, _A.at_ms, window),
        [_A.id],
        lambda rows: map(_row, rows),
    )


def by_id(connection: sa.Connection, row_id: int) -> tuple[AuditRow, Person | None]:
    """Return one row of the trail with who did it."""
    return _row(connection.execute(_SELECT.where(_A.id == row_id)).one())


def _row(row: lists.Row) -> tuple[AuditRow, Person | None]:
    person = None if row.user_rut is None else Person(row.user_rut, row.user_name)
    content: tuple[Any, ...] = row[:8]
    return AuditRow(*content), person

"""The audit trail: rows out. They go in with the transaction that they record."""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from trastienda.domain.audit import AuditRow
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Person
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection

_AUDIT = schema.audit.c
_SELECT = sa.select(
    _AUDIT.id,
    _AUDIT.at_ms,
    _AUDIT.user_id,
    _AUDIT.action,
    _AUDIT.origin,
    _AUDIT.detail,
    _AUDIT.previous_hash,
    _AUDIT.hash,
    schema.users.c.rut.label("user_rut"),
    schema.users.c.name.label("user_name"),
).outerjoin_from(schema.audit, schema.users, schema.users.c.id == _AUDIT.user_id)


def listed(
    connection: Connection,
    window: Window,
    actions: Collection[str] = (),
) -> Page[tuple[AuditRow, Person | None]]:
    """Return a page of the trail with who did each thing, newest first.

    A search looks in details and names, and also finds the rows of ``actions``.
    """
    query = lists.within(_SELECT, _AUDIT.at_ms, window)
    if window.search:
        text = window.search.strip()
        matches = sa.or_(
            _AUDIT.action.in_(actions),
            _AUDIT.detail.icontains(text, autoescape=True),
            schema.users.c.name.icontains(text, autoescape=True),
        )
        query = query.where(matches)
    return lists.page(connection, query, [_AUDIT.id], window, _rows)


def each(
    connection: Connection,
    window: Window,
) -> Iterator[tuple[AuditRow, Person | None]]:
    """Yield the trail of a window in its order, with who did each thing."""
    query = lists.within(_SELECT, _AUDIT.at_ms, window)
    return lists.each(connection, query, [_AUDIT.id], _rows)


def by_id(
    connection: Connection,
    row_id: int,
) -> tuple[AuditRow, Person | None]:
    """Return one row of the trail with who did it."""
    row = connection.execute(_SELECT.where(_AUDIT.id == row_id)).one()
    return _row(row)


def _rows(rows: lists.Rows) -> list[tuple[AuditRow, Person | None]]:
    return [_row(row) for row in rows]


def _row(row: lists.Row) -> tuple[AuditRow, Person | None]:
    person = None if row.user_rut is None else Person(row.user_rut, row.user_name)
    columns: tuple[Any, ...] = row[:8]
    return AuditRow(*columns), person

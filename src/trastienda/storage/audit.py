"""The audit trail: rows out. They go in with the transaction that they record."""

from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from trastienda.domain.audit import AuditRow
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Person
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.rows import name_at
from trastienda.storage.transactions import Tx

_AUDIT = schema.audit.c
_NAME = name_at(_AUDIT.user_id, _AUDIT.at_ms)
_SELECT = sa.select(
    _AUDIT.id,
    _AUDIT.at_ms,
    _AUDIT.user_id,
    _AUDIT.action,
    _AUDIT.origin,
    _AUDIT.detail,
    _AUDIT.previous_hash,
    _AUDIT.hash,
    _AUDIT.origin_salt,
    _AUDIT.origin_seal,
    schema.users.c.rut.label("user_rut"),
    _NAME.label("user_name"),
).outerjoin_from(schema.audit, schema.users, schema.users.c.id == _AUDIT.user_id)


def listed(
    connection: Connection,
    window: Window,
    actions: Collection[str] = (),
) -> Page[tuple[AuditRow, Person | None]]:
    """Return a page of the trail with who did each thing, under the name of then, newest first.

    A search looks in details and names, and also finds the rows of ``actions``.
    """
    query = lists.within(_SELECT, _AUDIT.at_ms, window)
    if window.search:
        wanted = window.search.strip()
        matches = sa.or_(
            _AUDIT.action.in_(actions),
            _AUDIT.detail.icontains(wanted, autoescape=True),
            _NAME.icontains(wanted, autoescape=True),
        )
        query = query.where(matches)

    return lists.page(connection, query, [_AUDIT.id], window, _build)


def each(
    connection: Connection,
    window: Window,
) -> Iterator[tuple[AuditRow, Person | None]]:
    """Yield the trail of a window in its order, with who did each thing."""
    query = lists.within(_SELECT, _AUDIT.at_ms, window)
    return lists.each(connection, query, [_AUDIT.id], _build)


def first_hash(connection: Connection) -> str:
    """Return the hash of the first row, which every shop has from its founding."""
    query = sa.select(_AUDIT.hash).order_by(_AUDIT.id).limit(1)
    return str(connection.execute(query).scalar_one())


def last_at_ms(connection: Connection) -> int | None:
    """Return the moment of the last row, None where there is none."""
    query = sa.select(_AUDIT.at_ms).order_by(_AUDIT.id.desc()).limit(1)
    return connection.execute(query).scalar()


def forget_addresses(
    transaction: Tx,
    before_ms: int,
    limit: int,
) -> int:
    """Delete the addresses from which things were done before that moment, oldest first.

    Returns how many rows it were, at most ``limit``. The chain stays whole: it covers
    their seals.
    """
    connection = transaction.connection
    head = schema.head.c
    until_id = connection.execute(sa.select(head.addresses_until_id)).scalar_one()
    oldest = sa.select(_AUDIT.id, _AUDIT.at_ms).where(_AUDIT.id > until_id)
    oldest = oldest.order_by(_AUDIT.id).limit(limit)

    # The clock may have gone back: nothing is forgotten behind one that stays.
    outdated = [
        row.id
        for row in takewhile(
            lambda row: row.at_ms < before_ms, connection.execute(oldest)
        )
    ]
    if outdated:
        until_id = outdated[-1]
        sealed = sa.and_(_AUDIT.id.in_(outdated), _AUDIT.origin_seal.is_not(None))
        forgetting = sa.update(schema.audit).where(sealed)
        connection.execute(forgetting.values(origin="", origin_salt=None))
        advance = sa.update(schema.head).values(addresses_until_id=until_id)
        connection.execute(advance)
    return len(outdated)


def by_id(connection: Connection, row_id: int) -> tuple[AuditRow, Person | None]:
    """Return one row of the trail with who did it."""
    query = _SELECT.where(_AUDIT.id == row_id)
    audit_row = connection.execute(query).one()
    return _row(audit_row)


def _build(audit_rows: lists.Rows) -> list[tuple[AuditRow, Person | None]]:
    return [_row(audit_row) for audit_row in audit_rows]


def _row(audit_row: lists.Row) -> tuple[AuditRow, Person | None]:
    person = None
    if audit_row.user_rut is not None:
        person = Person(audit_row.user_rut, audit_row.user_name)
    recorded: tuple[Any, ...] = audit_row[:10]
    return AuditRow(*recorded), person

"""Notifications: rows in, rows out, for each user their own."""

from collections.abc import Sequence

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.notifications import Notification, Topic
from trastienda.storage import dialects, lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_NOTIFICATIONS = schema.notifications.c
_SELECT = sa.select(schema.notifications)
_LAST_ID = dialects.Prepared(
    sa.select(sa.func.coalesce(sa.func.max(_NOTIFICATIONS.id), 0))
)


def _notification(row: lists.Row) -> Notification:
    return Notification(
        id=row.id,
        user_id=row.user_id,
        at_ms=row.at_ms,
        topic=Topic(row.topic),
        title=row.title,
        text=row.text,
        seen_at_ms=row.seen_at_ms,
    )


def next_id(connection: Connection) -> int:
    """Return the id of the next notification."""
    ((last_id,),) = connection.fetch(_LAST_ID)
    return int(last_id) + 1


def add(
    transaction: Tx,
    notifications: Sequence[Notification],
) -> None:
    """Add notifications."""
    rows = [
        (
            notification.id,
            notification.user_id,
            notification.at_ms,
            notification.topic.value,
            notification.title,
            notification.text,
            notification.seen_at_ms,
        )
        for notification in notifications
    ]
    transaction.insert(schema.notifications, rows)


def find(
    connection: Connection,
    notification_id: int,
    user_id: int,
) -> Notification | None:
    """Return a notification of this user's."""
    query = _SELECT.where(
        _NOTIFICATIONS.id == notification_id,
        _NOTIFICATIONS.user_id == user_id,
    )
    row = connection.execute(query).first()
    return None if row is None else _notification(row)


def unseen(
    connection: Connection,
    user_id: int,
    limit: int,
) -> list[Notification]:
    """Return the last ones that a user has not seen, at most ``limit``, newest last."""
    query = _SELECT.where(
        _NOTIFICATIONS.user_id == user_id,
        _NOTIFICATIONS.seen_at_ms.is_(None),
    )
    newest_first = query.order_by(_NOTIFICATIONS.id.desc()).limit(limit)
    rows = connection.execute(newest_first).all()
    return [_notification(row) for row in reversed(rows)]


def mark_seen(
    transaction: Tx,
    notification_id: int,
) -> None:
    """Store that a notification is seen now."""
    query = sa.update(schema.notifications).where(_NOTIFICATIONS.id == notification_id)
    transaction.connection.execute(query.values(seen_at_ms=transaction.now_ms))


def listed(
    connection: Connection,
    window: Window,
    user_id: int,
    *,
    waiting: bool | None,
) -> Page[Notification]:
    """Return a page of a user's notifications, newest first, searched by their words.

    ``waiting`` leaves only those that were not seen, or only those that were.
    """
    query = _SELECT.where(_NOTIFICATIONS.user_id == user_id)
    query = lists.within(query, _NOTIFICATIONS.at_ms, window)
    if waiting is not None:
        seen_at_ms = _NOTIFICATIONS.seen_at_ms
        query = query.where(
            seen_at_ms.is_(None) if waiting else seen_at_ms.is_not(None)
        )
    if window.search:
        wanted = window.search.strip()
        matches = sa.or_(
            _NOTIFICATIONS.title.icontains(wanted, autoescape=True),
            _NOTIFICATIONS.text.icontains(wanted, autoescape=True),
        )
        query = query.where(matches)

    def build(rows: lists.Rows) -> list[Notification]:
        return [_notification(row) for row in rows]

    return lists.page(connection, query, [_NOTIFICATIONS.id], window, build)


def forget(
    transaction: Tx,
    *,
    seen_before_ms: int,
    noticed_before_ms: int,
    limit: int,
) -> int:
    """Delete the oldest that were seen before that moment, at most ``limit``.

    What the shop noticed goes once it is from before ``noticed_before_ms``, seen or not.
    Returns how many it were. The last one of all stays, since the next one is numbered
    after it.
    """
    connection = transaction.connection
    last_id = next_id(connection) - 1
    is_over = sa.or_(
        _NOTIFICATIONS.seen_at_ms < seen_before_ms,
        sa.and_(
            _NOTIFICATIONS.topic != Topic.WRITTEN.value,
            _NOTIFICATIONS.at_ms < noticed_before_ms,
        ),
    )
    outdated = sa.select(_NOTIFICATIONS.id).where(is_over, _NOTIFICATIONS.id < last_id)
    oldest = outdated.order_by(_NOTIFICATIONS.id).limit(limit)
    ids = [row.id for row in connection.execute(oldest)]
    chosen = _NOTIFICATIONS.id.in_(ids)
    connection.execute(sa.delete(schema.notifications).where(chosen))
    return len(ids)

"""Daily tasks: which ran on which day, and what they tidy away."""

import sqlalchemy as sa

from trastienda.storage import schema
from trastienda.storage.transactions import Tx

_TASK_DAYS = schema.task_days.c


def claim(transaction: Tx, task: str, day: str) -> bool:
    """Take a task for a day (``YYYY-MM-DD``); False where it has been taken already, by whatever process."""
    if (
        transaction.connection.execute(
            sa.select(_TASK_DAYS.day).where(
                _TASK_DAYS.task == task, _TASK_DAYS.day == day
            )
        ).first()
        is not None
    ):
        return False
    transaction.connection.execute(
        sa.delete(schema.task_days).where(_TASK_DAYS.task == task)
    )  # only the last day is of use
    transaction.insert(schema.task_days, [(task, day, transaction.now_ms)])
    return True


def forget_announcements(transaction: Tx, before_ms: int, limit: int) -> int:
    """Delete the oldest announcements from before that moment, at most ``limit``; the last one of all stays."""
    j = schema.journal.c
    first = transaction.connection.execute(sa.select(sa.func.min(j.n))).scalar_one()
    if first is None:
        return 0
    some = sa.and_(j.n < first + limit, j.n < transaction.n_before, j.at_ms < before_ms)
    younger = sa.select(sa.func.min(j.n)).where(
        j.n < first + limit, j.at_ms >= before_ms
    )  # the clock may go back
    youngest = transaction.connection.execute(younger).scalar_one()
    if youngest is not None:
        some = sa.and_(some, j.n < youngest)
    return transaction.connection.execute(
        sa.delete(schema.journal).where(some)
    ).rowcount


def forget_sessions(transaction: Tx, before_ms: int, limit: int) -> int:
    """Delete sessions that ended by themselves before that moment, and refresh tokens used before it."""
    s, t = schema.sessions.c, schema.refresh_tokens.c
    ended = sa.select(s.id).where(s.expires_at_ms < before_ms).limit(limit)
    ids = [row[0] for row in transaction.connection.execute(ended)]
    used = sa.select(t.hash).where(t.used_at_ms < before_ms).limit(limit)
    hashes = [row[0] for row in transaction.connection.execute(used)]
    transaction.connection.execute(
        sa.delete(schema.refresh_tokens).where(
            t.session_id.in_(ids) | t.hash.in_(hashes)
        )
    )
    transaction.connection.execute(sa.delete(schema.sessions).where(s.id.in_(ids)))
    return len(ids) + len(hashes)

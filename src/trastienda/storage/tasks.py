"""Daily tasks: which ran on which day, and what they tidy away."""

import sqlalchemy as sa

from trastienda.storage import schema
from trastienda.storage.transactions import Tx

_TASK_DAYS = schema.task_days.c


def claim(
    transaction: Tx,
    task: str,
    day: str,
) -> bool:
    """Take a task for a day (``YYYY-MM-DD``).

    False where it has been taken already, by whatever process.
    """
    connection = transaction.connection
    same_day = sa.and_(_TASK_DAYS.task == task, _TASK_DAYS.day == day)
    claimed = connection.execute(sa.select(_TASK_DAYS.day).where(same_day)).first()
    if claimed is not None:
        return False

    # Only the last day is of use.
    connection.execute(sa.delete(schema.task_days).where(_TASK_DAYS.task == task))
    transaction.insert(schema.task_days, [(task, day, transaction.now_ms)])
    return True


def forget_announcements(
    transaction: Tx,
    before_ms: int,
    limit: int,
) -> int:
    """Delete the oldest announcements from before that moment, at most ``limit``.

    The last one of all stays.
    """
    connection = transaction.connection
    journal = schema.journal.c
    first_n = connection.execute(sa.select(sa.func.min(journal.n))).scalar_one()
    if first_n is None:
        return 0

    within_limit = journal.n < first_n + limit
    outdated = sa.and_(
        within_limit, journal.n < transaction.n_before, journal.at_ms < before_ms
    )

    # The clock may have gone back: nothing is deleted behind one that stays.
    still_young = sa.and_(within_limit, journal.at_ms >= before_ms)
    first_young = sa.select(sa.func.min(journal.n)).where(still_young)
    first_young_n = connection.execute(first_young).scalar_one()
    if first_young_n is not None:
        outdated = sa.and_(outdated, journal.n < first_young_n)
    return connection.execute(sa.delete(schema.journal).where(outdated)).rowcount


def forget_sessions(
    transaction: Tx,
    before_ms: int,
    limit: int,
) -> int:
    """Delete sessions that ended by themselves before that moment.

    Refresh tokens that were used before it go, too.
    """
    connection = transaction.connection
    sessions = schema.sessions.c
    tokens = schema.refresh_tokens.c

    ended = sa.select(sessions.id).where(sessions.expires_at_ms < before_ms)
    session_ids = [row.id for row in connection.execute(ended.limit(limit))]
    used = sa.select(tokens.hash).where(tokens.used_at_ms < before_ms)
    token_hashes = [row.hash for row in connection.execute(used.limit(limit))]

    # A session's tokens name it, so they go first.
    forgotten = tokens.session_id.in_(session_ids) | tokens.hash.in_(token_hashes)
    connection.execute(sa.delete(schema.refresh_tokens).where(forgotten))
    ended_sessions = sessions.id.in_(session_ids)
    connection.execute(sa.delete(schema.sessions).where(ended_sessions))
    return len(session_ids) + len(token_hashes)

"""Sessions and their refresh tokens: rows in, rows out."""

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.sessions import Session
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_SESSIONS = schema.sessions.c
_REFRESH_TOKENS = schema.refresh_tokens.c


def _session(row: lists.Row) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        created_at_ms=row.created_at_ms,
        used_at_ms=row.used_at_ms or row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        address=row.address or "",
        program=row.program or "",
        revoked=row.revoked_at_ms is not None,
    )


def add(
    transaction: Tx,
    session: Session,
) -> None:
    """Add a session."""
    row = {
        "id": session.id,
        "user_id": session.user_id,
        "created_at_ms": session.created_at_ms,
        "used_at_ms": session.used_at_ms,
        "expires_at_ms": session.expires_at_ms,
        "address": session.address,
        "program": session.program,
    }
    transaction.connection.execute(sa.insert(schema.sessions), row)


def update(
    transaction: Tx,
    session: Session,
) -> None:
    """Update what a refresh changes."""
    query = sa.update(schema.sessions).where(_SESSIONS.id == session.id)
    values = {
        "used_at_ms": session.used_at_ms,
        "expires_at_ms": session.expires_at_ms,
        "address": session.address,
        "program": session.program,
    }
    transaction.connection.execute(query.values(values))


def find(
    connection: Connection,
    session_id: str,
) -> Session | None:
    """Return the session with this id."""
    query = sa.select(schema.sessions).where(_SESSIONS.id == session_id)
    row = connection.execute(query).first()
    return None if row is None else _session(row)


def open_of(
    connection: Connection,
    user_id: int,
    now_ms: int,
) -> list[Session]:
    """Return the sessions of a user that have not ended, the last used first."""
    last_used = sa.func.coalesce(_SESSIONS.used_at_ms, _SESSIONS.created_at_ms)
    query = sa.select(schema.sessions).where(
        _SESSIONS.user_id == user_id,
        _SESSIONS.revoked_at_ms.is_(None),
        _SESSIONS.expires_at_ms > now_ms,
    )
    query = query.order_by(last_used.desc(), _SESSIONS.id)
    return [_session(row) for row in connection.execute(query)]


def addresses_of(
    connection: Connection,
    user_id: int,
    since_ms: int,
    limit: int,
) -> list[str]:
    """Return from where a user's sessions were used, ended or not, the last first."""
    query = sa.select(_SESSIONS.address).where(
        _SESSIONS.user_id == user_id,
        _SESSIONS.address.is_not(None),
        _SESSIONS.used_at_ms > since_ms,
    )
    query = query.group_by(_SESSIONS.address)
    query = query.order_by(sa.func.max(_SESSIONS.used_at_ms).desc()).limit(limit)
    return list(connection.execute(query).scalars())


def revoke(
    transaction: Tx,
    *,
    user_id: int,
    session_id: str | None = None,
) -> int:
    """End one session of a user, or all of them; return how many were still open."""
    still_open = sa.update(schema.sessions).where(
        _SESSIONS.user_id == user_id, _SESSIONS.revoked_at_ms.is_(None)
    )
    if session_id is not None:
        still_open = still_open.where(_SESSIONS.id == session_id)

    ended = still_open.values(revoked_at_ms=transaction.now_ms)
    return transaction.connection.execute(ended).rowcount


def add_refresh_token(
    transaction: Tx,
    token_hash: str,
    session_id: str,
) -> None:
    """Add the hash of a refresh token."""
    transaction.insert(
        schema.refresh_tokens, [(token_hash, session_id, transaction.now_ms, None)]
    )


def use_refresh_token(transaction: Tx, token_hash: str) -> bool:
    """Mark a refresh token as used.

    Return False where it was used before or was never given out.
    """
    unused = sa.update(schema.refresh_tokens).where(
        _REFRESH_TOKENS.hash == token_hash, _REFRESH_TOKENS.used_at_ms.is_(None)
    )
    marked = transaction.connection.execute(
        unused.values(used_at_ms=transaction.now_ms)
    )
    return marked.rowcount == 1


class RefreshToken(Struct, frozen=True):
    """A refresh token that was given out, used or not."""

    session: Session
    created_at_ms: int


def refresh_token(
    connection: Connection,
    token_hash: str,
) -> RefreshToken | None:
    """Return a refresh token with its session."""
    given_at_ms = _REFRESH_TOKENS.created_at_ms.label("given_at_ms")
    query = sa.select(schema.sessions, given_at_ms)
    query = query.join(
        schema.refresh_tokens, _REFRESH_TOKENS.session_id == _SESSIONS.id
    )
    query = query.where(_REFRESH_TOKENS.hash == token_hash)
    row = connection.execute(query).first()
    return None if row is None else RefreshToken(_session(row), row.given_at_ms)

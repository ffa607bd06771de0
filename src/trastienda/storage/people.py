"""Users and their sessions: rows in, rows out."""

from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Role, User
from trastienda.domain.usernames import username_key
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_USERS = schema.users.c
_SELECT = sa.select(
    _USERS.id,
    _USERS.rut,
    _USERS.name,
    _USERS.username,
    _USERS.email,
    _USERS.role,
    _USERS.active,
    _USERS.verified,
    _USERS.created_at_ms,
    _USERS.version,
    _USERS.password_hash,
)


def _user(row: lists.Row) -> User:
    return User(
        id=row.id,
        rut=row.rut,
        name=row.name,
        username=row.username,
        email=row.email,
        role=Role(row.role),
        active=bool(row.active),
        verified=bool(row.verified),
        created_at_ms=row.created_at_ms,
        version=row.version,
    )


def _columns(user: User) -> dict[str, Any]:
    return {
        "rut": user.rut,
        "name": user.name,
        "username": user.username,
        "username_key": username_key(user.username),
        "email": user.email,
        "role": user.role.value,
        "active": user.active,
        "verified": user.verified,
        "version": user.version,
    }


def add(
    transaction: Tx,
    user: User,
    password_hash: str,
) -> None:
    """Add a user; an IntegrityError where the RUT or the user name is taken."""
    row = _columns(user) | {
        "id": user.id,
        "created_at_ms": user.created_at_ms,
        "password_hash": password_hash,
    }
    transaction.connection.execute(sa.insert(schema.users), row)
    _add_name(transaction, user, 0)


def update(
    transaction: Tx,
    user: User,
    password_hash: str | None = None,
) -> None:
    """Update what may change of a user, and the password where a hash is given."""
    row = _columns(user)
    if password_hash is not None:
        row["password_hash"] = password_hash
    transaction.connection.execute(
        sa.update(schema.users).where(_USERS.id == user.id).values(row)
    )


def rename(transaction: Tx, user: User) -> None:
    """Have the user's name hold from now on: what was done before keeps the name of then."""
    names = schema.user_names.c
    # Where the clock was ahead, what held from a later moment on would come back.
    outdated = sa.delete(schema.user_names).where(
        names.user_id == user.id,
        names.from_ms >= transaction.now_ms,
    )
    transaction.connection.execute(outdated)
    _add_name(transaction, user, transaction.now_ms)


def _add_name(
    transaction: Tx,
    user: User,
    from_ms: int,
) -> None:
    row = {"user_id": user.id, "from_ms": from_ms, "name": user.name}
    transaction.connection.execute(sa.insert(schema.user_names), row)


def by_rut(connection: Connection, rut: str) -> User | None:
    """Return the user with this RUT."""
    query = _SELECT.where(_USERS.rut == rut)
    user_row = connection.execute(query).first()
    return None if user_row is None else _user(user_row)


def by_id(connection: Connection, user_id: int) -> User | None:
    """Return the user with this id."""
    query = _SELECT.where(_USERS.id == user_id)
    user_row = connection.execute(query).first()
    return None if user_row is None else _user(user_row)


def with_password(
    connection: Connection,
    *,
    rut: str | None,
    username: str,
) -> tuple[User, str] | None:
    """Return the user with this RUT or user name, and the hash of their password."""
    matches = _USERS.username_key == username_key(username)
    if rut is not None:
        matches = sa.or_(matches, _USERS.rut == rut)
    row = connection.execute(_SELECT.where(matches)).first()
    return None if row is None else (_user(row), str(row.password_hash))


def taken(
    connection: Connection,
    *,
    rut: str,
    username: str,
    but_id: int | None = None,
) -> str | None:
    """Return which of the two another user has: ``"rut"``, ``"username"`` or None."""
    key = username_key(username)
    query = sa.select(_USERS.id, _USERS.rut).where(
        sa.or_(_USERS.rut == rut, _USERS.username_key == key)
    )
    for row in connection.execute(query):
        if row.id != but_id:
            return "rut" if row.rut == rut else "username"
    return None


def other_active_administrators(
    connection: Connection,
    user_id: int,
) -> int:
    """Return how many active administrators there are beside this user."""
    query = sa.select(sa.func.count()).where(
        _USERS.role == Role.ADMINISTRATOR.value,
        _USERS.active.is_(sa.true()),
        _USERS.id != user_id,
    )
    return int(connection.execute(query).scalar_one())


def anybody(connection: Connection) -> bool:
    """Tell whether the shop has any user yet."""
    first_user = connection.execute(sa.select(_USERS.id).limit(1)).first()
    return first_user is not None


def listed(
    connection: Connection,
    window: Window,
    *,
    role: Role | None = None,
) -> Page[User]:
    """Return a page of users, newest first, searched by name, user name, mail or RUT."""
    query = lists.within(_SELECT, _USERS.created_at_ms, window)
    if role is not None:
        query = query.where(_USERS.role == role.value)

    # Every word has to stand in a name or the mail, or begin the RUT.
    for word in (window.search or "").split():
        rut = word.replace(".", "").upper()
        matches = sa.or_(
            _USERS.name.icontains(word, autoescape=True),
            _USERS.username.icontains(word, autoescape=True),
            _USERS.email.icontains(word, autoescape=True),
            _USERS.rut.startswith(rut, autoescape=True),
        )
        query = query.where(matches)

    def build(user_rows: lists.Rows) -> list[User]:
        return [_user(row) for row in user_rows]

    return lists.page(connection, query, [_USERS.id], window, build)


_SESSIONS = schema.sessions.c
_REFRESH_TOKENS = schema.refresh_tokens.c


class Session(Struct, frozen=True):
    """A login and all that follows from it by refreshing."""

    id: str
    user_id: int
    expires_at_ms: int
    revoked: bool


def _session(row: lists.Row) -> Session:
    revoked = row.revoked_at_ms is not None
    return Session(row.id, row.user_id, row.expires_at_ms, revoked)


def add_session(
    transaction: Tx,
    session: Session,
) -> None:
    """Add a session that begins now."""
    row = (session.id, session.user_id, transaction.now_ms, session.expires_at_ms, None)
    transaction.insert(schema.sessions, [row])


def session(
    connection: Connection,
    session_id: str,
) -> Session | None:
    """Return the session with this id."""
    query = sa.select(schema.sessions).where(_SESSIONS.id == session_id)
    row = connection.execute(query).first()
    return None if row is None else _session(row)


def prolong(
    transaction: Tx,
    session_id: str,
    expires_at_ms: int,
) -> None:
    """Set when a session expires."""
    query = sa.update(schema.sessions).where(_SESSIONS.id == session_id)
    transaction.connection.execute(query.values(expires_at_ms=expires_at_ms))


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

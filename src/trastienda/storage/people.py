"""Users and their sessions: rows in, rows out."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Person, Role, User
from trastienda.domain.usernames import username_key
from trastienda.storage import dialects, lists, schema
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
    _USERS.must_change_since_ms,
    _USERS.password_hash,
)
_ACTIVE_ADMINISTRATORS = dialects.Prepared(
    sa.select(_USERS.id)
    .where(
        _USERS.role == Role.ADMINISTRATOR.value,
        _USERS.active.is_(sa.true()),
    )
    .order_by(_USERS.id)
)

_PERSONS = dialects.Prepared(
    sa.select(_USERS.id, _USERS.rut, _USERS.name).where(
        dialects.among(_USERS.id, "ids")
    )
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
        must_change_password=row.must_change_since_ms is not None,
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
        "must_change_since_ms": transaction.now_ms
        if user.must_change_password
        else None,
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
    row["must_change_since_ms"] = None
    if user.must_change_password:
        since_ms = sa.func.coalesce(_USERS.must_change_since_ms, transaction.now_ms)
        row["must_change_since_ms"] = since_ms
    if password_hash is not None:
        row["password_hash"] = password_hash
    transaction.connection.execute(
        sa.update(schema.users).where(_USERS.id == user.id).values(row)
    )


def renew_hash(
    transaction: Tx,
    user_id: int,
    password_hash: str,
    new_hash: str,
) -> bool:
    """Replace one hash of a user's password by another; False where it is not there."""
    replaced = sa.update(schema.users).where(
        _USERS.id == user_id,
        _USERS.password_hash == password_hash,
    )
    values = replaced.values(password_hash=new_hash)
    return transaction.connection.execute(values).rowcount == 1


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


def persons(
    connection: Connection,
    user_ids: Collection[int | None],
) -> dict[int | None, Person]:
    """Return users as others see them now, by id. The shell, whose id is None, is nobody."""
    user_rows = connection.fetch(_PERSONS, ids=dialects.array(user_ids))
    return {user_id: Person(rut, name) for user_id, rut, name in user_rows}


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


def password_hash(
    connection: Connection,
    user_id: int,
) -> str:
    """Return the hash of a user's password."""
    query = sa.select(_USERS.password_hash).where(_USERS.id == user_id)
    return str(connection.execute(query).scalar_one())


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


def active_administrators(connection: Connection) -> list[int]:
    """Return the ids of all active administrators, by an index: tills may wait for it."""
    return [user_id for (user_id,) in connection.fetch(_ACTIVE_ADMINISTRATORS)]


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

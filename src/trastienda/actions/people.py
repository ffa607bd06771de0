"""Registering people, changing them, and their sessions."""

from collections.abc import Collection, Iterator

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from trastienda.domain import people as rules
from trastienda.domain.audit import Action
from trastienda.domain.errors import (
    AlreadyExists,
    BadCredentials,
    Forbidden,
    Invalid,
    LastAdministrator,
    NotAuthenticated,
    NotFound,
    VersionChanged,
)
from trastienda.domain.events import Audience, Kind, SessionsEnded
from trastienda.domain.lists import MAX_LIMIT, Page, Window
from trastienda.domain.people import Actor, Permission, Role, User, UserDraft, require
from trastienda.domain.rut import normalise
from trastienda.domain.text import clean
from trastienda.storage import people
from trastienda.storage.people import Session
from trastienda.storage.transactions import Snapshot, Tx

STRANGER = Actor(user_id=None, rut=None, name="", role=Role.CUSTOMER, verified=False)
"""Who registers alone has no account yet."""


def checked(draft: UserDraft) -> UserDraft:
    """Return the draft tidied; raise Invalid for the first value that is not fit. Done before the dear hashing."""
    rut = normalise(draft.rut)
    rules.check_password(draft.password)
    return replace(
        draft,
        rut=rut,
        name=clean(draft.name, "name"),
        username=rules.check_username(draft.username, rut),
        email=None if not draft.email else rules.check_email(draft.email),
    )


def register(tx: Tx, actor: Actor, draft: UserDraft, password_hash: str) -> User:
    """Register somebody, with ``draft`` as :func:`checked` returns it.

    Alone one becomes a customer whose RUT nobody has confirmed; an administrator registers anybody, confirmed.
    """
    by_administrator = rules.may(actor, Permission.MANAGE_PEOPLE)
    if draft.role is not Role.CUSTOMER and not by_administrator:
        raise Forbidden
    if taken := people.taken(tx.connection, rut=draft.rut, username=draft.username):
        raise AlreadyExists(taken)
    user = User(
        id=tx.take("user"),
        rut=draft.rut,
        name=draft.name,
        username=draft.username,
        email=draft.email,
        role=draft.role,
        active=True,
        verified=by_administrator,
        created_at_ms=tx.now_ms,
        version=1,
    )
    people.add(tx, user, password_hash)
    if (
        actor.user_id is None and not by_administrator
    ):  # who registers alone is who did it
        actor = Actor(
            user_id=user.id,
            rut=user.rut,
            name=user.name,
            role=user.role,
            origin=actor.origin,
        )
    tx.audit(
        actor,
        Action.USER_REGISTERED,
        {"rut": user.rut, "role": user.role, "username": user.username},
    )
    _announce(tx, user)
    return user


def _announce(tx: Tx, user: User) -> None:
    tx.emit(Kind.USER, Audience((Role.ADMINISTRATOR,), (user.id,)), user)


def _end_sessions(tx: Tx, user_id: int, session_id: str | None = None) -> None:
    ended = people.revoke(tx, user_id=user_id, session_id=session_id)
    if (
        ended or session_id is None
    ):  # who came by a line has no session, and goes with all the others
        tx.emit(
            Kind.SESSIONS_ENDED,
            Audience(user_ids=(user_id,)),
            SessionsEnded(user_id, session_id),
        )


class UserChange(Struct, frozen=True, kw_only=True):
    """What is to change of a user; what is UNSET stays. The password comes hashed, its check done before."""

    name: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    username: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    verified: bool | UnsetType = UNSET
    password_hash: str | UnsetType = UNSET

    def fields(self) -> dict[str, object]:
        """Return what was given of the user itself."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return {
            k: v for k, v in given.items() if v is not UNSET and k != "password_hash"
        }


_OWN = {"name", "email", "password_hash"}


def check_may_change(actor: Actor, user: User, given: Collection[str]) -> None:
    """Raise Forbidden unless the actor may change these fields of this user.

    Administrators may change everything, everybody the own name, mail and password, cashiers whether a customer's
    RUT is confirmed.
    """
    if rules.may(actor, Permission.MANAGE_PEOPLE):
        return
    if actor.user_id == user.id and set(given) <= _OWN:
        return
    if (
        actor.role is Role.CASHIER
        and user.role is Role.CUSTOMER
        and set(given) <= {"verified"}
    ):
        return
    raise Forbidden


def find(snapshot: Snapshot, actor: Actor, rut: str) -> User:
    """Return a user to an administrator, to themselves, and a customer to a cashier; else raise Forbidden."""
    require(actor, Permission.LOOK)
    if actor.role is Role.CUSTOMER and rut != actor.rut:
        raise Forbidden
    user = people.by_rut(snapshot.connection, rut)
    if user is None:
        raise NotFound
    if (
        actor.role is Role.CASHIER
        and user.id != actor.user_id
        and user.role is not Role.CUSTOMER
    ):
        raise Forbidden
    return user


def change(
    tx: Tx,
    actor: Actor,
    rut: str,
    wanted: UserChange,
    revisions: Collection[str] | None = None,
) -> User:
    """Change a user. A new password and a deactivation end all of their sessions at once."""
    user = find(tx, actor, rut)
    given = wanted.fields()
    has_password = wanted.password_hash is not UNSET
    check_may_change(
        actor, user, [*given, *(["password_hash"] if has_password else [])]
    )
    if revisions is not None and user.revision not in revisions:
        raise VersionChanged
    changed = _checked(tx, replace(user, **given))
    if _is_administrator(user) and not _is_administrator(changed):
        _check_not_last(tx, user)
    if changed == user and not has_password:
        return user
    changed = replace(changed, version=user.version + 1)
    people.update(
        tx,
        changed,
        wanted.password_hash if isinstance(wanted.password_hash, str) else None,
    )
    differing = {
        name: getattr(changed, name)
        for name in given
        if getattr(changed, name) != getattr(user, name)
    }
    action = (
        Action.USER_DEACTIVATED
        if user.active and not changed.active
        else Action.USER_CHANGED
    )
    tx.audit(
        actor,
        action,
        {"rut": user.rut, "changes": differing}
        | ({"password": True} if has_password else {}),
    )
    if has_password or not changed.active:
        _end_sessions(tx, user.id)
    _announce(tx, changed)
    return changed


def _checked(tx: Tx, user: User) -> User:
    username = rules.check_username(user.username, user.rut)
    if people.taken(tx.connection, rut=user.rut, username=username, but_id=user.id):
        raise AlreadyExists("username")
    email = None if not user.email else rules.check_email(user.email)
    return replace(user, name=clean(user.name, "name"), email=email, username=username)


def _is_administrator(user: User) -> bool:
    return user.active and user.role is Role.ADMINISTRATOR


def _check_not_last(tx: Tx, user: User) -> None:
    if not people.other_active_administrators(tx.connection, user.id):
        raise LastAdministrator


def deactivate(
    tx: Tx, actor: Actor, rut: str, revisions: Collection[str] | None = None
) -> User:
    """Let somebody in no longer: their sessions end at once, their history stays."""
    require(actor, Permission.MANAGE_PEOPLE)
    return change(tx, actor, rut, UserChange(active=False), revisions)


def listed(
    snapshot: Snapshot, actor: Actor, window: Window, *, role: Role | None = None
) -> Page[User]:
    """Return a page of users, newest first."""
    require(actor, Permission.MANAGE_PEOPLE)
    return people.listed(snapshot.connection, window, role=role)


def everybody(snapshot: Snapshot, actor: Actor) -> Iterator[User]:
    """Return all users, newest first, a page at a time."""
    window = Window(limit=MAX_LIMIT)
    while True:
        page = listed(snapshot, actor, window)
        yield from page.items
        if page.following is None:
            return
        window = Window(limit=MAX_LIMIT, cursor=page.following)


def _rut_in(username: str) -> str | None:
    try:
        return normalise(username)
    except Invalid:
        return None


def login_key(username: str) -> str:
    """Return what the spellings of one user name or RUT share."""
    return _rut_in(username) or rules.username_key(username)


def with_password(snapshot: Snapshot, username: str) -> tuple[User, str] | None:
    """Return whoever logs in with this user name or RUT, and the hash of their password."""
    return people.with_password(
        snapshot.connection, rut=_rut_in(username), username=username
    )


def begin_session(
    tx: Tx, user_id: int, password_hash: str, session: Session, token_hash: str
) -> User:
    """Begin a session for a user whose password was found right; raise BadCredentials if that is no longer so."""
    user = people.by_id(tx.connection, user_id)
    if user is None or not user.active:
        raise BadCredentials
    found = people.with_password(tx.connection, rut=user.rut, username=user.username)
    if found is None or found[1] != password_hash:
        raise BadCredentials
    people.add_session(tx, session)
    people.add_refresh_token(tx, token_hash, session.id)
    return user


class Refreshed(Struct, frozen=True):
    """A session that goes on, and whose it is; no user where it was ended because a used token came back."""

    session: Session
    user: User | None


def refresh(tx: Tx, token_hash: str, new_token_hash: str, ttl_s: int) -> Refreshed:
    """Go on with a session under a new refresh token, for ``ttl_s`` from now.

    A used token that comes back ends its session: one of the two who hold it has no right to. That end must be kept,
    so it is an answer and not a refusal.
    """
    session = people.session_of_refresh_token(tx.connection, token_hash)
    if session is None:
        raise NotAuthenticated
    user = people.by_id(tx.connection, session.user_id)
    if (
        session.revoked
        or session.expires_at_ms <= tx.now_ms
        or user is None
        or not user.active
    ):
        raise NotAuthenticated
    if not people.use_refresh_token(tx, token_hash):
        _end_sessions(tx, session.user_id, session.id)
        return Refreshed(session, None)
    people.add_refresh_token(tx, new_token_hash, session.id)
    people.prolong(tx, session.id, tx.now_ms + ttl_s * 1000)
    return Refreshed(session, user)


def end_session(tx: Tx, user_id: int, session_id: str) -> None:
    """Log out."""
    _end_sessions(tx, user_id, session_id)


def end_session_of(tx: Tx, token_hash: str) -> None:
    """Log out whoever holds this refresh token; raise NotAuthenticated for a token never given."""
    session = people.session_of_refresh_token(tx.connection, token_hash)
    if session is None:
        raise NotAuthenticated
    _end_sessions(tx, session.user_id, session.id)


def session_of(snapshot: Snapshot, session_id: str) -> tuple[Session, User] | None:
    """Return a session with its user, or None where it is over or its user may not come in."""
    session = people.session(snapshot.connection, session_id)
    if session is None or session.revoked:
        return None
    user = people.by_id(snapshot.connection, session.user_id)
    return None if user is None or not user.active else (session, user)


def anybody(snapshot: Snapshot) -> bool:
    """Tell whether the shop has any user yet."""
    return people.anybody(snapshot.connection)

"""Registering people, changing them, and their sessions."""

from collections.abc import Collection, Iterator

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain import people as rules
from trastienda.domain.audit import Action, changed_fields
from trastienda.domain.errors import (
    AlreadyExists,
    BadCredentials,
    Invalid,
    LastAdministrator,
    NotAuthenticated,
    VersionChanged,
)
from trastienda.domain.events import (
    ADMINISTRATORS,
    Audience,
    Kind,
    ReleasedRut,
    SessionsEnded,
)
from trastienda.domain.lists import MAX_LIMIT, Page, Window
from trastienda.domain.people import (
    Actor,
    Permission,
    Role,
    User,
    UserChange,
    UserDraft,
    require,
)
from trastienda.domain.rut import normalise
from trastienda.domain.usernames import check_new_username, username_key
from trastienda.domain.visibility import audience_of_user, user_shown_to
from trastienda.storage import people
from trastienda.storage.people import Session
from trastienda.storage.transactions import Snapshot, Tx, lookup


def register(
    transaction: Tx,
    actor: Actor,
    draft: UserDraft,
    password_hash: str,
) -> User:
    """Register a user, with ``draft`` as :func:`~trastienda.domain.people.check_draft`
    returns it.

    A stranger becomes a customer whose RUT nobody has confirmed. An administrator
    registers anybody, confirmed. Whether the shop is open to strangers is asked at the door.
    """
    rules.check_may_register(actor, draft.role, is_open=True)
    taken = people.taken(transaction.connection, rut=draft.rut, username=draft.username)
    if taken is not None:
        raise AlreadyExists(taken)

    user = rules.new_user(draft, actor, transaction.take("user"), transaction.now_ms)
    people.add(transaction, user, password_hash)

    if actor.user_id is None and not user.verified:
        # The trail names the stranger by the new account.
        actor = replace(actor, user_id=user.id, rut=user.rut, name=user.name)
    detail = {"rut": user.rut, "role": user.role, "username": user.username}
    transaction.audit(actor, Action.USER_REGISTERED, detail)
    transaction.emit(Kind.USER, audience_of_user(user), user)
    return user


@lookup
def get(
    snapshot: Snapshot,
    actor: Actor,
    rut: str,
) -> User:
    """Return the user of a RUT.

    Raises NotFound, or Forbidden where the actor may not see them.
    """
    require(actor, Permission.LOOK)
    user = people.by_rut(snapshot.connection, rut)
    return user_shown_to(actor, rut, user)


def change(
    transaction: Tx,
    actor: Actor,
    rut: str,
    wanted: UserChange,
    password_hash: str | None = None,
    revisions: Collection[str] | None = None,
) -> User:
    """Change a user; ``password_hash`` is that of the new password, where there is one.

    A new password and a deactivation end all of the user's sessions at once. Raises
    VersionChanged where the user is at none of ``revisions``.
    """
    user = get(transaction, actor, rut)
    rules.check_may_change(actor, user, wanted.fields)
    if revisions is not None and user.revision not in revisions:
        raise VersionChanged

    changed = _check_change(transaction, user, replace(user, **wanted.values))
    if changed == user and password_hash is None:
        return user

    changed = replace(changed, version=user.version + 1)
    people.update(transaction, changed, password_hash)
    if changed.name != user.name:
        people.rename(transaction, changed)

    differing = changed_fields(user, changed, wanted.values)
    detail: dict[str, object] = {"rut": user.rut, "changes": differing}
    if password_hash is not None:
        detail["password"] = True
    is_deactivated = user.active and not changed.active
    action = Action.USER_DEACTIVATED if is_deactivated else Action.USER_CHANGED
    transaction.audit(actor, action, detail)

    if password_hash is not None or not changed.active:
        _end_sessions(transaction, user.id)
    transaction.emit(Kind.USER, audience_of_user(changed), changed)
    return changed


def _check_change(
    transaction: Tx,
    user: User,
    changed: User,
) -> User:
    """Return the changed user with tidy values.

    Raises Invalid, AlreadyExists or LastAdministrator.
    """
    username = user.username
    if changed.username != user.username:
        username = check_new_username(changed.username, user.rut)
    is_taken = people.taken(
        transaction.connection,
        rut=user.rut,
        username=username,
        but_id=user.id,
    )
    if is_taken:
        raise AlreadyExists("username")

    changed = rules.check_user(changed)
    loses_administrator = (
        user.is_active_administrator and not changed.is_active_administrator
    )
    if loses_administrator:
        connection = transaction.connection
        if not people.other_active_administrators(connection, user.id):
            raise LastAdministrator
    return changed


def _end_sessions(
    transaction: Tx,
    user_id: int,
    session_id: str | None = None,
) -> None:
    """End one session of a user, or all of them."""
    ended = people.revoke(transaction, user_id=user_id, session_id=session_id)
    if not ended and session_id is not None:
        return

    # Emitted even where a user has no session: connections of the line protocol have
    # none, and end as well.
    audience = Audience(user_ids=(user_id,))
    transaction.emit(Kind.SESSIONS_ENDED, audience, SessionsEnded(user_id, session_id))


def deactivate(
    transaction: Tx,
    actor: Actor,
    rut: str,
    revisions: Collection[str] | None = None,
) -> User:
    """Lock a user out: their sessions end at once, their history stays."""
    require(actor, Permission.MANAGE_PEOPLE)
    return change(
        transaction,
        actor,
        rut,
        UserChange(active=False),
        revisions=revisions,
    )


def free_rut(
    transaction: Tx,
    actor: Actor,
    rut: str,
) -> User:
    """Give a RUT free that somebody took who is not its holder, and return their account.

    It is over, and keeps its history: what was bought with it, and said. Raises NotFound,
    Forbidden or IdentityConfirmed.
    """
    require(actor, Permission.CONFIRM_IDENTITY)
    user = get(transaction, actor, rut)
    released = rules.without_rut(user)
    people.update(transaction, released)

    detail = {
        "rut": rut,
        "user": user.id,
        "username": user.username,
        "mark": released.rut,
    }
    transaction.audit(actor, Action.RUT_RELEASED, detail)
    # Under its RUT the account is gone, and it comes under its mark.
    transaction.emit(Kind.RUT_RELEASED, ADMINISTRATORS, ReleasedRut(rut))
    transaction.emit(Kind.USER, audience_of_user(released), released)
    _end_sessions(transaction, user.id)
    return released


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
    *,
    role: Role | None = None,
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


def _as_rut(username: str) -> str | None:
    """Return what was typed as a user name where it is a RUT."""
    try:
        return normalise(username)
    except Invalid:
        return None


def login_key(username: str) -> str:
    """Return the key that all spellings of a user name or RUT share."""
    return _as_rut(username) or username_key(username)


@lookup
def with_password(snapshot: Snapshot, username: str) -> tuple[User, str] | None:
    """Return the user with this user name or RUT, and the hash of their password."""
    rut = _as_rut(username)
    return people.with_password(snapshot.connection, rut=rut, username=username)


def begin_session(
    transaction: Tx,
    user_id: int,
    password_hash: str,
    session: Session,
    token_hash: str,
) -> User:
    """Begin a session for a user whose password has been found right.

    Raises BadCredentials where the password has changed since, or the user is not active
    any more.
    """
    user = people.by_id(transaction.connection, user_id)
    if user is None or not user.active:
        raise BadCredentials
    stored = people.with_password(
        transaction.connection,
        rut=user.rut,
        username=user.username,
    )
    if stored is None or stored[1] != password_hash:
        raise BadCredentials

    people.add_session(transaction, session)
    people.add_refresh_token(transaction, token_hash, session.id)
    return user


REPEAT_S = 30
"""For how long a used refresh token gets its answer again.

A lost answer is asked for again within seconds; a stolen token mostly comes later.
"""


class Refreshed(Struct, frozen=True):
    """A session and its user. The user is None where the session has just been ended."""

    session: Session
    user: User | None
    at_ms: int
    """When the token was used first."""


def refresh(
    transaction: Tx,
    token_hash: str,
    new_token_hash: str,
    ttl_s: int,
) -> Refreshed:
    """Prolong a session by ``ttl_s`` from now, under a new refresh token.

    Raises NotAuthenticated.

    A used token that comes back after :data:`REPEAT_S` ends its session: of the two who
    hold it, one has stolen it. That end must be committed, so it is an answer and not a
    refusal.
    """
    connection, now_ms = transaction.connection, transaction.now_ms
    token = people.refresh_token(connection, token_hash)
    if token is None or token.session.revoked:
        raise NotAuthenticated

    session = token.session
    if session.expires_at_ms <= now_ms:
        raise NotAuthenticated

    user = people.by_id(connection, session.user_id)
    if user is None or not user.active:
        raise NotAuthenticated

    if people.use_refresh_token(transaction, token_hash):
        people.add_refresh_token(transaction, new_token_hash, session.id)
        people.prolong(transaction, session.id, now_ms + ttl_s * 1000)
        return Refreshed(session, user, now_ms)

    first_answer = people.refresh_token(connection, new_token_hash)
    if first_answer is not None:
        used_at_ms = first_answer.created_at_ms
        if abs(now_ms - used_at_ms) <= REPEAT_S * 1000:
            return Refreshed(session, user, used_at_ms)

    _end_sessions(transaction, session.user_id, session.id)
    return Refreshed(session, None, now_ms)


def end_session(
    transaction: Tx,
    user_id: int,
    session_id: str,
) -> None:
    """End a session of a user."""
    _end_sessions(transaction, user_id, session_id)


def end_session_of(transaction: Tx, token_hash: str) -> None:
    """End the session of a refresh token.

    Raises NotAuthenticated for a token that was never given out.
    """
    token = people.refresh_token(transaction.connection, token_hash)
    if token is None:
        raise NotAuthenticated
    session = token.session
    _end_sessions(transaction, session.user_id, session.id)


@lookup
def is_refresh_token(snapshot: Snapshot, token_hash: str) -> bool:
    """Tell whether a refresh token was ever given out."""
    return people.refresh_token(snapshot.connection, token_hash) is not None


@lookup
def session_of(snapshot: Snapshot, session_id: str) -> tuple[Session, User] | None:
    """Return a session with its user.

    None where the session has ended or the user is not active.
    """
    session = people.session(snapshot.connection, session_id)
    if session is None or session.revoked:
        return None

    user = people.by_id(snapshot.connection, session.user_id)
    if user is None or not user.active:
        return None
    return session, user


def anybody(snapshot: Snapshot) -> bool:
    """Tell whether the shop has any user yet."""
    return people.anybody(snapshot.connection)

"""Sessions: begun by a login, prolonged by refreshing, seen and ended by their users."""

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.audit import Action
from trastienda.domain.errors import (
    BadCredentials,
    Forbidden,
    NotAuthenticated,
    NotFound,
)
from trastienda.domain.events import Audience, Kind, SessionsEnded
from trastienda.domain.people import Actor, Permission, User, may, require
from trastienda.domain.sessions import (
    DAY_MS,
    LIFE_DAYS,
    MAX_SESSIONS,
    Origin,
    Session,
    expiry_ms,
)
from trastienda.storage import people, sessions
from trastienda.storage.transactions import Snapshot, Tx, lookup


def begin(
    transaction: Tx,
    user_id: int,
    password_hash: str,
    session_id: str,
    token_hash: str,
    came_from: Origin,
) -> User:
    """Begin a session for a user whose password has been found right.

    Where that is one too many, the one that has been unused for longest ends. Raises
    BadCredentials where the password has changed since, or the user is not active any more.
    """
    connection, now_ms = transaction.connection, transaction.now_ms
    user = people.by_id(connection, user_id)
    if user is None or not user.active:
        raise BadCredentials
    stored = people.with_password(connection, rut=user.rut, username=user.username)
    if stored is None or stored[1] != password_hash:
        raise BadCredentials

    for unused in sessions.open_of(connection, user_id, now_ms)[MAX_SESSIONS - 1 :]:
        end(transaction, user_id, unused.id)

    session = Session(
        id=session_id,
        user_id=user_id,
        created_at_ms=now_ms,
        used_at_ms=now_ms,
        expires_at_ms=expiry_ms(now_ms, now_ms),
        address=came_from.address,
        program=came_from.program,
    )
    sessions.add(transaction, session)
    sessions.add_refresh_token(transaction, token_hash, session_id)
    return user


def end(
    transaction: Tx,
    user_id: int,
    session_id: str | None = None,
) -> None:
    """End one session of a user, or all of them."""
    ended = sessions.revoke(transaction, user_id=user_id, session_id=session_id)
    if not ended and session_id is not None:
        return

    # Emitted even where a user has no session: connections of the line protocol have
    # none, and end as well.
    audience = Audience(user_ids=(user_id,))
    transaction.emit(Kind.SESSIONS_ENDED, audience, SessionsEnded(user_id, session_id))


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
    came_from: Origin,
) -> Refreshed:
    """Prolong a session from now, under a new refresh token.

    Raises NotAuthenticated.

    A used token that comes back after :data:`REPEAT_S` ends its session: of the two who
    hold it, one has stolen it. That end must be committed, so it is an answer and not a
    refusal.
    """
    connection, now_ms = transaction.connection, transaction.now_ms
    token = sessions.refresh_token(connection, token_hash)
    if token is None or token.session.revoked:
        raise NotAuthenticated

    session = token.session
    if session.expires_at_ms <= now_ms:
        raise NotAuthenticated

    user = people.by_id(connection, session.user_id)
    if user is None or not user.active:
        raise NotAuthenticated

    if sessions.use_refresh_token(transaction, token_hash):
        sessions.add_refresh_token(transaction, new_token_hash, session.id)
        session = replace(
            session,
            used_at_ms=now_ms,
            expires_at_ms=expiry_ms(session.created_at_ms, now_ms),
            address=came_from.address,
            program=came_from.program,
        )
        sessions.update(transaction, session)
        return Refreshed(session, user, now_ms)

    first_answer = sessions.refresh_token(connection, new_token_hash)
    if first_answer is not None:
        used_at_ms = first_answer.created_at_ms
        if abs(now_ms - used_at_ms) <= REPEAT_S * 1000:
            return Refreshed(session, user, used_at_ms)

    end(transaction, session.user_id, session.id)
    return Refreshed(session, None, now_ms)


def end_by_token(transaction: Tx, token_hash: str) -> None:
    """End the session of a refresh token.

    Raises NotAuthenticated for a token that was never given out.
    """
    token = sessions.refresh_token(transaction.connection, token_hash)
    if token is None:
        raise NotAuthenticated
    session = token.session
    end(transaction, session.user_id, session.id)


@lookup
def is_refresh_token(snapshot: Snapshot, token_hash: str) -> bool:
    """Tell whether a refresh token was ever given out."""
    return sessions.refresh_token(snapshot.connection, token_hash) is not None


@lookup
def with_user(snapshot: Snapshot, session_id: str) -> tuple[Session, User] | None:
    """Return a session with its user.

    None where the session has ended or the user is not active.
    """
    session = sessions.find(snapshot.connection, session_id)
    if session is None or session.revoked:
        return None

    user = people.by_id(snapshot.connection, session.user_id)
    if user is None or not user.active:
        return None
    return session, user


@lookup
def addresses_of(snapshot: Snapshot, user_id: int) -> list[str]:
    """Return from where a user has come in during the life of a session, the last first.

    Ended sessions count: whoever logs out each evening was there too.
    """
    since_ms = snapshot.now_ms - LIFE_DAYS * DAY_MS
    return sessions.addresses_of(
        snapshot.connection, user_id, since_ms, limit=MAX_SESSIONS
    )


def listed(
    snapshot: Snapshot,
    actor: Actor,
    rut: str | None,
) -> list[Session]:
    """Return the open sessions of the actor or of the user of a RUT, the last used first.

    Raises NotFound, or Forbidden where they are not the actor's to see.
    """
    user = _owner(snapshot, actor, rut)
    return sessions.open_of(snapshot.connection, user.id, snapshot.now_ms)


def end_one(
    transaction: Tx,
    actor: Actor,
    session_id: str,
) -> None:
    """End an open session of the actor; of an administrator, anybody's.

    Raises NotFound for one that has ended, or is not the actor's to end.
    """
    require(actor, Permission.KEEP_ACCOUNT)
    session = sessions.find(transaction.connection, session_id)
    if session is None or session.revoked:
        raise NotFound
    is_own = session.user_id == actor.user_id
    if not is_own and not may(actor, Permission.MANAGE_PEOPLE):
        raise NotFound

    end(transaction, session.user_id, session_id)
    if not is_own:
        user = people.by_id(transaction.connection, session.user_id)
        assert user is not None
        detail = {"rut": user.rut, "session": session_id}
        transaction.audit(actor, Action.SESSIONS_ENDED, detail)


def end_others(
    transaction: Tx,
    actor: Actor,
    rut: str | None,
    current_id: str,
) -> None:
    """End all sessions of the actor but the current one, or all of another user.

    Raises NotFound, or Forbidden where they are not the actor's to end.
    """
    user = _owner(transaction, actor, rut)
    if user.id != actor.user_id:
        end(transaction, user.id)
        transaction.audit(actor, Action.SESSIONS_ENDED, {"rut": user.rut})
        return

    for session in sessions.open_of(
        transaction.connection,
        user.id,
        transaction.now_ms,
    ):
        if session.id != current_id:
            end(transaction, user.id, session.id)


def _owner(
    snapshot: Snapshot,
    actor: Actor,
    rut: str | None,
) -> User:
    """Return whose sessions are meant: the user of the RUT, without one the actor."""
    require(actor, Permission.KEEP_ACCOUNT)
    rut = actor.rut if rut is None else rut
    if rut != actor.rut and not may(actor, Permission.MANAGE_PEOPLE):
        raise Forbidden
    user = people.by_rut(snapshot.connection, rut or "")
    if user is None:
        raise NotFound
    return user

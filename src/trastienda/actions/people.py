"""Registering people and changing them."""

from collections.abc import Collection, Iterator

from msgspec.structs import replace

from trastienda.actions import api_keys, sessions
from trastienda.domain import people as rules
from trastienda.domain.audit import Action, changed_fields
from trastienda.domain.errors import (
    AlreadyExists,
    Invalid,
    LastAdministrator,
    VersionChanged,
)
from trastienda.domain.events import (
    ADMINISTRATORS,
    Kind,
    ReleasedRut,
    RightsChanged,
)
from trastienda.domain.lists import MAX_LIMIT, Page, Window
from trastienda.domain.people import (
    HOUSE,
    Actor,
    Permission,
    Role,
    User,
    UserChange,
    UserDraft,
    require,
)
from trastienda.domain.registros import registro_of, seal_of
from trastienda.domain.rut import normalise
from trastienda.domain.usernames import check_new_username, username_key
from trastienda.domain.visibility import (
    audience_of_rights,
    audience_of_user,
    changes_rights,
    user_shown_to,
)
from trastienda.storage import people
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
    detail = registro_of(user, password_hash)
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
    if actor.user_id == user.id and wanted.must_change_password is True:
        # One would have to change what one has just chosen.
        raise Invalid("must_change_password", "provisional_for_oneself")
    if revisions is not None and user.revision not in revisions:
        raise VersionChanged

    if password_hash is not None:
        wanted = rules.with_new_password(wanted)
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
    if password_hash is not None or changed.email != user.email:
        hash_now = people.password_hash(transaction.connection, user.id)
        detail["sealed"] = seal_of(changed.email, hash_now)
    is_deactivated = user.active and not changed.active
    action = Action.USER_DEACTIVATED if is_deactivated else Action.USER_CHANGED
    transaction.audit(actor, action, detail)

    if is_deactivated:
        api_keys.withdraw_all_of(transaction, actor, user)
    if password_hash is not None or not changed.active:
        sessions.end(transaction, user.id)
    transaction.emit(Kind.USER, audience_of_user(changed), changed)
    if changes_rights(user, changed):
        rights = RightsChanged(user.id)
        transaction.emit(Kind.RIGHTS_CHANGED, audience_of_rights(rights), rights)
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
    api_keys.withdraw_all_of(transaction, actor, user)
    sessions.end(transaction, user.id)
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


def renew_hash(
    transaction: Tx,
    user_id: int,
    password_hash: str,
    new_hash: str,
) -> str:
    """Replace the hash of a password by another of the same password.

    Returns the one that holds: the old one where the password has changed meanwhile.
    """
    if not people.renew_hash(transaction, user_id, password_hash, new_hash):
        return password_hash

    user = people.by_id(transaction.connection, user_id)
    assert user is not None
    sealed = seal_of(user.email, new_hash)
    detail = {"rut": user.rut, "changes": {}, "sealed": sealed}
    transaction.audit(HOUSE, Action.USER_CHANGED, detail)
    return new_hash


def anybody(snapshot: Snapshot) -> bool:
    """Tell whether the shop has any user yet."""
    return people.anybody(snapshot.connection)

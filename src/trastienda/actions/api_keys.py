"""API keys: made for programs by administrators, seen and withdrawn by them."""

from trastienda.domain.api_keys import MAX_KEYS, ApiKey, ApiKeyDraft, check_draft
from trastienda.domain.audit import Action
from trastienda.domain.errors import AlreadyExists, Forbidden, NotFound, TooManyKeys
from trastienda.domain.events import Audience, Kind, SessionsEnded
from trastienda.domain.people import Actor, Permission, Person, User, require
from trastienda.domain.registros import seal_of_secret
from trastienda.storage import api_keys, people
from trastienda.storage.transactions import Snapshot, Tx, lookup


def make(
    transaction: Tx,
    actor: Actor,
    draft: ApiKeyDraft,
    key_id: str,
    secret_hash: str,
) -> ApiKey:
    """Make a key with which a program acts as the actor.

    Raises Forbidden, Invalid, AlreadyExists or TooManyKeys.
    """
    require(actor, Permission.MANAGE_KEYS)
    if actor.user_id is None:  # there is nobody as whom the program would act
        raise Forbidden

    draft = check_draft(draft, transaction.now_ms)
    keys = api_keys.everything(transaction.connection)
    if any(key.name == draft.name for key in keys):
        raise AlreadyExists("name")
    if len(keys) >= MAX_KEYS:
        raise TooManyKeys

    key = ApiKey(
        id=key_id,
        user_id=actor.user_id,
        name=draft.name,
        role=draft.role,
        networks=draft.networks,
        until_ms=draft.until_ms,
        created_at_ms=transaction.now_ms,
        used_at_ms=None,
    )
    api_keys.add(transaction, key, secret_hash)

    detail: dict[str, object] = {
        "key": key.id,
        "name": key.name,
        "role": key.role,
        "sealed": seal_of_secret(secret_hash),
    }
    if key.networks:
        detail["networks"] = key.networks
    if key.until_ms is not None:
        detail["until_ms"] = key.until_ms
    transaction.audit(actor, Action.KEY_MADE, detail)
    return key


def listed(
    snapshot: Snapshot,
    actor: Actor,
) -> list[tuple[ApiKey, Person]]:
    """Return all keys with who made each, newest first."""
    require(actor, Permission.MANAGE_KEYS)
    connection = snapshot.connection
    rows = []
    for key in api_keys.everything(connection):
        maker = people.by_id(connection, key.user_id)
        assert maker is not None
        rows.append((key, Person(maker.rut, maker.name)))
    return rows


def withdraw(
    transaction: Tx,
    actor: Actor,
    key_id: str,
) -> None:
    """Withdraw a key: its program is nobody from now on.

    Raises NotFound or Forbidden.
    """
    require(actor, Permission.MANAGE_KEYS)
    key = api_keys.find(transaction.connection, key_id)
    if key is None:
        raise NotFound
    _withdraw(transaction, actor, key)


def withdraw_all_of(
    transaction: Tx,
    actor: Actor,
    user: User,
) -> None:
    """Withdraw all keys of a user who is locked out: they do not come back with the user."""
    for key in api_keys.everything(transaction.connection):
        if key.user_id == user.id:
            _withdraw(transaction, actor, key)


def _withdraw(
    transaction: Tx,
    actor: Actor,
    key: ApiKey,
) -> None:
    api_keys.delete(transaction, key.id)
    transaction.audit(
        actor,
        Action.KEY_WITHDRAWN,
        {"key": key.id, "name": key.name},
    )
    # What is known of its calls is kept under its id, as that of a session is.
    audience = Audience(user_ids=(key.user_id,))
    subject = SessionsEnded(key.user_id, key.id)
    transaction.emit(Kind.SESSIONS_ENDED, audience, subject)


@lookup
def by_secret(
    snapshot: Snapshot,
    secret_hash: str,
) -> tuple[ApiKey, User] | None:
    """Return the key of a secret, and the user as whom its program acts.

    None where there is no such key or the user is not active.
    """
    key = api_keys.by_secret(snapshot.connection, secret_hash)
    if key is None:
        return None
    user = people.by_id(snapshot.connection, key.user_id)
    if user is None or not user.active:
        return None
    return key, user


def note_use(
    transaction: Tx,
    key_id: str,
) -> None:
    """Note that a key is used now."""
    api_keys.note_use(transaction, key_id)

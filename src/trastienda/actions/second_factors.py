"""Second factors: set up and confirmed by their user, used at a log-in, and taken off."""

from collections.abc import Iterable

from trastienda.actions import people
from trastienda.domain.audit import Action
from trastienda.domain.errors import (
    AlreadyExists,
    BadCredentials,
    Forbidden,
    Invalid,
    NotFound,
)
from trastienda.domain.people import Actor, Permission, User, may, require
from trastienda.domain.registros import seal_of_secret
from trastienda.domain.second_factors import (
    SecondFactor,
    State,
    is_of_telephone,
    recovery_hash_of,
    step_of,
)
from trastienda.storage import second_factors
from trastienda.storage.transactions import Snapshot, Tx, lookup


@lookup
def owner(
    snapshot: Snapshot,
    actor: Actor,
    rut: str,
) -> User:
    """Return the actor's own account, where it has no second factor in force.

    Raises NotFound, Forbidden for anybody else's, or AlreadyExists.
    """
    require(actor, Permission.ADD_SECOND_FACTOR)
    user = people.get(snapshot, actor, rut)
    if user.id != actor.user_id:
        raise Forbidden
    if is_asked_of(snapshot, user.id):
        raise AlreadyExists("second_factor")
    return user


def begin(
    transaction: Tx,
    actor: Actor,
    rut: str,
    secret: str,
) -> User:
    """Set up a second factor of the actor, in place of one that was never confirmed.

    It is not asked for before it is confirmed. Raises NotFound, Forbidden or AlreadyExists.
    """
    user = owner(transaction, actor, rut)
    second_factors.delete(transaction, user.id)
    factor = SecondFactor(
        user_id=user.id,
        secret=secret,
        confirmed_at_ms=None,
        last_step=0,
    )
    second_factors.add(transaction, factor)
    return user


def confirm(
    transaction: Tx,
    actor: Actor,
    rut: str,
    code: str,
    recovery_hashes: Iterable[str],
) -> None:
    """Have the actor's second factor be asked for from now on, since this is a code of it.

    Raises NotFound where none was set up, AlreadyExists where it is asked for already, and
    Invalid for another code.
    """
    user = owner(transaction, actor, rut)
    factor = second_factors.find(transaction.connection, user.id)
    if factor is None:
        raise NotFound
    step = step_of(factor, code, transaction.now_ms)
    if step is None:
        raise Invalid("one_time_code", "code_wrong")

    second_factors.claim_step(transaction, user.id, step)
    second_factors.confirm(transaction, user.id)
    second_factors.add_recovery_codes(transaction, user.id, recovery_hashes)
    detail = {"rut": user.rut, "sealed": seal_of_secret(factor.secret)}
    transaction.audit(actor, Action.SECOND_FACTOR_ADDED, detail)


@lookup
def state(
    snapshot: Snapshot,
    actor: Actor,
    rut: str,
) -> State:
    """Return what the user of a RUT has; raise NotFound, or Forbidden for a stranger."""
    user = _account(snapshot, actor, rut)
    factor = second_factors.find(snapshot.connection, user.id)
    since_ms = None if factor is None else factor.confirmed_at_ms
    codes_left = second_factors.recovery_codes_left(snapshot.connection, user.id)
    return State(since_ms, codes_left)


def _account(
    snapshot: Snapshot,
    actor: Actor,
    rut: str,
) -> User:
    """Return the actor's own account; of an administrator, anybody's."""
    require(actor, Permission.KEEP_ACCOUNT)
    user = people.get(snapshot, actor, rut)
    if user.id != actor.user_id and not may(actor, Permission.MANAGE_PEOPLE):
        raise Forbidden
    return user


def remove(
    transaction: Tx,
    actor: Actor,
    rut: str,
) -> User:
    """Take a second factor off: the password alone is asked for from now on.

    Whether the actor has proven who they are is asked at the door. Raises NotFound, or
    Forbidden where it is not theirs to take off.
    """
    user = _account(transaction, actor, rut)
    if not is_asked_of(transaction, user.id):
        raise NotFound
    second_factors.delete(transaction, user.id)
    transaction.audit(actor, Action.SECOND_FACTOR_REMOVED, {"rut": user.rut})
    return user


@lookup
def is_asked_of(
    snapshot: Snapshot,
    user_id: int,
) -> bool:
    """Tell whether a user has a second factor that they confirmed."""
    factor = second_factors.find(snapshot.connection, user_id)
    return factor is not None and factor.confirmed_at_ms is not None


def use(
    transaction: Tx,
    user_id: int,
    code: str,
) -> bool:
    """Use up a code of a user who logs in; return whether it was a recovery code.

    Of two who bring the same code at once, one is let in: the other gets BadCredentials, as
    for a wrong one.
    """
    factor = second_factors.find(transaction.connection, user_id)
    if factor is None:
        raise BadCredentials

    if is_of_telephone(code):
        step = step_of(factor, code, transaction.now_ms)
        if step is None or not second_factors.claim_step(transaction, user_id, step):
            raise BadCredentials
        return False

    code_hash = recovery_hash_of(code)
    if not second_factors.claim_recovery_code(transaction, user_id, code_hash):
        raise BadCredentials
    return True

"""People added and changed from the shell, where nobody logs in."""

from argon2 import PasswordHasher

from trastienda.actions import people, second_factors
from trastienda.domain import people as people_rules
from trastienda.domain.passwords import check_password
from trastienda.domain.people import SHELL, User, UserDraft
from trastienda.operations.shop import OpenShop


def register(shop: OpenShop, draft: UserDraft) -> User:
    """Register a user."""
    with shop.snapshot() as snapshot:
        draft = people_rules.check_draft(draft, snapshot.shop.name)

    password_hash = PasswordHasher().hash(draft.password)
    with shop.transaction() as transaction:
        return people.register(transaction, SHELL, draft, password_hash)


def set_password(
    shop: OpenShop,
    rut: str,
    password: str,
    *,
    must_change: bool = False,
) -> User:
    """Give a user another password, which they may have to change; their sessions end."""
    with shop.snapshot() as snapshot:
        user = people.get(snapshot, SHELL, rut)
        names = people_rules.names_known(user, snapshot.shop.name)
    check_password(password, names)

    # Before the transaction: hashing is slow on purpose, and a till may be waiting.
    password_hash = PasswordHasher().hash(password)
    change = people_rules.UserChange(
        password=password,
        must_change_password=must_change,
    )
    with shop.transaction() as transaction:
        return people.change(transaction, SHELL, rut, change, password_hash)


def deactivate(shop: OpenShop, rut: str) -> User:
    """Deactivate a user, who can no longer log in."""
    with shop.transaction() as transaction:
        return people.deactivate(transaction, SHELL, rut)


def remove_second_factor(shop: OpenShop, rut: str) -> User:
    """Take a user's second factor off."""
    with shop.transaction() as transaction:
        return second_factors.remove(transaction, SHELL, rut)

"""Passwords compared with what a shop keeps, which may come from anywhere."""

import asyncio

from argon2 import PasswordHasher

from trastienda.servers.passwords import Passwords
from trastienda.servers.turns import Turn

CLAVE = "clave-de-ana"


def matches(password_hash: str) -> bool:
    passwords = Passwords()
    try:
        return asyncio.run(passwords.matches(password_hash, CLAVE, Turn()))
    finally:
        passwords.close()


def test_a_hash_that_takes_more_than_there_is_to_spare_is_never_computed() -> None:
    """One lane more than the bounds takes next to nothing, so only the bounds stop it."""
    assert matches(PasswordHasher(1, 128, 16).hash(CLAVE))
    assert not matches(PasswordHasher(1, 136, 17).hash(CLAVE))

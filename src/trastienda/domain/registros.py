"""What the registro of somebody new says, and what it seals."""

import hashlib

from trastienda.domain.people import User


def registro_of(
    user: User,
    password_hash: str,
) -> dict[str, object]:
    """Return what the registro of a new user keeps: all that may be changed of them."""
    return {
        "rut": user.rut,
        "role": user.role,
        "username": user.username,
        "name": user.name,
        "verified": user.verified,
        "sealed": seal_of(user.email, password_hash),
    }


def seal_of(
    email: str | None,
    password_hash: str,
) -> str:
    """Return what a registro keeps of what it must not show.

    Nobody can find the address by trying: the salt of the password's hash is in it too.
    """
    return seal_of_secret(f"{email or ''}\n{password_hash}")


def seal_of_secret(secret: str) -> str:
    """Return what a registro keeps of a secret that nobody guesses."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Addresses of mail."""

import re

from trastienda.domain.errors import Invalid

MAX_EMAIL_LENGTH = 254
"""Characters, as RFC 5321 allows in a path."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


def check_email(email: str) -> str:
    """Return the address without spaces around it; raise Invalid if it cannot be an address."""
    tidy = email.strip()
    if len(tidy) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(tidy):
        raise Invalid("email", "email_shape")
    return tidy

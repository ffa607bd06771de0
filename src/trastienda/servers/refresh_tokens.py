"""Refresh tokens: each is good once, and the one after it can be worked out again."""

import hmac
import secrets
from base64 import urlsafe_b64encode

TOKEN_BYTES = 32


def new_token() -> str:
    """Return the first token of a session."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def successor(
    token: str,
    secret: bytes,
) -> str:
    """Return the token that is given for a used one.

    It follows from the used one and the shop's secret. So whoever lost the answer gets the
    same one again, also after a restart, and the shop has only the hashes of both.
    """
    message = b"refresh token after " + token.encode()
    digest = hmac.digest(secret, message, "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(
    token: str,
    secret: bytes,
) -> str:
    """Return the hash under which a token is kept.

    Nobody works it out without the shop's secret, which is in no copy: a row that was put
    into a copy opens nothing.
    """
    return hmac.digest(secret, token.encode(), "sha256").hex()

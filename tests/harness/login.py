"""Logging in by HTTP, and what comes of it: sessions, their tokens, and tokens that
nobody gave out."""

from typing import Any

import httpx
import jwt
from tests.harness.http import refused
from tests.harness.shop import RunningShop

TOKEN_S = 15 * 60
"""How long an access token is good."""
TOKEN_KIND = "at+jwt"
"""The type in the header of an access token."""


def session(shop: RunningShop, username: str = "beto") -> Any:
    """The answer to a login."""
    answer = shop.login(username)
    assert answer.status_code == 200, answer.text
    return answer.json()


def is_good(shop: RunningShop, token: str) -> bool:
    """Whether the shop takes an access token."""
    answer = shop.caller(token).get("/tienda")
    if answer.status_code != 200:
        refused(answer, 401, "no_autenticado")
    return answer.status_code == 200


def refresh(shop: RunningShop, refresh_token: str) -> httpx.Response:
    """The answer to a refresh token."""
    return shop.nobody.post("/token/refresco", json={"token_refresco": refresh_token})


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says of itself."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signing_key(shop: RunningShop) -> bytes:
    """The key with which the shop signs its tokens."""
    return (shop.server.data / "secret.key").read_bytes()


def forged(
    shop: RunningShop,
    token: str,
    *,
    kind: str | None = TOKEN_KIND,
    **claims: Any,
) -> str:
    """The token with other claims, signed with the shop's own key.

    A claim that is None is left out.
    """
    changed = claims_of(token) | claims
    changed = {name: value for name, value in changed.items() if value is not None}
    return jwt.encode(
        changed,
        signing_key(shop),
        algorithm="HS256",
        headers={"typ": kind},
    )

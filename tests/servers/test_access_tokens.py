"""Which tokens are known to be good, and when that is forgotten."""

import pytest

from trastienda.domain.errors import NotAuthenticated
from trastienda.domain.people import SHELL, Actor, Role, UserDraft, new_user
from trastienda.servers import access_tokens
from trastienda.servers.access_tokens import (
    AccessTokens,
    Identities,
    Identity,
    actor_of,
)

SECRET = b"x" * 32
USER = new_user(
    UserDraft(rut="1-9", name="Ana", username="ana", password="", role=Role.CASHIER),
    SHELL,
    user_id=7,
    now_ms=0,
)


def identity(user_id: int = 7, session_id: str = "a") -> Identity:
    actor = Actor(user_id=user_id, rut="1-9", name="Ana", role=Role.CASHIER, origin="x")
    return Identity(actor, session_id, expires_at_s=100)


def test_a_token_names_its_session_and_its_expiry() -> None:
    tokens = AccessTokens(SECRET, "shop")
    claims = tokens.verify(tokens.issue(USER, "session", "one", now_s=1000))
    assert claims.session_id == "session"
    assert claims.expires_at_s == 1000 + access_tokens.TTL_S


def test_two_tokens_of_one_moment_differ_by_their_ids() -> None:
    tokens = AccessTokens(SECRET, "shop")
    first = tokens.issue(USER, "a", "one", now_s=0)
    assert first != tokens.issue(USER, "a", "two", now_s=0)
    assert first == tokens.issue(USER, "a", "one", now_s=0)


def test_a_token_signed_with_another_secret_is_refused() -> None:
    token = AccessTokens(b"y" * 32, "shop").issue(USER, "session", "one", now_s=0)
    with pytest.raises(NotAuthenticated):
        AccessTokens(SECRET, "shop").verify(token)


def test_a_token_of_another_shop_with_the_same_secret_is_refused() -> None:
    token = AccessTokens(SECRET, "other").issue(USER, "session", "one", now_s=0)
    with pytest.raises(NotAuthenticated):
        AccessTokens(SECRET, "shop").verify(token)


def test_an_ended_session_takes_its_own_tokens_along_only() -> None:
    identities = Identities()
    identities.remember("first", identity(session_id="a"))
    identities.remember("second", identity(session_id="b"))
    identities.remember("other", identity(user_id=8, session_id="a"))
    identities.forget(7, "a")
    assert identities.get("first") is None
    assert identities.get("second") is not None
    assert identities.get("other") is not None


def test_a_changed_user_takes_all_their_tokens_along() -> None:
    identities = Identities()
    identities.remember("first", identity(session_id="a"))
    identities.remember("second", identity(session_id="b"))
    before = identities.generation
    identities.forget(7)
    assert identities.get("first") is identities.get("second") is None
    assert identities.generation > before


def test_a_call_from_another_place_does_not_bring_a_forgotten_token_back() -> None:
    identities = Identities()
    identities.remember("token", identity())
    known = identities.get("token")
    assert known is not None
    assert identities.move("token", known, "y").actor.origin == "y"
    assert identities.get("token") == identities.move("token", known, "y")

    identities.forget(7)
    assert identities.move("token", known, "z").actor.origin == "z"
    assert identities.get("token") is None


def test_the_longest_known_tokens_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "MAX_REMEMBERED", 2)
    identities = Identities()
    for token in ("first", "second", "third"):
        identities.remember(token, identity())
    assert identities.get("first") is None
    assert identities.get("second") is not None
    assert identities.get("third") is not None


def test_an_actor_is_the_user_at_the_place_of_the_call() -> None:
    assert actor_of(USER, "http 1.2.3.4").origin == "http 1.2.3.4"
    assert actor_of(USER).user_id == 7

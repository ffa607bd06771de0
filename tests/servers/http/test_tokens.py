"""Access tokens: what ``Authorization`` may carry, and how long it is good."""

import base64
import stat
import time
from typing import Any

import jwt
import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused
from tests.harness.login import (
    TOKEN_KIND,
    TOKEN_S,
    claims_of,
    forged,
    is_good,
    refresh,
    session,
    signing_key,
)
from tests.harness.shop import RunningShop


class TestTokens:
    """What ``Authorization`` may carry."""

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "bearer x",
            "Bearer a.b.c",
            "Basic YW5hOmFuYQ==",
            "Token x",
            "Bearer null",
            "Bearer " + "a" * 6000,
            "Bearer " + "." * 3000,
        ],
    )
    def test_an_authorization_that_is_no_token_is_refused(
        self, shop: RunningShop, header: str
    ) -> None:
        refused(
            shop.nobody.get("/tienda", headers={"Authorization": header}),
            401,
            "no_autenticado",
        )

    @pytest.mark.parametrize(
        "head",
        [
            b'{"alg":"none"}',
            b'{"alg":"HS256","kid":1}',
            b'{"alg":{}}',
            b'{"alg":["HS256"]}',
            b'{"alg":"RS256"}',
            b'{"alg":"HS256","crit":["x"]}',
            b'{"alg":"HS256","b64":false}',
            b"null",
            b"[]",
            b"[" * 20_000,
            b"\xff",
        ],
    )
    @pytest.mark.parametrize(
        "claims", [b"{}", b"[" * 20_000, b"\xff\xfe", b'{"sid":[],"exp":{}}']
    )
    def test_a_token_with_a_strange_header_or_strange_claims_is_refused(
        self, shop: RunningShop, head: bytes, claims: bytes
    ) -> None:
        parts = [
            base64.urlsafe_b64encode(part).rstrip(b"=").decode()
            for part in (head, claims, b"x")
        ]
        assert not is_good(shop, ".".join(parts))

    def test_a_copy_of_a_token_with_another_signature_is_refused(
        self, shop: RunningShop
    ) -> None:
        token = session(shop)["token"]
        head, claims, signature = token.split(".")
        none = (
            base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}')
            .rstrip(b"=")
            .decode()
        )
        claims_now = claims_of(token)
        kind = {"typ": TOKEN_KIND}
        others = [
            f"{none}.{claims}.",
            f"{head}.{claims}.",
            f"{head}.{claims}.{signature[:-4]}AAAA",
            jwt.encode(claims_now, b"x" * 32, headers=kind),
            jwt.encode(claims_now, signing_key(shop) * 2, "HS512", headers=kind),
        ]
        assert [is_good(shop, other) for other in others] == [False] * 5
        assert is_good(shop, token)

    def test_a_token_is_good_for_a_quarter_of_an_hour(self, shop: RunningShop) -> None:
        token = session(shop)["token"]
        now = int(time.time())
        assert is_good(shop, forged(shop, token, exp=now + 60))
        assert not is_good(shop, forged(shop, token, exp=now - 1))
        assert not is_good(shop, forged(shop, token, exp=0))
        claims_now = claims_of(token)
        assert abs(claims_now["exp"] - now - TOKEN_S) < 30

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": None},
            {"sid": None},
            {"sid": "x"},
            {"sid": 5},
            {"exp": "mañana"},
            {"exp": [1]},
            {"iss": None},
            {"iss": "urn:trastienda:otra"},
            {"aud": None},
            {"aud": "urn:trastienda:otra"},
            {"kind": "JWT"},
            {"kind": None},
            {"kind": "refresh+jwt"},
        ],
    )
    def test_a_token_without_a_session_an_expiry_or_its_shop_is_refused(
        self, shop: RunningShop, claims: dict[str, Any]
    ) -> None:
        assert not is_good(shop, forged(shop, session(shop)["token"], **claims))

    def test_a_verified_token_is_refused_once_it_has_expired(
        self, shop: RunningShop
    ) -> None:
        short = forged(shop, session(shop)["token"], exp=int(time.time()) + 2)
        assert is_good(shop, short)
        deadline = time.monotonic() + 30
        while is_good(shop, short):
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def test_the_signing_key_can_be_read_by_the_shop_alone(
        self, shop: RunningShop
    ) -> None:
        key = shop.server.data / "secret.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_bytes()) == 32
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700

    def test_tokens_stay_good_after_a_restart_and_a_crash(
        self, open_shop: OpenShop
    ) -> None:
        own = open_shop()
        given = session(own)
        own.restart()
        assert is_good(own, given["token"])
        own.restart(kill=True)
        assert is_good(own, given["token"])
        assert is_good(own, refresh(own, given["token_refresco"]).json()["token"])

    def test_a_signing_key_from_the_settings_is_used(self, open_shop: OpenShop) -> None:
        own = open_shop(secret_key="una clave larga")
        assert not (own.server.data / "secret.key").exists()
        given = session(own)
        own.restart()
        assert is_good(own, given["token"])

        own.settings["secret_key"] = "otra clave"
        own.restart()
        assert not is_good(own, given["token"])
        assert own.login("ana").status_code == 200
        refused(refresh(own, given["token_refresco"]), 401, "no_autenticado")

    def test_two_shops_with_one_signing_key_do_not_take_each_others_tokens(
        self, open_shop: OpenShop
    ) -> None:
        first, second = (open_shop(secret_key="la misma") for _ in range(2))
        tokens = [session(one)["token"] for one in (first, second)]
        issuers = {claims_of(token)["iss"] for token in tokens}
        assert len(issuers) == 2
        assert not is_good(first, tokens[1])

"""``/login``, ``/token/refresco``, ``/logout``, and what a token is good for."""

import base64
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop

TOKEN_S = 15 * 60


def forged(shop: RunningShop, token: str, **claims: Any) -> str:
    """The token with other claims, signed with the shop's own key."""
    told = jwt.decode(token, options={"verify_signature": False}) | claims
    told = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(
        told, (shop.server.data / "secret.key").read_bytes(), algorithm="HS256"
    )


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop from whose door one may be sent away."""
    return open_shop()


def session(shop: RunningShop, username: str = "beto") -> Any:
    answer = shop.login(username)
    assert answer.status_code == 200, answer.text
    return answer.json()


def works(shop: RunningShop, token: str) -> bool:
    answer = shop.caller(token).get("/tienda")
    if answer.status_code != 200:
        refused(answer, 401, "no_autenticado")
    return answer.status_code == 200


def refresh(shop: RunningShop, token: str) -> Any:
    return shop.nobody.post("/token/refresco", json={"token_refresco": token})


class TestLoggingIn:
    """``POST /login``."""

    def test_opens_a_session(self, shop: RunningShop) -> None:
        answer = shop.login("clara")
        given = answer.json()
        assert set(given) == {"token", "token_refresco", "expira_en", "usuario"}
        assert given["expira_en"] == TOKEN_S
        assert given["usuario"] == shop.clara.ok("GET", f"/users/{CLARA_RUT}")
        assert answer.headers["cache-control"] == "no-store"
        assert works(shop, given["token"])

    @pytest.mark.parametrize(
        "name", ["beto", "BETO", " Beto ", BETO_RUT, "22.222.222-2", "222222222"]
    )
    def test_takes_the_user_name_or_the_rut(self, shop: RunningShop, name: str) -> None:
        assert session(shop, name)["usuario"]["rut"] == BETO_RUT

    def test_tells_an_unknown_user_and_a_wrong_password_in_the_same_words(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        attempts = [
            (user["usuario"], "no-es-esta"),
            (user["rut"], "no-es-esta"),
            ("no-hay-nadie", PASSWORD),
            (new_rut(), PASSWORD),
            ("", ""),
            ("a\x00", "b\x00"),
            (user["usuario"], "x" * 5000),
            (user["usuario"], ""),
            (user["usuario"], PASSWORD + " "),
            (user["usuario"], PASSWORD.upper()),
            ("x" * 5000, PASSWORD),
        ]
        answers = [shop.login(*attempt) for attempt in attempts]
        for answer in answers:
            refused(answer, 401, "credenciales_invalidas")
        assert len({answer.text for answer in answers}) == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"usuario": "beto"}, "clave"),
            ({"clave": "x"}, "usuario"),
            ({"usuario": 1, "clave": "x"}, "usuario"),
            ({"usuario": "beto", "clave": None}, "clave"),
            ({"usuario": "beto", "clave": "x", "recordar": True}, "recordar"),
        ],
    )
    def test_needs_both(
        self, shop: RunningShop, body: dict[str, Any], field: str
    ) -> None:
        unfit(shop.nobody.post("/login", json=body), field)

    def test_a_token_that_comes_along_does_not_matter(self, shop: RunningShop) -> None:
        body = {"usuario": "beto", "clave": PASSWORD}
        assert shop.caller("basura").post("/login", json=body).status_code == 200

    def test_names_are_one_in_any_width(self, shop: RunningShop) -> None:
        assert session(shop, "\uff42\uff45\uff54\uff4f")["usuario"]["rut"] == BETO_RUT


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
    def test_garbage_is_refused(self, shop: RunningShop, header: str) -> None:
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
    def test_a_token_made_by_hand_is_refused(
        self, shop: RunningShop, head: bytes, claims: bytes
    ) -> None:
        parts = [
            base64.urlsafe_b64encode(part).rstrip(b"=").decode()
            for part in (head, claims, b"x")
        ]
        assert not works(shop, ".".join(parts))

    def test_an_unsigned_or_otherwise_signed_copy_of_a_good_one_is_refused(
        self, shop: RunningShop
    ) -> None:
        token = session(shop)["token"]
        head, claims, signature = token.split(".")
        none = (
            base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}')
            .rstrip(b"=")
            .decode()
        )
        told = jwt.decode(token, options={"verify_signature": False})
        others = [
            f"{none}.{claims}.",
            f"{head}.{claims}.",
            f"{head}.{claims}.{signature[:-4]}AAAA",
            jwt.encode(told, b"x" * 32, algorithm="HS256"),
            jwt.encode(
                told,
                (shop.server.data / "secret.key").read_bytes() * 2,
                algorithm="HS512",
            ),
        ]
        assert [works(shop, other) for other in others] == [False] * 5
        assert works(shop, token)

    def test_a_token_ends_when_its_time_is_over(self, shop: RunningShop) -> None:
        token = session(shop)["token"]
        now = int(time.time())
        assert works(shop, forged(shop, token, exp=now + 60))
        assert not works(shop, forged(shop, token, exp=now - 1))
        assert not works(shop, forged(shop, token, exp=0))
        told = jwt.decode(token, options={"verify_signature": False})
        assert abs(told["exp"] - now - TOKEN_S) < 30

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": None},
            {"sid": None},
            {"sid": "x"},
            {"sid": 5},
            {"exp": "mañana"},
            {"exp": [1]},
        ],
    )
    def test_a_token_without_its_session_or_its_end_is_none(
        self, shop: RunningShop, claims: dict[str, Any]
    ) -> None:
        assert not works(shop, forged(shop, session(shop)["token"], **claims))

    def test_a_token_that_was_good_is_refused_as_soon_as_it_is_over_though_it_was_seen(
        self, shop: RunningShop
    ) -> None:
        short = forged(shop, session(shop)["token"], exp=int(time.time()) + 2)
        assert works(shop, short)
        deadline = time.monotonic() + 30
        while works(shop, short):
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def test_the_key_that_signs_is_for_the_shop_alone(self, shop: RunningShop) -> None:
        key = shop.server.data / "secret.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_bytes()) == 32
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700

    def test_tokens_outlive_a_restart_and_a_crash(self, open_shop: OpenShop) -> None:
        own = open_shop()
        given = session(own)
        own.restart()
        assert works(own, given["token"])
        own.restart(kill=True)
        assert works(own, given["token"])
        assert works(own, refresh(own, given["token_refresco"]).json()["token"])

    def test_a_key_given_as_a_setting_is_used(self, open_shop: OpenShop) -> None:
        own = open_shop(secret_key="una clave larga")
        assert not (own.server.data / "secret.key").exists()
        token = own.beto.token or ""
        own.restart()
        assert works(own, token)
        own.settings["secret_key"] = "otra clave"
        own.restart()
        assert not works(own, token)
        assert own.login("ana").status_code == 200


class TestRefreshing:
    """``POST /token/refresco``."""

    def test_goes_on_with_new_tokens(self, shop: RunningShop) -> None:
        first = session(shop)
        answer = refresh(shop, first["token_refresco"])
        assert answer.status_code == 200
        second = answer.json()
        assert set(second) == set(first)
        assert second["usuario"] == first["usuario"]
        assert second["token_refresco"] != first["token_refresco"]
        assert works(shop, second["token"])
        assert works(shop, first["token"])
        assert refresh(shop, second["token_refresco"]).status_code == 200

    def test_a_used_one_that_comes_back_ends_the_whole_family(
        self, shop: RunningShop
    ) -> None:
        other = session(shop)
        first = session(shop)
        second = refresh(shop, first["token_refresco"]).json()
        third = refresh(shop, second["token_refresco"]).json()
        refused(refresh(shop, first["token_refresco"]), 401, "no_autenticado")
        for given in (first, second, third):
            assert not works(shop, given["token"])
            refused(refresh(shop, given["token_refresco"]), 401, "no_autenticado")
        assert works(shop, other["token"])
        assert refresh(shop, other["token_refresco"]).status_code == 200

    @pytest.mark.parametrize("token", ["", "x", "a\x00", "ñ" * 100, "x" * 10_000])
    def test_an_unknown_one_is_refused(self, shop: RunningShop, token: str) -> None:
        refused(refresh(shop, token), 401, "no_autenticado")

    def test_an_access_token_is_no_refresh_token_nor_the_other_way_round(
        self, shop: RunningShop
    ) -> None:
        given = session(shop)
        refused(refresh(shop, given["token"]), 401, "no_autenticado")
        assert not works(shop, given["token_refresco"])

    def test_the_body_holds_the_token_alone(self, shop: RunningShop) -> None:
        unfit(shop.nobody.post("/token/refresco", json={}), "token_refresco")
        unfit(
            shop.nobody.post("/token/refresco", json={"token_refresco": 1}),
            "token_refresco",
        )
        unfit(
            shop.nobody.post("/token/refresco", json={"token_refresco": "x", "y": 1}),
            "y",
        )

    def test_no_token_lies_in_the_data_folder_as_it_was_given(
        self, shop: RunningShop
    ) -> None:
        given = session(shop)["token_refresco"].encode()
        files = [
            path.read_bytes() for path in shop.server.data.iterdir() if path.is_file()
        ]
        assert not any(given in content for content in files)
        assert not any(PASSWORD.encode() in content for content in files)


class TestLoggingOut:
    """``POST /logout``."""

    def test_with_the_refresh_token_ends_its_session_only(
        self, shop: RunningShop
    ) -> None:
        one, other = session(shop), session(shop)
        answer = shop.nobody.post(
            "/logout", json={"token_refresco": one["token_refresco"]}
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert not works(shop, one["token"])
        refused(refresh(shop, one["token_refresco"]), 401, "no_autenticado")
        assert works(shop, other["token"])

    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_with_the_access_token_ends_that_session(
        self, shop: RunningShop, body: bytes
    ) -> None:
        one = session(shop)
        answer = shop.caller(one["token"]).post("/logout", content=body)
        assert answer.status_code == 204
        assert not works(shop, one["token"])
        refused(refresh(shop, one["token_refresco"]), 401, "no_autenticado")

    def test_with_a_token_that_was_rotated_away_ends_the_session_too(
        self, shop: RunningShop
    ) -> None:
        first = session(shop)
        second = refresh(shop, first["token_refresco"]).json()
        body = {"token_refresco": first["token_refresco"]}
        assert shop.nobody.post("/logout", json=body).status_code == 204
        assert not works(shop, second["token"])

    def test_twice_is_no_fault(self, shop: RunningShop) -> None:
        body = {"token_refresco": session(shop)["token_refresco"]}
        assert [
            shop.nobody.post("/logout", json=body).status_code for _ in range(2)
        ] == [204, 204]

    def test_takes_a_refresh_token_whatever_became_of_the_access_token(
        self, shop: RunningShop
    ) -> None:
        one = session(shop)
        caller = shop.caller(forged(shop, one["token"], exp=1))
        assert (
            caller.post(
                "/logout", json={"token_refresco": one["token_refresco"]}
            ).status_code
            == 204
        )
        assert not works(shop, one["token"])

    def test_of_nobody_is_refused(self, shop: RunningShop) -> None:
        refused(shop.nobody.post("/logout"), 401, "no_autenticado")
        refused(
            shop.nobody.post("/logout", json={"token_refresco": "x"}),
            401,
            "no_autenticado",
        )
        unfit(shop.nobody.post("/logout", json={"token": "x"}), "token")


class TestTheEndOfSessions:
    """What ends them at once."""

    def test_a_new_password_ends_all_of_them(self, shop: RunningShop) -> None:
        user, caller = shop.somebody()
        one, other = session(shop, user["usuario"]), session(shop, user["usuario"])
        body = {"clave": "otra-clave", "clave_actual": PASSWORD}
        caller.ok("PUT", f"/users/{user['rut']}", body)
        for given in (one, other):
            assert not works(shop, given["token"])
            refused(refresh(shop, given["token_refresco"]), 401, "no_autenticado")
        refused(caller.get("/tienda"), 401, "no_autenticado")

    def test_one_given_by_an_administrador_too(self, shop: RunningShop) -> None:
        user, caller = shop.somebody("Cajero")
        shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave"})
        refused(caller.get("/tienda"), 401, "no_autenticado")
        assert shop.login(user["usuario"], "otra-clave").status_code == 200

    def test_another_name_does_not(self, shop: RunningShop) -> None:
        user, caller = shop.somebody()
        caller.ok("PUT", f"/users/{user['rut']}", {"nombre": "Otro"})
        assert caller.ok("GET", f"/users/{user['rut']}")["nombre"] == "Otro"


class TestThrottling:
    """Guessing is slow; working is not."""

    def test_a_name_is_guessed_ten_times_and_then_told_to_wait(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        answers = [shop.login(user["usuario"], "mala-mala") for _ in range(12)]
        while (
            len(answers) < 40 and answers[-1].status_code != 429
        ):  # a slow machine gives attempts back meanwhile
            answers.append(shop.login(user["usuario"], "mala-mala"))
        for answer in answers[:10]:
            refused(answer, 401, "credenciales_invalidas")
        refused(answers[-1], 429, "demasiadas_solicitudes")
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        refused(shop.login(user["usuario"]), 429, "demasiadas_solicitudes")
        refused(
            shop.login(user["usuario"].upper() + " "), 429, "demasiadas_solicitudes"
        )
        assert shop.login("clara").status_code == 200, "another name is not held up"
        assert caller.get("/tienda").status_code == 200, "nor is who is in already"

    def test_whoever_knows_the_password_is_never_held_up(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        assert {shop.login(user["usuario"]).status_code for _ in range(15)} == {200}

    def test_the_current_password_is_not_guessed_either(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        body = {"clave": "otra-clave", "clave_actual": "mala-mala"}
        answers = [caller.put(f"/users/{user['rut']}", json=body) for _ in range(30)]
        unfit(answers[0], "clave_actual")
        refused(answers[-1], 429, "demasiadas_solicitudes")

    def test_an_address_that_tries_many_names_is_told_to_wait(
        self, own: RunningShop
    ) -> None:
        until_429(lambda number: own.login(f"nombre{number}", "mala-mala"))
        assert own.ana.get("/tienda").status_code == 200

    def test_an_address_that_tries_many_refresh_tokens_is_too(
        self, own: RunningShop
    ) -> None:
        until_429(lambda number: refresh(own, f"token{number}"))

    def test_an_address_that_registers_many_is_too_and_an_administrador_is_not(
        self, own: RunningShop
    ) -> None:
        def body() -> dict[str, str]:
            rut = new_rut()
            return {"rut": rut, "nombre": "N", "usuario": rut, "clave": "12345678"}

        until_429(lambda _: own.nobody.post("/register", json=body()))
        own.ana.ok("POST", "/register", body())


def until_429(attempt: Callable[[int], httpx.Response]) -> None:
    """Try, many at once, until it is too much; many more than the throttle lets pass, for a slow machine."""
    with ThreadPoolExecutor(8) as pool:
        for start in range(0, 2000, 40):
            answers = list(pool.map(attempt, range(start, start + 40)))
            held = [answer for answer in answers if answer.status_code == 429]
            if held:
                refused(held[0], 429, "demasiadas_solicitudes")
                assert int(held[0].headers["retry-after"]) >= 1
                assert start >= 40, "nobody is told to wait so soon"
                return
    raise AssertionError("never told to wait")

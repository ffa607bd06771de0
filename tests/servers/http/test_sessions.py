"""Sessions: prolonged by a refresh token, and ended by logging out or by a new password."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.http import refused, unfit
from tests.harness.login import forged, is_good, refresh, session
from tests.harness.shop import RunningShop


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that may be stopped, and whose rows may be made older."""
    return open_shop()


def let_pass(shop: RunningShop, *, seconds: int) -> None:
    """Make all refresh tokens older, as if that time had passed."""
    aged = "UPDATE refresh_tokens SET created_at_ms = created_at_ms - :ms"
    with sqlite3.connect(shop.server.data / "trastienda.db", timeout=30) as database:
        database.execute(aged, {"ms": seconds * 1000})
    database.close()


class TestRefreshing:
    """``POST /token/refresco``."""

    def test_a_refresh_token_gives_new_tokens(self, shop: RunningShop) -> None:
        first = session(shop)
        answer = refresh(shop, first["token_refresco"])
        assert answer.status_code == 200
        second = answer.json()
        assert set(second) == set(first)
        assert second["usuario"] == first["usuario"]
        assert second["token_refresco"] != first["token_refresco"]
        assert is_good(shop, second["token"])
        assert is_good(shop, first["token"])
        assert refresh(shop, second["token_refresco"]).status_code == 200

    def test_a_used_refresh_token_gets_its_answer_again_for_half_a_minute(
        self, own: RunningShop
    ) -> None:
        first = session(own)
        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(lambda _: refresh(own, first["token_refresco"]), range(8))
            )
        assert [answer.status_code for answer in answers] == [200] * 8
        (second,) = {answer.content for answer in answers}
        own.restart(kill=True)
        assert refresh(own, first["token_refresco"]).content == second

        follower = answers[0].json()
        assert is_good(own, follower["token"])
        third = refresh(own, follower["token_refresco"])
        assert third.json()["token_refresco"] != follower["token_refresco"]
        assert refresh(own, first["token_refresco"]).content == second

    def test_a_used_refresh_token_that_comes_back_later_ends_its_session(
        self, own: RunningShop
    ) -> None:
        other = session(own)
        first = session(own)
        second = refresh(own, first["token_refresco"]).json()
        third = refresh(own, second["token_refresco"]).json()
        let_pass(own, seconds=10)
        again = refresh(own, first["token_refresco"]).json()
        assert again["token_refresco"] == second["token_refresco"]
        let_pass(own, seconds=21)
        refused(refresh(own, first["token_refresco"]), 401, "no_autenticado")
        for given in (first, second, third):
            assert not is_good(own, given["token"])
            refused(refresh(own, given["token_refresco"]), 401, "no_autenticado")
        assert is_good(own, other["token"])
        assert refresh(own, other["token_refresco"]).status_code == 200

    def test_a_session_that_has_ended_gives_no_answer_again(
        self, shop: RunningShop
    ) -> None:
        first = session(shop)
        second = refresh(shop, first["token_refresco"]).json()
        body = {"token_refresco": second["token_refresco"]}
        assert shop.nobody.post("/logout", json=body).status_code == 204
        refused(refresh(shop, first["token_refresco"]), 401, "no_autenticado")

    @pytest.mark.parametrize("token", ["", "x", "a\x00", "ñ" * 100, "x" * 10_000])
    def test_an_unknown_refresh_token_is_refused(
        self, shop: RunningShop, token: str
    ) -> None:
        refused(refresh(shop, token), 401, "no_autenticado")

    def test_access_and_refresh_tokens_do_not_stand_in_for_each_other(
        self, shop: RunningShop
    ) -> None:
        given = session(shop)
        refused(refresh(shop, given["token"]), 401, "no_autenticado")
        assert not is_good(shop, given["token_refresco"])

    def test_the_body_of_a_refresh_holds_the_token_alone(
        self, shop: RunningShop
    ) -> None:
        unfit(shop.nobody.post("/token/refresco", json={}), "token_refresco")
        unfit(
            shop.nobody.post("/token/refresco", json={"token_refresco": 1}),
            "token_refresco",
        )
        unfit(
            shop.nobody.post("/token/refresco", json={"token_refresco": "x", "y": 1}),
            "y",
        )

    def test_the_data_folder_holds_no_refresh_token_and_no_password_in_the_clear(
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

    def test_logging_out_with_a_refresh_token_ends_that_session_only(
        self, shop: RunningShop
    ) -> None:
        first, second = session(shop), session(shop)
        answer = shop.nobody.post(
            "/logout", json={"token_refresco": first["token_refresco"]}
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert not is_good(shop, first["token"])
        refused(refresh(shop, first["token_refresco"]), 401, "no_autenticado")
        assert is_good(shop, second["token"])

    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_logging_out_with_an_access_token_ends_that_session(
        self, shop: RunningShop, body: bytes
    ) -> None:
        first = session(shop)
        answer = shop.caller(first["token"]).post("/logout", content=body)
        assert answer.status_code == 204
        assert not is_good(shop, first["token"])
        refused(refresh(shop, first["token_refresco"]), 401, "no_autenticado")

    def test_logging_out_with_a_used_refresh_token_ends_the_session_as_well(
        self, shop: RunningShop
    ) -> None:
        first = session(shop)
        second = refresh(shop, first["token_refresco"]).json()
        body = {"token_refresco": first["token_refresco"]}
        assert shop.nobody.post("/logout", json=body).status_code == 204
        assert not is_good(shop, second["token"])

    def test_logging_out_twice_is_fine(self, shop: RunningShop) -> None:
        body = {"token_refresco": session(shop)["token_refresco"]}
        assert [
            shop.nobody.post("/logout", json=body).status_code for _ in range(2)
        ] == [204, 204]

    def test_logging_out_with_a_refresh_token_ignores_an_expired_access_token(
        self, shop: RunningShop
    ) -> None:
        first = session(shop)
        caller = shop.caller(forged(shop, first["token"], exp=1))
        assert (
            caller.post(
                "/logout", json={"token_refresco": first["token_refresco"]}
            ).status_code
            == 204
        )
        assert not is_good(shop, first["token"])

    def test_logging_out_without_any_token_is_refused(self, shop: RunningShop) -> None:
        refused(shop.nobody.post("/logout"), 401, "no_autenticado")
        refused(
            shop.nobody.post("/logout", json={"token_refresco": "x"}),
            401,
            "no_autenticado",
        )
        unfit(shop.nobody.post("/logout", json={"token": "x"}), "token")


class TestTheEndOfSessions:
    """What ends them at once."""

    def test_a_new_password_ends_all_sessions_of_the_user(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        first, second = session(shop, user["usuario"]), session(shop, user["usuario"])
        body = {"clave": "otra-clave", "clave_actual": PASSWORD}
        caller.ok("PUT", f"/users/{user['rut']}", body)
        for given in (first, second):
            assert not is_good(shop, given["token"])
            refused(refresh(shop, given["token_refresco"]), 401, "no_autenticado")
        refused(caller.get("/tienda"), 401, "no_autenticado")

    def test_a_password_set_by_an_administrador_ends_the_sessions_as_well(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody("Cajero")
        shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave"})
        refused(caller.get("/tienda"), 401, "no_autenticado")
        assert shop.login(user["usuario"], "otra-clave").status_code == 200

    def test_a_new_name_ends_no_session(self, shop: RunningShop) -> None:
        user, caller = shop.somebody()
        caller.ok("PUT", f"/users/{user['rut']}", {"nombre": "Otro"})
        assert caller.ok("GET", f"/users/{user['rut']}")["nombre"] == "Otro"

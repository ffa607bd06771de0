"""``POST /login``: who is let in, and what they get."""

import sqlite3
from typing import Any

import pytest
from argon2 import PasswordHasher
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import refused, unfit
from tests.harness.login import TOKEN_S, is_good, session
from tests.harness.shop import RunningShop


class TestLoggingIn:
    """``POST /login``."""

    def test_a_login_opens_a_session_and_returns_the_user(
        self, shop: RunningShop
    ) -> None:
        answer = shop.login("clara")
        given = answer.json()
        assert set(given) == {
            "token",
            "token_refresco",
            "expira_en",
            "usuario",
            "debe_cambiar",
        }
        assert given["expira_en"] == TOKEN_S
        assert given["usuario"] == shop.clara.ok("GET", f"/users/{CLARA_RUT}")
        assert answer.headers["cache-control"] == "no-store"
        assert is_good(shop, given["token"])

    @pytest.mark.parametrize(
        "name", ["beto", "BETO", " Beto ", BETO_RUT, "22.222.222-2", "222222222"]
    )
    def test_one_logs_in_with_the_user_name_or_the_rut_in_any_spelling(
        self, shop: RunningShop, name: str
    ) -> None:
        assert session(shop, name)["usuario"]["rut"] == BETO_RUT

    def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(
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
    def test_a_login_has_a_user_name_and_a_password_and_nothing_else(
        self, shop: RunningShop, body: dict[str, Any], field: str
    ) -> None:
        unfit(shop.nobody.post("/login", json=body), field)

    def test_a_token_sent_along_with_a_login_is_ignored(
        self, shop: RunningShop
    ) -> None:
        body = {"usuario": "beto", "clave": PASSWORD}
        assert shop.caller("basura").post("/login", json=body).status_code == 200

    def test_a_user_name_may_be_written_in_full_width_letters(
        self, shop: RunningShop
    ) -> None:
        assert session(shop, "\uff42\uff45\uff54\uff4f")["usuario"]["rut"] == BETO_RUT


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_login(
    open_shop: OpenShop,
) -> None:
    own = open_shop(cheap_passwords=False)
    given = session(own, "beto")
    rehashed = "UPDATE users SET password_hash = ? WHERE username = 'beto'"
    cheap = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    path = own.server.data / "trastienda.db"
    with sqlite3.connect(path, timeout=30) as database:
        database.execute(rehashed, [cheap])
    refused(own.login("beto", "no-es-esta"), 401, "credenciales_invalidas")

    def stored() -> str:
        query = "SELECT password_hash FROM users WHERE username = 'beto'"
        return str(database.execute(query).fetchone()[0])

    assert stored() == cheap
    assert own.login("beto").status_code == 200
    renewed = stored()
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert own.login("beto").status_code == 200
    assert stored() == renewed
    assert is_good(own, given["token"]), "no session ended by it"
    database.close()

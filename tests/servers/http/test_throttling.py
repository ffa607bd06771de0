"""Guessing passwords and tokens is slow; working is not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.http import refused, unfit
from tests.harness.login import refresh
from tests.harness.shop import RunningShop


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop from whose door one may be sent away."""
    return open_shop()


def until_429(attempt: Callable[[int], httpx.Response]) -> None:
    """Try, many at once, until it is too much.

    Many more than the throttle lets pass, for a slow machine.
    """
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


class TestThrottling:
    """Guessing is slow; working is not."""

    def test_after_ten_wrong_passwords_a_user_name_has_to_wait(
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

    def test_right_passwords_are_never_throttled(self, shop: RunningShop) -> None:
        user, _ = shop.somebody()
        assert {shop.login(user["usuario"]).status_code for _ in range(15)} == {200}

    def test_guessing_the_current_password_is_throttled(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        body = {"clave": "otra-clave", "clave_actual": "mala-mala"}
        answers = [caller.put(f"/users/{user['rut']}", json=body) for _ in range(30)]
        unfit(answers[0], "clave_actual")
        refused(answers[-1], 429, "demasiadas_solicitudes")

    def test_many_user_names_from_one_address_are_throttled(
        self, own: RunningShop
    ) -> None:
        until_429(lambda number: own.login(f"nombre{number}", "mala-mala"))
        assert own.ana.get("/tienda").status_code == 200

    def test_many_refresh_tokens_from_one_address_are_throttled(
        self, own: RunningShop
    ) -> None:
        until_429(lambda number: refresh(own, f"token{number}"))

    def test_many_registrations_from_one_address_are_throttled_but_not_those_of_an_administrador(
        self, own: RunningShop
    ) -> None:
        def body() -> dict[str, str]:
            rut = new_rut()
            return {"rut": rut, "nombre": "N", "usuario": rut, "clave": PASSWORD}

        until_429(lambda _: own.nobody.post("/register", json=body()))
        own.ana.ok("POST", "/register", body())

"""Floods of wrong passwords: guesses are slowed by network and by account, and neither shuts
out who has come in from there before."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.http import Caller, refused
from tests.harness.login import refresh, session
from tests.harness.shop import RunningShop

SEVERAL = ("demasiadas_solicitudes", "credenciales_invalidas")


@pytest.fixture
def own(open_shop: OpenShop) -> RunningShop:
    """A shop from whose door one may be sent away."""
    return open_shop()


def from_address(shop: RunningShop, last: int) -> httpx.Client:
    """A client that calls from another address of this machine."""
    transport = httpx.HTTPTransport(local_address=f"127.0.7.{last}")
    return httpx.Client(transport=transport, base_url=shop.server.url, timeout=60)


def enter(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/login", json={"usuario": name, "clave": password})


def flood(client: httpx.Client) -> None:
    """Guess names until the network has to wait."""
    with ThreadPoolExecutor(8) as pool:
        for start in range(0, 2000, 50):
            names = [f"nadie{number}" for number in range(start, start + 50)]
            answers = list(
                pool.map(lambda name: enter(client, name, "mala-mala"), names)
            )
            if any(answer.status_code == 429 for answer in answers):
                return
    raise AssertionError("never told to wait")


def is_held_up(client: httpx.Client, name: str, password: str = PASSWORD) -> bool:
    """Whether somebody has to wait while their network is flooded.

    It is flooded several times, since a slow machine gives attempts back meanwhile.
    """
    for _ in range(20):
        flood(client)
        answer = enter(client, name, password)
        if answer.status_code == 429:
            refused(answer, 429, "demasiadas_solicitudes")
            return True
    return False


def committed(caller: Caller) -> float:
    for line in caller.get("/metrics").text.splitlines():
        if line.startswith("trastienda_committed_calls_total"):
            return float(line.split()[1])
    raise AssertionError("not counted")


def test_guesses_at_one_account_are_slowed_wherever_they_come_from(
    own: RunningShop,
) -> None:
    user, _ = own.somebody()
    codes = []
    for number in range(60):
        with from_address(own, number + 1) as client:
            name = user["usuario"] if number % 2 else user["rut"]
            codes.append(enter(client, name, "mala-mala").json()["codigo"])
    assert set(codes) == set(SEVERAL)
    assert codes[:30] == ["credenciales_invalidas"] * 30
    assert codes.count("credenciales_invalidas") < 40

    assert own.login(user["usuario"]).status_code == 200, "where they came in before"
    assert own.login(user["rut"]).status_code == 200
    with from_address(own, 99) as client:
        refused(enter(client, user["usuario"]), 429, "demasiadas_solicitudes")
        assert enter(client, "clara").status_code == 200, "another account"


def test_who_came_in_from_an_address_comes_in_while_a_stranger_floods_it(
    own: RunningShop,
) -> None:
    with from_address(own, 1) as shared, from_address(own, 2) as elsewhere:
        assert enter(shared, "clara").status_code == 200
        flood(shared)
        for _ in range(3):
            assert enter(shared, "clara").status_code == 200
        assert is_held_up(shared, "beto")
        assert is_held_up(shared, "clara", "mala-mala")
        assert enter(elsewhere, "beto").status_code == 200


def test_who_keeps_a_session_is_known_after_a_restart(own: RunningShop) -> None:
    kept = session(own, "beto")
    own.restart()
    assert refresh(own, kept["token_refresco"]).status_code == 200
    flood(own.nobody)
    assert own.login("beto").status_code == 200
    assert is_held_up(own.nobody, "nadie")


def test_who_came_in_before_a_restart_is_known_after_it(own: RunningShop) -> None:
    user, _ = own.somebody()
    name = user["usuario"]
    with from_address(own, 201) as home:
        assert enter(home, name).status_code == 200
    own.restart()
    for number in range(40):
        with from_address(own, number + 101) as client:
            enter(client, name, "mala-mala")

    with from_address(own, 201) as home, from_address(own, 202) as elsewhere:
        refused(enter(elsewhere, name), 429, "demasiadas_solicitudes")
        assert enter(home, name).status_code == 200
        assert enter(home, user["rut"]).status_code == 200


def test_a_flood_of_their_network_after_a_restart_keeps_nobody_out(
    own: RunningShop,
) -> None:
    with from_address(own, 203) as shared:
        assert enter(shared, "clara").status_code == 200
    own.restart()
    with from_address(own, 203) as shared:
        flood(shared)
        assert enter(shared, "clara").status_code == 200
        assert is_held_up(shared, "beto")


def test_ends_of_sessions_that_never_were_write_nothing_and_are_throttled(
    own: RunningShop,
) -> None:
    before = committed(own.nobody)
    statuses = set()
    for number in range(160):
        body = {"token_refresco": f"token{number}"}
        statuses.add(own.nobody.post("/logout", json=body).status_code)
        statuses.add(refresh(own, f"otro{number}").status_code)
    assert statuses == {401, 429}
    assert committed(own.nobody) == before


def test_a_crowd_of_right_passwords_of_one_account_leaves_room_for_others(
    own: RunningShop,
) -> None:
    with ThreadPoolExecutor(64) as pool:
        crowd = [pool.submit(own.login, "clara") for _ in range(250)]
        assert own.login("beto").status_code == 200
        statuses = {one.result().status_code for one in crowd}
    assert statuses <= {200, 429}

"""Bursts of wrong log-ins: told once an hour for each account and each network."""

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT
from tests.harness.waiting import eventually

from trastienda.servers.login_bursts import BURST, MAX_PLACES, QUIET_S, Bursts


def taken(bursts: Bursts, times: int, start_s: float, step_s: float) -> list[int]:
    """Which of so many wrong ones were told of, from 1."""
    return [
        number
        for number in range(1, times + 1)
        if bursts.take("place", start_s + number * step_s)
    ]


def test_the_tenth_within_ten_minutes_is_told_and_none_for_an_hour() -> None:
    bursts = Bursts()
    assert taken(bursts, 200, 0, 1) == [BURST]
    assert taken(bursts, 20, QUIET_S, 1) == [10]


@pytest.mark.parametrize(("step_s", "told"), [(66, [BURST]), (67, [])])
def test_those_that_come_slowly_are_no_burst(step_s: float, told: list[int]) -> None:
    assert taken(Bursts(), 50, 0, step_s) == told


def test_what_is_kept_in_mind_is_bounded() -> None:
    bursts = Bursts()
    for number in range(MAX_PLACES + 5):
        for _ in range(BURST):
            bursts.take(str(number), 1)
    assert len(bursts._places) == len(bursts._quiet_until_s) == MAX_PLACES


def test_administrators_are_told_once_of_whom_and_from_where(
    open_shop: OpenShop,
) -> None:
    own = open_shop()
    for _ in range(BURST - 1):
        own.login("beto", "clave-equivocada")
    assert own.ana.all("/notificaciones") == []
    for _ in range(2):
        own.login("beto", "clave-equivocada")
    eventually(lambda: own.ana.all("/notificaciones"), "a notification")
    (row,) = own.ana.all("/notificaciones")
    assert row["titulo"] == "Alguien prueba claves"
    assert row["texto"] == (
        "10 intentos con clave o código equivocado en 10 minutos, para la cuenta de "
        f"{BETO_RUT}, desde 127.0.0.1."
    )
    assert own.beto.all("/notificaciones") == []
    for _ in range(3):
        own.login("nadie-se-llama-asi", "clave-equivocada")
    assert len(own.ana.all("/notificaciones")) == 1

"""Those who vanish without a word: the system is told to look for them."""

import shutil
import subprocess

import pytest
from tests.harness.lines import Person, Program, address, new_alias
from tests.harness.listeners import Listener
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

FOUND_WITHIN_S = 130
"""Silence of a minute, then four questions a quarter of a minute apart, and a little more."""


def timer_of(server_port: int, own_port: int) -> str:
    """What the system's table of sockets says of the server's side of a connection."""
    found = subprocess.run(
        ["ss", "-tonH", f"sport = :{server_port} and dport = :{own_port}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout


def is_asked_after(server_port: int, own_port: int) -> None:
    """Expect that the system will look for a client, and how soon."""
    eventually(
        lambda: "timer:(keepalive," in timer_of(server_port, own_port),
        "a keepalive timer runs",
    )
    timer = (
        timer_of(server_port, own_port)
        .partition("timer:(keepalive,")[2]
        .partition(",")[0]
    )
    assert timer.endswith("sec") or timer.startswith("1min"), timer
    seconds = 60 if timer.startswith("1min") else float(timer.removesuffix("sec"))
    assert 0 < seconds <= 60 < FOUND_WITHIN_S


with_ss = pytest.mark.skipif(
    shutil.which("ss") is None,
    reason="ss, which lists the timers of sockets, is not installed",
)


@with_ss
@pytest.mark.parametrize("port", ["chat", "inventory"])
def test_the_system_asks_whether_a_silent_client_is_still_there(
    shop: RunningShop, port: str
) -> None:
    place = getattr(shop.server, port)
    with Person(place) as one:
        is_asked_after(address(place)[1], one.socket.getsockname()[1])


@with_ss
def test_the_system_asks_whether_somebody_still_listens(shop: RunningShop) -> None:
    with Listener(shop, shop.clara.token) as one:
        stream = one.answer.extensions["network_stream"]
        own_port = stream.get_extra_info("socket").getsockname()[1]
        is_asked_after(shop.server.port, own_port)


def test_who_is_silent_and_there_is_left_alone(shop: RunningShop) -> None:
    with (
        Program(shop.server.chat) as one,
        Person(shop.server.chat, new_alias()) as other,
    ):
        one.ok("nombre", alias=new_alias())
        other.heard()
        assert one.ok("ping")["ok"]

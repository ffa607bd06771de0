"""Ports: taken ones are told with the setting to change, and every address stands for both protocols."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.harness.server import free_port

from trastienda.operations.errors import StartError
from trastienda.operations.ports import PortTakenError, bind


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Closes what is bound."""
    with ExitStack() as stack:
        yield stack


def bound(
    closing: ExitStack, host: str, port: int = 0, setting: str = "port"
) -> list[socket.socket]:
    return [closing.enter_context(one) for one in bind(host, port, setting)]


def answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        return one.connect_ex((host, port)) == 0


def test_port_zero_takes_one_that_is_free(closing: ExitStack) -> None:
    (one,) = bound(closing, "127.0.0.1")
    host, port = one.getsockname()
    assert host == "127.0.0.1"
    assert port > 0
    assert answers("127.0.0.1", port)


def test_a_port_that_is_taken_is_told_with_the_settings_to_change(
    closing: ExitStack,
) -> None:
    port = free_port()
    bound(closing, "127.0.0.1", port)
    with pytest.raises(
        PortTakenError, match=rf"{port}.*--chat-port o TRASTIENDA_CHAT_PORT"
    ):
        bind("127.0.0.1", port, "chat_port")


def test_a_port_just_left_by_a_server_can_be_taken_again(closing: ExitStack) -> None:
    """What was connected waits a minute in the system; a restart must not."""
    (one,) = bound(closing, "127.0.0.1", free_port())
    port = one.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = one.accept()
        accepted.close()  # the server's side goes first, and is the one that waits
    one.close()
    bound(closing, "127.0.0.1", port)


@needs_ipv6
@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_every_address_means_both_protocols_on_one_port(
    closing: ExitStack, everywhere: str
) -> None:
    both = bound(closing, everywhere, free_port())
    assert {one.family for one in both} == {socket.AF_INET, socket.AF_INET6}
    (port,) = {one.getsockname()[1] for one in both}
    assert answers("127.0.0.1", port)
    assert answers("::1", port)


@needs_ipv6
def test_where_one_protocol_is_taken_the_other_is_let_go(closing: ExitStack) -> None:
    port = free_port()
    taken = closing.enter_context(socket.socket(socket.AF_INET6))
    taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    taken.bind(("::", port))
    taken.listen()
    with pytest.raises(PortTakenError):
        bind("::", port, "port")
    bound(closing, "127.0.0.1", port)


@needs_ipv6
def test_an_address_of_one_protocol_listens_on_that_alone(closing: ExitStack) -> None:
    (one,) = bound(closing, "::1")
    assert one.family == socket.AF_INET6
    assert not answers("127.0.0.1", one.getsockname()[1])


def test_an_unknown_host_is_told_with_the_setting() -> None:
    with pytest.raises(StartError, match=r"no.such.host.*--host o TRASTIENDA_HOST"):
        bind("no.such.host.invalid", 0, "port")


def test_an_address_that_is_not_of_this_machine_is_told() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.1.*--host"):
        bind("192.0.2.1", 0, "port")

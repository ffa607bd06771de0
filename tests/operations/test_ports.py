"""The ports of a shop: how they are bound, and what is reported of a taken one."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.harness.server import free_port

from trastienda.operations.errors import StartError
from trastienda.operations.ports import PortTakenError, bind


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
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
    return [closing.enter_context(server) for server in bind(host, port, setting)]


def answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def test_port_zero_takes_a_free_port(closing: ExitStack) -> None:
    (server,) = bound(closing, "127.0.0.1")
    host, port = server.getsockname()
    assert host == "127.0.0.1"
    assert port > 0
    assert answers("127.0.0.1", port)


def test_a_taken_port_is_reported_with_the_setting_to_change(
    closing: ExitStack,
) -> None:
    port = free_port()
    bound(closing, "127.0.0.1", port)
    with pytest.raises(
        PortTakenError, match=rf"{port}.*--chat-port o TRASTIENDA_CHAT_PORT"
    ):
        bind("127.0.0.1", port, "chat_port")


def test_a_port_just_left_by_a_server_can_be_bound_again(closing: ExitStack) -> None:
    """What was connected waits a minute in the system; a restart must not."""
    (server,) = bound(closing, "127.0.0.1", free_port())
    port = server.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = server.accept()
        accepted.close()  # the server's side goes first, and is the one that waits
    server.close()
    bound(closing, "127.0.0.1", port)


@needs_ipv6
@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_every_address_binds_both_protocols_on_one_port(
    closing: ExitStack, everywhere: str
) -> None:
    both = bound(closing, everywhere, free_port())
    assert {server.family for server in both} == {socket.AF_INET, socket.AF_INET6}
    (port,) = {server.getsockname()[1] for server in both}
    assert answers("127.0.0.1", port)
    assert answers("::1", port)


@needs_ipv6
def test_a_port_taken_on_one_protocol_is_released_on_the_other(
    closing: ExitStack,
) -> None:
    port = free_port()
    taken = closing.enter_context(socket.socket(socket.AF_INET6))
    taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    taken.bind(("::", port))
    taken.listen()
    with pytest.raises(PortTakenError):
        bind("::", port, "port")
    bound(closing, "127.0.0.1", port)


@needs_ipv6
def test_an_ipv6_address_binds_ipv6_only(closing: ExitStack) -> None:
    (server,) = bound(closing, "::1")
    assert server.family == socket.AF_INET6
    assert not answers("127.0.0.1", server.getsockname()[1])


def test_an_unknown_host_is_reported_with_the_setting() -> None:
    with pytest.raises(StartError, match=r"no.such.host.*--host o TRASTIENDA_HOST"):
        bind("no.such.host.invalid", 0, "port")


def test_an_address_of_another_machine_is_reported() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.1.*--host"):
        bind("192.0.2.1", 0, "port")

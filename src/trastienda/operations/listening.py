"""The ports of a shop: bound before anything else runs, so that one that is taken is told at once."""

import errno
import itertools
import os
import socket
from collections.abc import Callable

from msgspec import Struct

from trastienda.config import Settings
from trastienda.operations.opening import StartError

BACKLOG = 4096
"""Connections that wait to be accepted: every till and phone of a large shop, all at once after a power cut. At a port
where the server speaks first, whoever is beyond it believes to be connected, and waits for a greeting in vain."""


class Ports(Struct):
    """The sockets of each port of a shop; a port has two where its host stands for every address."""

    http: list[socket.socket]
    inventory: list[socket.socket]
    chat: list[socket.socket]


def bind_all(
    settings: Settings,
    bind_one: Callable[[str, int, str], list[socket.socket]] | None = None,
) -> Ports:
    """Bind the three ports, all or none; raises what ``bind_one`` (by default :func:`bind`) does."""
    bound: list[list[socket.socket]] = []
    try:
        for setting in ("port", "inventory_port", "chat_port"):
            bound += [(bind_one or bind)(settings["host"], settings[setting], setting)]
    except StartError:
        for one in itertools.chain.from_iterable(bound):
            one.close()
        raise
    return Ports(*bound)


def bind(host: str, port: int, setting: str) -> list[socket.socket]:
    """Bind ``port`` on ``host``; every address stands for both protocols. Raises StartError naming the setting."""
    everywhere = host in {"0.0.0.0", "::", ""}  # noqa: S104 - asked for by whoever starts it
    families = (
        [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104
        if everywhere
        else _families(host)
    )
    bound: list[socket.socket] = []
    for family, address in families:
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # this machine has no IPv6
            continue
        try:
            if os.name == "posix":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, bound[0].getsockname()[1] if bound else port))
            one.listen(BACKLOG)
        except OSError as error:
            one.close()
            if (
                everywhere
                and family == socket.AF_INET6
                and bound
                and error.errno != errno.EADDRINUSE
            ):
                continue
            for other in bound:
                other.close()
            raise _taken(error, address, port, setting) from error
        bound.append(one)
    return bound


def _families(host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StartError(
            f"no se conoce la dirección «{host}»; cambie --host o TRASTIENDA_HOST"
        ) from error
    return [(socket.AddressFamily(found[0][0]), str(found[0][4][0]))]


class PortTakenError(StartError):
    """Another program listens there."""


def _taken(error: OSError, address: str, port: int, setting: str) -> StartError:
    option = f"--{setting.replace('_', '-')} o TRASTIENDA_{setting.upper()}"
    if error.errno == errno.EADDRINUSE:
        return PortTakenError(
            f"el puerto {port} de {address} está ocupado; elija otro con {option}"
        )
    return StartError(
        f"no se puede escuchar en {address}:{port} ({error.strerror}); cambie {option} o --host"
    )

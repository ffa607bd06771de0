"""The ports of a shop, bound before anything else runs.

So a port that is taken is reported at once.
"""

import errno
import os
import socket
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from trastienda.operations.errors import StartError

BACKLOG = 4096
"""Connections that wait to be accepted: every till and phone of a large shop, all at
once after a power cut. Where the server speaks first, a client beyond the limit
believes that it is connected and waits for a greeting in vain."""

EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 - asked for by whoever starts it
"""Hosts that stand for every address, of both protocols."""
_BOTH_PROTOCOLS = [
    (socket.AF_INET, "0.0.0.0"),  # noqa: S104 - asked for, see above
    (socket.AF_INET6, "::"),
]

Sockets: TypeAlias = list[socket.socket]


class PortTakenError(StartError):
    """Another program listens there."""


class Ports(Struct):
    """The sockets of each port; two of a port where its host is every address."""

    http: Sockets
    inventory: Sockets
    chat: Sockets


def bind(host: str, port: int, setting: str) -> Sockets:
    """Bind a port; 0 takes a free one. A host of every address gets both protocols.

    ``setting`` is the setting that gave the port. Raises StartError naming it, and
    PortTakenError where another program listens there.
    """
    is_every_address = host in EVERY_ADDRESS
    addresses = _BOTH_PROTOCOLS
    if not is_every_address:
        try:
            results = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise StartError(
                f"no se conoce la dirección «{host}»; cambia --host o TRASTIENDA_HOST"
            ) from error
        resolved_family, _, _, _, socket_address = results[0]
        resolved = (socket.AddressFamily(resolved_family), str(socket_address[0]))
        addresses = [resolved]

    sockets: Sockets = []
    for family, address in addresses:
        try:
            server = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # this machine has no IPv6
            continue

        # A free port is taken once: IPv6 gets the number that IPv4 was given.
        number = sockets[0].getsockname()[1] if sockets else port
        try:
            if os.name == "posix":  # elsewhere it would let two programs share a port
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            server.bind((address, number))
            server.listen(BACKLOG)
        except OSError as error:
            server.close()
            is_taken = error.errno == errno.EADDRINUSE
            if is_every_address and sockets and not is_taken:
                continue  # IPv6 is switched off, and IPv4 is bound already
            for bound in sockets:
                bound.close()

            flag = "--" + setting.replace("_", "-")
            names = f"{flag} o TRASTIENDA_{setting.upper()}"
            if is_taken:
                raise PortTakenError(
                    f"el puerto {port} de {address} está ocupado; elige otro con "
                    f"{names}"
                ) from error
            raise StartError(
                f"no se puede escuchar en {address}:{port} ({error.strerror}); "
                f"cambia {names} o --host"
            ) from error
        sockets.append(server)
    return sockets


def bind_all(
    host: str,
    *,
    http: int,
    inventory: int,
    chat: int,
    bind_port: Callable[[str, int, str], Sockets] = bind,
) -> Ports:
    """Bind the three ports, all or none. Raises StartError, as ``bind_port`` does."""
    ports = {"port": http, "inventory_port": inventory, "chat_port": chat}
    bound: list[Sockets] = []
    try:
        for setting, port in ports.items():
            bound.append(bind_port(host, port, setting))
    except StartError:
        for sockets in bound:
            for server in sockets:
                server.close()
        raise
    return Ports(*bound)

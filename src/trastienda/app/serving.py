"""A shop is served: its servers listen until somebody stops them."""

import asyncio
import socket
from collections.abc import Callable

from msgspec import Struct

from trastienda.app.running_shop import running_shop
from trastienda.app.stopping import stop_on_signals, stop_on_word
from trastienda.config import Settings
from trastienda.operations.ports import Ports
from trastienda.operations.shop import OpenShop
from trastienda.operations.tls import Tls, keep_fresh
from trastienda.servers.http.server import HttpServer
from trastienda.servers.sessions.session import Mode


class Addresses(Struct):
    """Where a shop is reached, for whoever started the server."""

    urls: list[str]
    inventory: list[str]
    chat: list[str]
    tls: Tls | None = None
    tls_lines: bool = False

    @classmethod
    def of(
        cls,
        ports: Ports,
        tls: Tls | None,
        *,
        tls_lines: bool,
    ) -> "Addresses":
        """Return the addresses of ports that are bound."""
        scheme = "http" if tls is None else "https"
        return cls(
            urls=[f"{scheme}://{_address(server)}" for server in ports.http],
            inventory=[_address(server) for server in ports.inventory],
            chat=[_address(server) for server in ports.chat],
            tls=tls,
            tls_lines=tls_lines,
        )


async def serve(
    shop: OpenShop,
    settings: Settings,
    ports: Ports,
    on_start: Callable[[Addresses], None],
    tls: Tls | None = None,
) -> None:
    """Serve the shop until a signal or ``salir`` on the standard input.

    ``on_start`` is called once, when everything listens. What was accepted before the
    end is committed and answered.
    """
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    stop_on_word(stopping)

    async with running_shop(shop, settings, tls) as running:
        wires = running.wires
        # The shop's own certificate is renewed for as long as it is served.
        renewing = None
        if tls is not None:
            if tls.authority:
                running.site.certificate = tls.authority.pem
            renewing = asyncio.create_task(keep_fresh(tls))
        try:
            line_tls = None
            if tls is not None and settings.tls_lines:
                line_tls = tls.context
            wires.lines.listen(ports.inventory, Mode.INVENTORY, line_tls)
            wires.lines.listen(ports.chat, Mode.CHAT, line_tls)

            addresses = Addresses.of(ports, tls, tls_lines=line_tls is not None)
            server = HttpServer(
                running.http,
                running.doors.http,
                running.doors.porch,
                None if tls is None else tls.context,
                lambda: on_start(addresses),
            )
            serving = asyncio.create_task(server.serve(sockets=ports.http))
            stop = asyncio.create_task(stopping.wait())
            await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)

            # HTTP and lines end side by side: one after the other would take too long.
            running.site.draining = True
            wires.events.close()
            await wires.live.close()
            server.should_exit = True
            await asyncio.gather(serving, wires.lines.close())
            stop.cancel()
        finally:
            if renewing is not None:
                renewing.cancel()


def _address(server: socket.socket) -> str:
    socket_address = server.getsockname()
    host, port = socket_address[:2]
    if server.family == socket.AF_INET6:
        host = f"[{host}]"
    return f"{host}:{port}"

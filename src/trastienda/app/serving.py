"""A shop that is served: its rooms put together, and taken apart so that nothing accepted is lost."""

import asyncio
import contextlib
import gc
import io
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import uvicorn
from msgspec import Struct

from trastienda.app.lines import chat_log_of, line_server
from trastienda.config import Settings
from trastienda.domain.events import Kind
from trastienda.live.bus import Bus
from trastienda.live.shop_page import ShopPage
from trastienda.operations.backup_schedule import keep_copies
from trastienda.operations.inventory_mirror import mirroring
from trastienda.operations.listening import BACKLOG, Ports
from trastienda.operations.open_files import raise_open_files
from trastienda.operations.opening import Opened, now_ms, signing_key
from trastienda.operations.printing import paper_of, print_sales, printing_of
from trastienda.operations.scheduler import scheduled, tidy
from trastienda.operations.tls import LOOK_S, Tls
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.servers.desk import Desk
from trastienda.servers.http.app import HttpApp
from trastienda.servers.http.exchange import Site
from trastienda.servers.http.metrics import Metrics
from trastienda.servers.http.protocol import GatheringProtocol
from trastienda.servers.tcp.conversation import Mode
from trastienda.servers.tcp.server import LineServer
from trastienda.writer import Writer

log = logging.getLogger(__name__)

DRAIN_S = 6
"""How long what was accepted may take to be answered when the shop stops; the promise is ten seconds."""
LOOK_FOR_FOREIGN_S = 0.25
"""How often the server looks whether another process (the shell) has written; the promise is a second."""
COLLECT_AT = 100_000, 50, 100
"""Objects before the cycle collector looks: at its own setting it takes a tenth of the time and holds answers up."""
SWITCH_S = 0.001
"""How long a thread may keep the interpreter while another waits: the writer must not hold up an answer for long."""


class Running(Struct):
    """What a server that runs tells whoever started it."""

    urls: list[str]
    inventory: list[str]
    chat: list[str]
    tls: Tls | None = None
    tls_lines: bool = False


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, since the house has its own; it tells when it listens."""

    told: Callable[[], None]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.told()


async def serve(
    opened: Opened,
    settings: Settings,
    ports: Ports,
    started: Callable[[Running], None],
    tls: Tls | None = None,
) -> None:
    """Serve the shop until a signal or ``salir`` on the standard input; what was accepted is committed and answered."""
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    _stop_on_word(stopping)
    async with _house(opened, settings) as (app, site, lines):
        config = uvicorn.Config(
            app,
            http=GatheringProtocol,
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_S,
        )
        config.load()
        looking = None
        if tls is not None:
            config.ssl = tls.context
            site.certificate = tls.authority.pem if tls.authority else None
            looking = asyncio.create_task(_look_after(tls))
        lines_context = (
            tls.context if tls is not None and settings["tls_lines"] else None
        )
        await lines.listen(ports.inventory, Mode.INVENTORY, lines_context, BACKLOG)
        await lines.listen(ports.chat, Mode.CHAT, lines_context, BACKLOG)
        server = _Server(config)
        server.told = lambda: started(
            _running(ports, tls, tls_lines=lines_context is not None)
        )
        serving = asyncio.create_task(server.serve(sockets=ports.http))
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
        site.draining = True
        server.should_exit = True
        await asyncio.gather(serving, lines.close())
        stop.cancel()
        if looking is not None:
            looking.cancel()


def _running(ports: Ports, tls: Tls | None, *, tls_lines: bool) -> Running:
    return Running(
        [_url(one, secure=tls is not None) for one in ports.http],
        [_address(one) for one in ports.inventory],
        [_address(one) for one in ports.chat],
        tls,
        tls_lines,
    )


def _address(one: socket.socket) -> str:
    host, port = one.getsockname()[:2]
    return f"[{host}]:{port}" if one.family == socket.AF_INET6 else f"{host}:{port}"


def _url(one: socket.socket, *, secure: bool) -> str:
    return f"{'https' if secure else 'http'}://{_address(one)}"


async def _look_after(tls: Tls) -> None:
    """Keep the certificate good for as long as the shop is open."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            tls.refresh()
        except Exception:  # the certificate in use goes on; the next look may do better
            log.exception("could not look after the certificate")


@asynccontextmanager
async def _house(
    opened: Opened, settings: Settings
) -> AsyncIterator[tuple[HttpApp, Site, LineServer]]:
    """Put the rooms together, and take them apart in the order in which nothing accepted is lost."""
    reader = Reader(opened.engine, now_ms)
    bus = Bus(reader.now(lambda state: state.n))
    metrics = Metrics()
    writer = Writer(opened.engine, bus, now_ms, metrics.committed)
    metrics.watch(
        "waiting_calls", "Calls that wait for their commit", lambda: writer.waiting
    )
    metrics.watch("last_announcement", "Number of the last announcement", lambda: bus.n)
    auth = Auth(
        reader, writer, signing_key(opened.data, settings["secret_key"]), now_ms
    )
    printing = printing_of(settings)
    page = ShopPage(reader.now(lambda state: state.shop))
    desk = Desk(reader, writer, auth, page, now_ms)
    site = Site(desk, metrics, printing, paper_of(settings))
    bus.listen(auth.hear, {Kind.USER, Kind.SESSIONS_ENDED})
    bus.listen(page.hear, {Kind.SHOP})
    print_sales(bus, reader, printing, settings)
    chat_log = chat_log_of(opened.data, page)
    lines = line_server(bus, desk, chat_log, settings)
    metrics.watch(
        "line_connections", "Connections of the line ports", lambda: lines.count
    )
    foreign = asyncio.create_task(_look_for_foreign(reader, writer, bus))
    tidying = partial(tidy, writer, settings["journal_days"])
    copying = partial(
        keep_copies,
        opened,
        settings["backup_dir"],
        settings["backup_every_h"],
        settings["backup_keep"],
    )
    try:
        async with mirroring(
            bus, reader, settings["inventory_json"]
        ):  # to the last commit, which it mirrors at its end
            try:
                async with scheduled(tidying, copying):
                    yield HttpApp(site, settings["cors_origins"]), site, lines
            finally:
                foreign.cancel()
                await writer.close()
    finally:
        printing.close()
        await asyncio.to_thread(chat_log.close)
        auth.close()
        reader.close()


async def _look_for_foreign(reader: Reader, writer: Writer, bus: Bus) -> None:
    """Have what another process committed announced here: a commit of ours reads it and tells it first."""
    seen = -1
    while True:
        await asyncio.sleep(LOOK_FOR_FOREIGN_S)
        try:
            counter = reader.change_counter()
            if counter != seen and reader.now(lambda state: state.n) > bus.n:
                await writer.run(lambda tx: None)
            seen = counter
        except Exception:  # a disk that is full today: the next look may do better
            log.exception("could not look for what other processes wrote")


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


def _stop_on_word(stopping: asyncio.Event) -> None:
    """Stop when the standard input says ``salir``; its end stops nothing, and in the background it is let alone."""
    loop = asyncio.get_running_loop()
    if hasattr(signal, "SIGTTIN"):
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(
            errors="replace"
        )  # what is no text in this encoding must not end the listening

    def read() -> None:
        while True:
            try:
                line = sys.stdin.readline()
            except (OSError, ValueError):
                if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
                    return
                time.sleep(
                    1
                )  # in the background of a terminal; it may come to the front again
                continue
            if not line:
                return
            if line.strip().casefold() == "salir":
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(stopping.set)
                return

    if sys.stdin is not None:
        threading.Thread(target=read, name="stdin", daemon=True).start()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run the event loop, the fast one where there is one."""
    raise_open_files()
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what was imported stays; the collector need not look at it again and again
    gc.set_threshold(*COLLECT_AT)
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)

"""A shop's rooms put together, and taken apart so that nothing accepted is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)

from msgspec import Struct

from trastienda.actions import audit, people
from trastienda.actions import shop as shop_page
from trastienda.app.doors import Doors, open_doors
from trastienda.app.http import http_app
from trastienda.app.sessions import open_sessions
from trastienda.app.tasks import LOG_FOLDER, tasks_of
from trastienda.app.watching import watch_shop
from trastienda.app.wires import Wires, open_wires
from trastienda.config import Settings, technical_log
from trastienda.devices.printer import Printer
from trastienda.domain.condition import Condition
from trastienda.domain.events import Kind
from trastienda.domain.people import HOUSE, SHELL, User
from trastienda.live.bus import Bus
from trastienda.live.reserved_names import ReservedNames
from trastienda.live.shop_page import ShopPage
from trastienda.operations.chat_log import ChatLog
from trastienda.operations.clock import now_ms
from trastienda.operations.disk_watch import watch_disk
from trastienda.operations.foreign_commits import announce_foreign_commits
from trastienda.operations.inventory_mirror import mirroring
from trastienda.operations.receipt_printing import printing_sales
from trastienda.operations.scheduler import Schedule
from trastienda.operations.shop import OpenShop
from trastienda.operations.signing_key import signing_key
from trastienda.operations.tls import Tls
from trastienda.operations.webhooks.keeping import delivering
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.servers.desk import Desk
from trastienda.servers.http.app import HttpApp
from trastienda.servers.http.exchange import Site
from trastienda.servers.http.metrics import Metrics
from trastienda.servers.incidents import Incidents
from trastienda.servers.login_bursts import LoginBursts
from trastienda.servers.webhooks import WebhookDoor
from trastienda.storage.transactions import Snapshot
from trastienda.wire.chat_log import encoder
from trastienda.wire.receipts import escpos
from trastienda.wire.receipts.media import Paper
from trastienda.writer import Writer


class RunningShop(Struct, frozen=True):
    """What the servers of a shop are started and stopped with."""

    site: Site
    http: HttpApp
    wires: Wires
    doors: Doors


async def _reserved_names(
    reader: Reader,
    page: ShopPage,
) -> ReservedNames:
    def read_users(snapshot: Snapshot) -> list[User]:
        return list(people.everybody(snapshot, HOUSE))

    users = await reader.read(read_users)
    return ReservedNames(users.value, lambda: page.shop.name)


@asynccontextmanager
async def running_shop(
    shop: OpenShop,
    settings: Settings,
    tls: Tls | None = None,
) -> AsyncIterator[RunningShop]:
    """Put the rooms together; at the end, take them apart."""
    reader = Reader(shop.database, now_ms)
    opened = await reader.read(shop_page.get, SHELL)
    bus = Bus(opened.n)
    metrics = Metrics()
    writer = Writer(shop.database, bus, now_ms, metrics.committed)

    secret = signing_key(shop.data, settings.secret_key)
    incidents = Incidents(metrics.happened, LoginBursts(writer).hear)
    shop_id = (await reader.read(audit.shop_id)).value
    auth = Auth(reader, writer, secret, shop_id, now_ms, incidents)
    page = ShopPage(opened.value)
    technical_log.follow(lambda: page.time_zone)
    desk = Desk(reader, writer, auth, page, now_ms)
    # Both keep rows in memory, so they hear of every change to them.
    bus.listen(auth.hear, {Kind.USER, Kind.SESSIONS_ENDED})
    bus.listen(page.hear, {Kind.SHOP})

    paper = Paper(settings.printer_columns, settings.printer_codepage)
    printer = Printer(settings.printer, escpos.CUT)

    chat_log = ChatLog(shop.data / LOG_FOLDER, encoder(lambda: page.time_zone))
    reserved = await _reserved_names(reader, page)
    doors = open_doors(settings)
    sessions = open_sessions(bus, desk, chat_log, reserved, settings)
    wires = open_wires(sessions, doors)

    condition = Condition(shop.database.program)
    site = Site(
        desk,
        metrics,
        printer,
        paper,
        condition,
        reserved,
        wires.events.listen,
        WebhookDoor(secret, allows_private=settings.webhooks_private),
        is_registration_open=settings.registration == "abierta",
    )
    http = http_app(site, settings, tls, wires.live)
    schedule = Schedule(*tasks_of(shop, writer, settings, condition))
    site.tasks_run = lambda: schedule.is_running
    watch_shop(metrics, writer, bus, wires, condition, doors, schedule)

    async with AsyncExitStack() as ending:
        # Taken apart from the last of these lines to the first.
        ending.callback(reader.close)
        ending.callback(site.drawing.close)
        ending.callback(auth.close)
        ending.push_async_callback(asyncio.to_thread, chat_log.close)
        ending.callback(printer.close)
        printing = _printing(bus, reader, printer, paper, settings)
        await ending.enter_async_context(printing)

        # Behind the writer's end, since it mirrors the last commit; what is sent, before it.
        inventory = mirroring(bus, reader, settings.inventory_json)
        await ending.enter_async_context(inventory)
        ending.push_async_callback(writer.close)
        await ending.enter_async_context(delivering(desk, bus, site.webhooks, shop_id))
        announcing = announce_foreign_commits(reader, writer, bus)
        for work in (announcing, watch_disk(shop.data, writer, condition)):
            ending.callback(asyncio.create_task(work).cancel)
        await ending.enter_async_context(schedule.running())
        yield RunningShop(site, http, wires, doors)


def _printing(
    bus: Bus,
    reader: Reader,
    printer: Printer,
    paper: Paper,
    settings: Settings,
) -> AbstractAsyncContextManager[None]:
    """Print each sale, where the settings ask for it."""
    if not settings.print_sales:
        return nullcontext()
    return printing_sales(
        bus,
        reader,
        printer,
        paper,
        opens_drawer=settings.cash_drawer,
    )

"""The couriers of a served shop: one for each address, while there are any."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from trastienda.actions import webhooks
from trastienda.domain.destinations import Destination, parse_destination
from trastienda.domain.errors import Unavailable
from trastienda.domain.events import Event, Kind
from trastienda.domain.webhooks import Fault, Off, Progress, Webhook
from trastienda.live.bus import Bus
from trastienda.operations.webhooks.courier import Courier, Round
from trastienda.servers.desk import Desk
from trastienda.servers.webhooks import OtherKeyError, Reply, WebhookDoor
from trastienda.wire import webhook_messages as wire

if TYPE_CHECKING:
    from trastienda.operations.webhooks.sending import Sender

log = logging.getLogger(__name__)

SAVE_EVERY_S = 2.0
"""How often it is kept how far the addresses have got, while something is sent: one small
write for all of them, whatever was sent meanwhile. After a crash so much is sent again."""
GRACE_S = 2.0
"""How long what is being sent may take at the end of the shop, out of its ten seconds."""
GIVE_WAY_S = 0.01
"""Between two things that are sent while a till waits for its commit, over all addresses: each
costs a millisecond of the processor, so a tenth of it at the most is taken from busy tills."""
TESTS = 4
"""Addresses that are tried at once."""
RETRY_S = 60
"""How soon the addresses are read again where the shop itself could not."""


@asynccontextmanager
async def delivering(
    desk: Desk,
    bus: Bus,
    door: WebhookDoor,
    shop_id: str,
) -> AsyncIterator[None]:
    """Send announcements to the addresses that the shop has, and will have.

    Leave it while the desk still reads and writes: how far each has got is kept then.
    """
    couriers = _Couriers(desk, bus, door, shop_id)
    door.send_test = couriers.send_test
    unsubscribe = bus.listen(couriers.hear_of_changes, {Kind.WEBHOOK})
    tasks = [
        asyncio.create_task(work()) for work in (couriers.keep, couriers.keep_saved)
    ]
    try:
        yield
    finally:
        unsubscribe()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await couriers.close()


class _Couriers:
    """Starts and ends couriers as addresses come and go, and keeps how far they have got."""

    def __init__(
        self,
        desk: Desk,
        bus: Bus,
        door: WebhookDoor,
        shop_id: str,
    ) -> None:
        self._reader = desk.reader
        self._writer = desk.writer
        self._bus = bus
        self._door = door
        self._round = Round(
            desk.reader,
            door,
            desk.clock,
            desk.time_zone,
            shop_id,
            self._give_way,
            self._note_change,
            self._stop,
        )
        self._running: dict[Courier, asyncio.Task[None]] = {}
        self._saved: dict[tuple[str, int], Progress] = {}
        self._addresses_changed = asyncio.Event()
        self._addresses_changed.set()
        self._is_unsaved = asyncio.Event()
        self._make_sender: Callable[[Destination], Sender] | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._tests = asyncio.Semaphore(TESTS)
        self._gate = asyncio.Lock()

    def hear_of_changes(self, events: Sequence[Event]) -> None:
        """Have the addresses be read again."""
        self._addresses_changed.set()

    def hear(self, events: Sequence[Event]) -> None:
        """Wake whoever may have something to send."""
        kinds = {event.kind for event in events}
        for courier in self._running:
            if not courier.kinds.isdisjoint(kinds):
                courier.wake()

    async def keep(self) -> None:
        """Have a courier for each address, until cancelled."""
        while True:
            await self._addresses_changed.wait()
            self._addresses_changed.clear()
            try:
                await self._reload()
            except Exception as error:
                is_unexpected = not isinstance(error, Unavailable)
                log.warning("webhooks could not be read", exc_info=is_unexpected)
                self._addresses_changed.set()
                await asyncio.sleep(RETRY_S)

    async def _reload(self) -> None:
        reading = await self._reader.read(webhooks.in_use)
        in_use = {(webhook.id, webhook.version): webhook for webhook in reading.value}
        outdated = [courier for courier in self._running if courier.key not in in_use]
        await self._end(outdated)
        # What was not kept yet is known here.
        reached = {courier.webhook.id: courier.progress for courier in outdated}

        keys = {courier.key for courier in self._running}
        for key, webhook in in_use.items():
            if key not in keys:
                await self._start(webhook, reached.get(webhook.id))
        self._listen()

    def _listen(self) -> None:
        """Hear of everything while there is anybody to wake, and of nothing otherwise."""
        if self._running and self._stop_listening is None:
            self._stop_listening = self._bus.listen(self.hear)
        elif not self._running and self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        # Something may have been announced before.
        for courier in self._running:
            courier.wake()

    async def _start(
        self,
        webhook: Webhook,
        reached: Progress | None,
    ) -> None:
        progress = webhook.progress
        if reached is not None and reached.n > progress.n:
            progress = Progress(n=reached.n, gap_n=reached.gap_n, last=reached.last)
        sender = await self._sender(webhook)
        courier = Courier(webhook, progress, sender.send, self._round)
        self._saved[courier.key] = webhook.progress

        async def run() -> None:
            try:
                await courier.run()
            finally:
                self._running.pop(courier, None)
                await sender.close()

        self._running[courier] = asyncio.create_task(run())

    async def _end(self, couriers: Iterable[Courier]) -> None:
        """Have couriers end behind what they are sending, or without it."""
        tasks = [self._running[courier] for courier in couriers]
        if not tasks:
            return
        for courier in couriers:
            courier.finish()
        _, late = await asyncio.wait(tasks, timeout=GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.wait(tasks)
        for courier in couriers:
            self._saved.pop(courier.key, None)

    async def _sender(self, webhook: Webhook) -> "Sender":
        """Return what sends to an address.

        What it is made of takes a while to load, and most shops have no use for it.
        """
        if self._make_sender is None:

            def load() -> "Callable[[Destination], Sender]":
                from trastienda.operations.webhooks.sending import Sender, trusted

                context = trusted()
                return lambda destination: Sender(self._door, destination, context)

            self._make_sender = await asyncio.to_thread(load)
        # What the settings say now of private addresses is asked at each attempt.
        destination = parse_destination(webhook.url, allows_private=True)
        return self._make_sender(destination)

    async def send_test(self, webhook: Webhook) -> Reply:
        """Try an address now; where it works, send what waits for it at once."""
        try:
            secret = self._door.open_secret(webhook.id, webhook.secret)
        except OtherKeyError:
            return Reply(None, Fault.SEALED)

        message_id = f"{self._round.shop_id}-{wire.TEST}-{secrets.token_hex(8)}"
        content = wire.test()
        at_s = self._round.clock() // 1000
        headers = wire.signed_headers(message_id, at_s, content, [secret])
        async with self._tests:
            sender = await self._sender(webhook)
            try:
                reply = await sender.send(headers, content)
            finally:
                await sender.close()

        if reply.is_taken:
            for courier in self._running:
                if courier.webhook.id == webhook.id:
                    courier.hurry()
        return reply

    async def _stop(
        self,
        courier: Courier,
        reason: Off,
    ) -> None:
        log.warning("webhook %s is turned off: %s", courier.webhook.id, reason.value)
        await self._writer.run(webhooks.stop, *courier.key, courier.progress, reason)

    async def _give_way(self) -> None:
        if self._writer.waiting:
            async with self._gate:
                await asyncio.sleep(GIVE_WAY_S)

    def _note_change(self) -> None:
        self._is_unsaved.set()

    async def keep_saved(self) -> None:
        """Keep how far the addresses have got, a little behind it, until cancelled."""
        while True:
            await self._is_unsaved.wait()
            await asyncio.sleep(SAVE_EVERY_S)
            self._is_unsaved.clear()
            try:
                await self._save()
            except Unavailable:
                self._is_unsaved.set()
            except Exception:
                log.exception("how far webhooks have got could not be kept")

    async def _save(self) -> None:
        changed = {
            courier.key: courier.progress
            for courier in self._running
            if courier.progress != self._saved.get(courier.key)
        }
        if changed:
            await self._writer.run(webhooks.note_progress, changed)
            self._saved |= changed

    async def close(self) -> None:
        """End all couriers, and keep how far each has got."""
        if self._stop_listening is not None:
            self._stop_listening()
        couriers = list(self._running)
        progress_before = dict(self._saved)
        await self._end(couriers)
        changed = {
            courier.key: courier.progress
            for courier in couriers
            if courier.progress != progress_before.get(courier.key)
        }
        if changed:
            with contextlib.suppress(
                Unavailable
            ):  # it is sent again, under the same id
                await self._writer.run(webhooks.note_progress, changed)

"""A courier: takes what is announced to one address, one thing after the other."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions import webhooks
from trastienda.domain.errors import Unavailable
from trastienda.domain.webhooks import (
    LONGEST_ASKED_PAUSE_S,
    Attempt,
    Off,
    Progress,
    Webhook,
    is_hopeless,
    kinds_of,
    pause_s,
)
from trastienda.reader import Reader
from trastienda.servers.webhooks import OtherKeyError, Reply, WebhookDoor
from trastienda.storage.transactions import Clock
from trastienda.wire import webhook_messages as wire
from trastienda.wire.event_names import GAP, NAMES

log = logging.getLogger(__name__)

BATCH = 50
"""Announcements read at once: a sale of 500 lines has some 150 kB."""
LOOK_EVERY_S = 3600
"""How often it is looked, and kept, up to where nothing is to be sent: so what is not for an
address is not taken for lost once the journal has forgotten it."""
LONGEST_PAUSE_MS = LONGEST_ASKED_PAUSE_S * 1000
RETRY_S = 60
"""How soon it is tried again where the shop itself could not read or keep something."""
GONE = 410


Send = Callable[[Mapping[str, str], bytes], Awaitable[Reply]]
"""Sends headers and a body to one address, once."""


class _LeavingError(Exception):
    """The courier is to end here."""


class Message(Struct, frozen=True):
    """Something to be sent: its number, what its receiver knows it by, and its bytes."""

    n: int
    id: str
    content: bytes
    at_ms: int


class Round(Struct, frozen=True):
    """What all couriers of a shop share."""

    reader: Reader
    door: WebhookDoor
    clock: Clock
    time_zone: Callable[[], ZoneInfo]
    shop_id: str
    give_way: Callable[[], Awaitable[None]]
    """Waits a little where tills wait."""
    changed: Callable[[], None]
    """Is told that the progress of a courier is to be kept."""
    stop: Callable[["Courier", Off], Awaitable[None]]
    """Turns off the address of a courier."""


class Courier:
    """Takes announcements to one address: each until it is taken, and then the next.

    ``progress`` may be read at any time. What was sent but not kept is sent again after a
    crash, under the same id.
    """

    def __init__(
        self,
        webhook: Webhook,
        progress: Progress,
        send: Send,
        shared: Round,
    ) -> None:
        self.webhook = webhook
        self.kinds = kinds_of(webhook, NAMES)
        self._progress = progress
        self._send = send
        self._round = shared
        self._waits_since_ms: int | None = None
        self._news = asyncio.Event()
        self._haste = asyncio.Event()
        self._is_leaving = False

    @property
    def key(self) -> tuple[str, int]:
        """The address as it stands: its id and its version."""
        return self.webhook.id, self.webhook.version

    @property
    def progress(self) -> Progress:
        """How far the address has got."""
        return replace(self._progress, pending_since_ms=self._waits_since_ms)

    def wake(self) -> None:
        """Say that there may be something to be sent."""
        self._news.set()

    def hurry(self) -> None:
        """Say that the address works again: what waits is sent now."""
        self._haste.set()

    def finish(self) -> None:
        """Have it end behind what it is sending."""
        self._is_leaving = True
        self._news.set()
        self._haste.set()

    async def run(self) -> None:
        """Deliver until it leaves, or until the address is turned off."""
        with contextlib.suppress(_LeavingError):
            while True:
                try:
                    off = await self._deliver_all()
                    await self._round.stop(self, off)
                    return
                except _LeavingError:
                    raise
                except Unavailable:
                    log.debug("webhook %s waits: the shop is busy", self.webhook.id)
                except Exception:
                    log.exception("webhook %s waits", self.webhook.id)
                await self._rest(RETRY_S)

    async def _deliver_all(self) -> Off:
        """Deliver what there is and what comes; return why the address is to be turned off."""
        while True:
            self._news.clear()
            messages, has_more = await self._next()
            for message in messages:
                off = await self._deliver(message)
                if off is not None:
                    return off
                await self._round.give_way()
            if has_more:
                continue

            self._check_leaving()
            try:
                await asyncio.wait_for(self._news.wait(), LOOK_EVERY_S)
            except TimeoutError:
                self._round.changed()

    async def _next(self) -> tuple[list[Message], bool]:
        """Return what is to be sent next, and whether more may be there behind it."""
        progress = self._progress
        if progress.gap_n is not None:
            return [self._gap_message(progress.n, progress.gap_n)], True

        read = self._round.reader.read
        reading = await read(webhooks.waiting, progress.n, self.kinds, BATCH)
        batch = reading.value
        if batch.has_gap:
            self._progress = replace(progress, gap_n=progress.n, n=batch.reached_n)
            return [self._gap_message(batch.reached_n, progress.n)], True

        if not batch.events:
            self._progress = replace(progress, n=batch.reached_n)
        time_zone = self._round.time_zone()
        messages = [
            Message(
                event.n,
                f"{self._round.shop_id}-{event.n}",
                wire.announcement(event, time_zone),
                event.at_ms,
            )
            for event in batch.events
        ]
        return messages, bool(messages) or batch.reached_n < reading.n

    def _gap_message(
        self,
        n: int,
        after_n: int,
    ) -> Message:
        message_id = f"{self._round.shop_id}-{n}-{GAP}"
        return Message(n, message_id, wire.gap(n, after_n), self._round.clock())

    async def _deliver(self, message: Message) -> Off | None:
        """Send something until it is taken; return why the address is to be turned off."""
        self._waits_since_ms = message.at_ms
        while True:
            await self._wait_until_due()
            try:
                secrets = self._secrets()
            except OtherKeyError:
                return Off.SECRET

            clock = self._round.clock
            headers = wire.signed_headers(
                message.id, clock() // 1000, message.content, secrets
            )
            reply = await self._send(headers, message.content)
            attempt = Attempt(
                n=message.n,
                at_ms=clock(),
                number=self._progress.attempts + 1,
                status=reply.status,
                answer=reply.answer,
            )
            if reply.is_taken:
                self._progress = Progress(n=message.n, last=attempt)
                self._waits_since_ms = None
                self._round.changed()
                return None

            self._fail(attempt, reply)
            if reply.status == GONE:
                return Off.GONE
            if is_hopeless(self._progress, attempt.at_ms):
                return Off.FAILING

    def _secrets(self) -> list[bytes]:
        """Return what is signed with; raise OtherKeyError where it was not sealed here."""
        newest, *earlier = self.webhook.secrets_at(self._round.clock())
        open_secret = self._round.door.open_secret
        secrets = [open_secret(self.webhook.id, newest)]
        for sealed in earlier:
            # A new one may have been made because this one was of another shop's key.
            with contextlib.suppress(OtherKeyError):
                secrets.append(open_secret(self.webhook.id, sealed))
        return secrets

    def _fail(
        self,
        attempt: Attempt,
        reply: Reply,
    ) -> None:
        wait_s = pause_s(
            attempt.number,
            random.random(),  # noqa: S311 - it spreads calls, and hides nothing
            reply.asked_pause_s,
        )
        since_ms = self._progress.failing_since_ms
        self._progress = replace(
            self._progress,
            attempts=attempt.number,
            failing_since_ms=attempt.at_ms if since_ms is None else since_ms,
            next_try_ms=attempt.at_ms + round(wait_s * 1000),
            last=attempt,
        )
        self._round.changed()

    async def _wait_until_due(self) -> None:
        """Wait for the next attempt, or until somebody knows that the address works again."""
        self._check_leaving()
        next_ms = self._progress.next_try_ms
        if next_ms is not None:
            # A clock that was put back must not make the pause longer than any is.
            left_ms = min(next_ms - self._round.clock(), LONGEST_PAUSE_MS)
            await self._rest(left_ms / 1000)

    async def _rest(self, seconds: float) -> None:
        self._haste.clear()
        self._check_leaving()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._haste.wait(), max(seconds, 0))
        self._check_leaving()

    def _check_leaving(self) -> None:
        if self._is_leaving:
            raise _LeavingError

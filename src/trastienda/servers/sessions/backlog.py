"""The backlog: stretches of the journal, for all who catch up.

After a broken network or a restart many come back at once, from about the same place. What
they missed is read and encoded once, and few stretches are read in one turn of the event
loop, so that tills do not wait.
"""

import asyncio
from collections import OrderedDict

from msgspec import Struct

from trastienda.actions import announcements
from trastienda.domain.events import Event
from trastienda.live.deliveries import Delivery
from trastienda.servers.desk import Desk
from trastienda.wire.event_names import NAMES

LENGTH = 100
"""Announcements of one stretch: some two milliseconds to read."""
AT_ONCE = 2
"""Stretches read in one turn of the event loop."""
MAX_REMEMBERED = 50
"""Stretches kept, some 100 kB each."""


class Stretch(Struct, frozen=True):
    """What was announced after some number, up to ``last_n``."""

    delivery: Delivery[Event]
    last_n: int
    is_last: bool
    """There was nothing behind it when it was read."""


class Backlog:
    """Reads the journal in stretches. Call it from the event loop only."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._stretches: OrderedDict[int, Stretch] = OrderedDict()
        """Those that are whole, by the number that they begin behind."""
        self._times_forgotten = 0

    async def read(self, after_n: int) -> Stretch | None:
        """Return what was announced next after a number.

        None where not all of that is known here any more, or the number was never given.
        """
        async with self._turns:
            while True:
                times_forgotten = self._times_forgotten
                stretch = self._stretches.get(after_n)
                if stretch is None:
                    stretch = await self._read(after_n)
                await asyncio.sleep(0)
                # What was taken back since it was read must not be said again.
                if times_forgotten == self._times_forgotten:
                    break

        if stretch is not None and not stretch.is_last:
            self._stretches[after_n] = stretch
            if len(self._stretches) > MAX_REMEMBERED:
                self._stretches.popitem(last=False)
        return stretch

    def forget(self) -> None:
        """Read afresh what is asked for next: what was said has been changed."""
        self._stretches.clear()
        self._times_forgotten += 1

    async def _read(self, after_n: int) -> Stretch | None:
        # They end at round numbers, so that whoever comes later falls in with the others.
        length = LENGTH - after_n % LENGTH
        reading = await self._desk.reader.read(announcements.since, after_n, length)
        events = reading.value
        if events is None:
            return None

        is_last = len(events) < length
        announced = [event for event in events if event.kind in NAMES]
        return Stretch(
            delivery=Delivery(announced, self._desk.time_zone()),
            last_n=reading.n if is_last else events[-1].n,
            is_last=is_last,
        )

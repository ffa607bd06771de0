"""Floods: so many lines at once, then so many a second; who goes on is slowed, and then silent for a while."""

import time
from collections import OrderedDict

from trastienda.domain.errors import Muted

BURST_S = 8
"""How many seconds' worth of lines may come at once: a script that pastes a list is no flood."""
MUTE_AFTER_S = 8
"""How long a connection may press against the limit before it is silenced: longer than any paste takes."""
RELIEF_S = 1
"""How far below the limit a connection has to come before it presses no longer: a server that is late is no relief."""
MUTE_S = 60
ADDRESS_FACTOR = 10
"""How many times more an address may say than one person: a shop's phones share one."""
MAX_BUCKETS = 20_000
"""People and addresses remembered, the longest unused goes first."""


class Bucket:
    """Lines that may still come: ``rate`` more a second, at most ``BURST_S`` seconds' worth."""

    __slots__ = ("_full_at_s", "_rate")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._full_at_s = 0.0

    def take(self, now_s: float) -> float:
        """Take one; return how long to wait until it is due: below 0 is time to spare."""
        self._full_at_s = max(self._full_at_s, now_s) + 1 / self._rate
        return self._full_at_s - now_s - BURST_S


class Flood:
    """The limits of one shop: for each connection, each person and each address. ``rate`` 0 sets none."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def meter(self) -> "Meter":
        """Return the meter of a new connection."""
        return Meter(self)

    def bucket(self, key: str, rate: float) -> Bucket:
        """Return the bucket that all connections of a person or an address share."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket


class Meter:
    """What one connection may say."""

    __slots__ = ("_flood", "_muted_until_s", "_own", "_pressing_since_s")

    def __init__(self, flood: Flood) -> None:
        self._flood = flood
        self._own: Bucket | None = None
        self._pressing_since_s: float | None = None
        self._muted_until_s = 0.0

    def take(self, address: str, member: str | None) -> float:
        """Count a line; return how many seconds to wait before it is looked at."""
        rate = self._flood.rate
        if not rate:
            return 0.0
        now_s = time.monotonic()
        if self._own is None:
            self._own = Bucket(rate)
        wait_s = self._own.take(now_s)
        shared_s = self._flood.bucket(f"a{address}", rate * ADDRESS_FACTOR).take(now_s)
        if member is not None:
            wait_s = max(wait_s, self._flood.bucket(member, rate).take(now_s))
        self._press(now_s, wait_s)
        return max(0.0, wait_s, shared_s)

    def _press(self, now_s: float, wait_s: float) -> None:
        if wait_s < -RELIEF_S:
            self._pressing_since_s = None
        elif wait_s <= 0:
            return
        elif self._pressing_since_s is None:
            self._pressing_since_s = now_s
        elif now_s - self._pressing_since_s > MUTE_AFTER_S:
            self._muted_until_s = now_s + MUTE_S
            self._pressing_since_s = None

    def check(self) -> None:
        """Raise Muted, telling for how many seconds more, where this connection may not speak."""
        left_s = self._muted_until_s - time.monotonic()
        if left_s > 0:
            raise Muted(int(left_s) + 1)

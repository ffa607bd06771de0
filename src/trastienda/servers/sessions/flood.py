"""Floods: a burst of lines, then so many a second; more is slowed, then muted."""

import time
from collections import OrderedDict

from trastienda.domain.chat import address_key
from trastienda.domain.errors import Muted

BURST_S = 8
"""How many seconds' worth of lines may come at once.

A script that pastes a list is no flood.
"""
MUTE_AFTER_S = 8
"""How long a session may press against the limit before it is muted.

Longer than a paste takes.
"""
RELIEF_S = 1
"""How far below the limit a session has to come before it presses no longer.

A server that is late with its lines is no relief."""
MUTE_S = 60
"""How long a flood is muted."""
ADDRESS_FACTOR = 10
"""How many times more a network may say than one person: a shop's phones share one."""
MAX_BUCKETS = 20_000
"""People and networks remembered; the longest unused goes first."""


class Bucket:
    """Lines that may still come.

    ``rate`` more a second, at most ``BURST_S`` seconds' worth.
    """

    __slots__ = ("_full_at_s", "_rate")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._full_at_s = 0.0

    def take(self, now_s: float) -> float:
        """Take one line; return the seconds until it is due (below 0: to spare)."""
        begin_s = max(self._full_at_s, now_s)
        self._full_at_s = begin_s + 1 / self._rate
        ahead_s = self._full_at_s - now_s
        return ahead_s - BURST_S


class Flood:
    """The limits for each session, person and network; ``rate`` 0 sets none."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def bucket(
        self,
        key: str,
        rate: float,
    ) -> Bucket:
        """Return the bucket that all sessions of a person or a network share."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket


class Meter:
    """What one session may say."""

    __slots__ = ("_flood", "_muted_until_s", "_own_bucket", "_pressing_since_s")

    def __init__(self, flood: Flood) -> None:
        self._flood = flood
        self._own_bucket: Bucket | None = None
        self._pressing_since_s: float | None = None
        self._muted_until_s = 0.0

    def take(
        self,
        address: str,
        member_key: str | None,
    ) -> float:
        """Count a line; return how many seconds to wait before it is looked at."""
        rate = self._flood.rate
        if not rate:
            return 0.0

        now_s = time.monotonic()
        if self._own_bucket is None:
            self._own_bucket = Bucket(rate)
        wait_s = self._own_bucket.take(now_s)

        address_rate = rate * ADDRESS_FACTOR
        address_bucket = self._flood.bucket(address_key(address), address_rate)
        address_wait_s = address_bucket.take(now_s)

        # All sessions of a person share a bucket: more connections give no more lines.
        if member_key is not None:
            member_bucket = self._flood.bucket(member_key, rate)
            wait_s = max(wait_s, member_bucket.take(now_s))

        # What a network has in excess slows its people; only their own mutes them.
        self._note_pressure(now_s, wait_s)
        return max(0.0, wait_s, address_wait_s)

    def _note_pressure(
        self,
        now_s: float,
        wait_s: float,
    ) -> None:
        """Mute the session once it has pressed against the limit for too long."""
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
        """Raise Muted, with the seconds that are left, where the session is muted."""
        left_s = self._muted_until_s - time.monotonic()
        if left_s > 0:
            raise Muted(int(left_s) + 1)

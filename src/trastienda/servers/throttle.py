"""Throttles: so many attempts at once, then one every so often."""

import math
import time
from collections import OrderedDict
from collections.abc import Hashable

from trastienda.domain.errors import TooManyRequests

MAX_KEYS = 20_000
"""Buckets remembered; the longest unused goes first, so that a flood of names costs no more memory than this."""


class Throttle:
    """Token buckets by key: ``burst`` at once, then one every ``every_s``."""

    def __init__(self, burst: int, every_s: float) -> None:
        self._burst = burst
        self._every_s = every_s
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable) -> None:
        """Use one up; raise TooManyRequests, telling when the next one is there, where none is left."""
        now = time.monotonic()
        full_at = max(self._full_at.get(key, now), now) + self._every_s
        over_s = full_at - now - self._burst * self._every_s
        if over_s > 0:
            raise TooManyRequests(math.ceil(over_s))
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > MAX_KEYS:
            self._full_at.popitem(last=False)

    def give_back(self, key: Hashable) -> None:
        """Undo a :meth:`take`: the attempt was an honest one."""
        if key in self._full_at:
            self._full_at[key] -= self._every_s

"""Throttles: so many attempts at once, then one every so often."""

import math
import time
from collections import OrderedDict
from collections.abc import Hashable

from trastienda.domain.errors import TooManyRequests

SECOND_NS = 10**9
MAX_KEYS = 20_000
"""Buckets remembered.

The longest unused one is dropped first, so that a flood of names takes no more memory.
"""


class Throttle:
    """Token buckets by key: ``burst`` at once, then one every ``every_s``."""

    def __init__(
        self,
        burst: int,
        every_s: float,
    ) -> None:
        self._burst = burst
        self._every_ns = round(every_s * SECOND_NS)  # whole, so that sums are exact
        self._full_at_ns: OrderedDict[Hashable, int] = OrderedDict()

    def wait_s(self, key: Hashable) -> int:
        """Return the seconds until one is left; 0 where one is."""
        now_ns = time.monotonic_ns()
        burst_ns = self._burst * self._every_ns
        over_ns = self._full_after_one(key, now_ns) - now_ns - burst_ns
        return max(0, math.ceil(over_ns / SECOND_NS))

    def take(self, key: Hashable) -> None:
        """Use one up.

        Raises TooManyRequests where none is left, with the seconds until there is.
        """
        wait_s = self.wait_s(key)
        if wait_s:
            raise TooManyRequests(wait_s)

        self._full_at_ns[key] = self._full_after_one(key, time.monotonic_ns())
        self._full_at_ns.move_to_end(key)
        if len(self._full_at_ns) > MAX_KEYS:
            self._full_at_ns.popitem(last=False)

    def _full_after_one(
        self,
        key: Hashable,
        now_ns: int,
    ) -> int:
        """Return when a bucket is full again if one is taken now."""
        known_ns = self._full_at_ns.get(key, now_ns)
        return max(known_ns, now_ns) + self._every_ns

    def give_back(self, key: Hashable) -> None:
        """Undo a :meth:`take` of an attempt that was honest."""
        if key in self._full_at_ns:
            self._full_at_ns[key] -= self._every_ns

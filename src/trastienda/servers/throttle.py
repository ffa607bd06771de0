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

    def take(self, key: Hashable) -> None:
        """Use one up.

        Raises TooManyRequests where none is left, with the seconds until there is.
        """
        now_ns = time.monotonic_ns()
        known_ns = self._full_at_ns.get(key, now_ns)
        full_at_ns = max(known_ns, now_ns) + self._every_ns
        burst_ns = self._burst * self._every_ns
        over_ns = full_at_ns - now_ns - burst_ns
        if over_ns > 0:
            wait_s = math.ceil(over_ns / SECOND_NS)
            raise TooManyRequests(wait_s)

        self._full_at_ns[key] = full_at_ns
        self._full_at_ns.move_to_end(key)
        if len(self._full_at_ns) > MAX_KEYS:
            self._full_at_ns.popitem(last=False)

    def give_back(self, key: Hashable) -> None:
        """Undo a :meth:`take` of an attempt that was honest."""
        if key in self._full_at_ns:
            self._full_at_ns[key] -= self._every_ns

"""Doors: how many connections there may be, and who makes way for whom. Free of I/O."""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from trastienda.domain.errors import Crowded, CrowdedNetwork
from trastienda.domain.networks import is_loopback, network_of

log = logging.getLogger(__name__)

KEPT_PART, MAX_KEPT = 8, 16
"""Places that are kept for the trusted: an eighth of all, at most so many.

A shop's own machine has a till, a browser and a few programs.
"""
WARN_EVERY_S = 60
"""How often the log says that a door is full: a flood must not fill the log, too."""


def _stay() -> None:
    """Nothing that could make way yet."""


class Place:
    """A connection's place at a door. It is the connection's until it leaves."""

    __slots__ = ("_door", "give_way", "network")

    def __init__(
        self,
        door: "Door",
        network: str,
    ) -> None:
        self._door = door
        self.network = network
        self.give_way: Callable[[], object] = _stay
        """Called where somebody else needs the place: the connection is to end at once."""

    def wait(self) -> None:
        """Say that the next step is the client's: from now on it may have to make way."""
        self._door.wait(self)

    def settle(self) -> None:
        """Say that the client is being served, or has an account: it makes way for nobody."""
        self._door.settle(self)

    def leave(self) -> None:
        """Give the place back. May be called twice."""
        self._door.leave(self)


class Door:
    """So many connections at once, and so many of one network.

    Where all places are taken, whoever has kept the shop waiting longest makes way for
    whoever comes. Call it from the event loop only.
    """

    def __init__(
        self,
        name: str,
        limit: int,
        per_network: int = 0,
        is_trusted: Callable[[str], bool] = is_loopback,
    ) -> None:
        """``per_network`` is no limit where it is 0.

        ``is_trusted`` tells of an address whether many people may stand behind it: it has
        no such limit, and some places are kept for it.
        """
        self._name = name
        self._limit = limit
        self._per_network = per_network
        self._is_trusted = is_trusted
        self._kept = min(limit // KEPT_PART, MAX_KEPT)
        self._networks: Counter[str] = Counter()
        self._places: set[Place] = set()
        self._waiting: OrderedDict[Place, None] = OrderedDict()
        self._warned_at_s: float | None = None
        self.refused = 0
        """How many found no place since the start."""
        self.sent_away = 0
        """How many made way for others since the start."""

    @property
    def count(self) -> int:
        """How many places are taken."""
        return len(self._places)

    def enter(self, address: str) -> Place:
        """Return a place for a connection from this address, which waits from now on.

        Raises CrowdedNetwork, or Crowded where nobody can make way.
        """
        network = network_of(address)
        limit = self._limit
        if not self._is_trusted(address):
            limit -= self._kept
            if self._per_network and self._networks[network] >= self._per_network:
                self.refused += 1
                self._warn(f"{network} has all that one network may have")
                raise CrowdedNetwork

        if len(self._places) >= limit:
            if not self._waiting:
                self.refused += 1
                self._warn("all are taken by those who are being served")
                raise Crowded

            oldest, _ = self._waiting.popitem(last=False)
            self.leave(oldest)
            self.sent_away += 1
            self._warn("whoever waited longest makes way")
            oldest.give_way()

        place = Place(self, network)
        self._places.add(place)
        self._networks[network] += 1
        self._waiting[place] = None
        return place

    def wait(self, place: Place) -> None:
        """Put a place behind all others that wait."""
        if place in self._places:
            self._waiting[place] = None
            self._waiting.move_to_end(place)

    def settle(self, place: Place) -> None:
        """Let a place make way for nobody."""
        self._waiting.pop(place, None)

    def leave(self, place: Place) -> None:
        """Free a place."""
        if place not in self._places:
            return

        self._places.remove(place)
        self._waiting.pop(place, None)
        self._networks[place.network] -= 1
        if not self._networks[place.network]:
            del self._networks[place.network]

    def _warn(self, what_happens: str) -> None:
        now_s = time.monotonic()
        if self._warned_at_s is None or now_s - self._warned_at_s > WARN_EVERY_S:
            self._warned_at_s = now_s
            log.warning(
                "%s: %d of %d connections; %s",
                self._name,
                len(self._places),
                self._limit,
                what_happens,
            )

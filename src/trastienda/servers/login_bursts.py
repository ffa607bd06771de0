"""Bursts of refused log-ins: administrators are told that somebody may be guessing."""

import asyncio
import logging
import time
from collections import OrderedDict, deque

from trastienda.actions import notifications
from trastienda.domain.errors import TooManyRequests, Unavailable
from trastienda.domain.networks import network_of
from trastienda.domain.notifications import RefusedLogins
from trastienda.servers.incidents import Incident
from trastienda.servers.throttle import Throttle
from trastienda.writer import Writer

log = logging.getLogger(__name__)

BURST = 10
"""Wrong ones of one account or network: who tries all that they ever had is done by then."""
WINDOW_MIN = 10
QUIET_S = 3600
"""How long an account or a network is not told of again."""
PER_SHOP = (10, 360.0)
"""Notifications of all accounts and networks together, at once, and the seconds until one
more: an attack from everywhere is one attack."""
MAX_PLACES = 10_000
"""Accounts and networks in mind, some 500 B each; those that were wrong longest ago go."""

_WRONG = {Incident.WRONG_LOGIN, Incident.WRONG_CODE}


class Bursts:
    """Counts wrong ones by account and by network. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, deque[float]] = OrderedDict()
        self._quiet_until_s: OrderedDict[str, float] = OrderedDict()

    def take(
        self,
        place: str,
        now_s: float,
    ) -> bool:
        """Count a wrong one; return whether it makes a burst that was not told of lately."""
        times = self._places.setdefault(place, deque(maxlen=BURST))
        self._places.move_to_end(place)
        if len(self._places) > MAX_PLACES:
            self._places.popitem(last=False)

        times.append(now_s)
        is_burst = len(times) == BURST and now_s - times[0] <= WINDOW_MIN * 60
        if not is_burst or self._quiet_until_s.get(place, now_s) > now_s:
            return False

        self._quiet_until_s[place] = now_s + QUIET_S
        self._quiet_until_s.move_to_end(place)
        if len(self._quiet_until_s) > MAX_PLACES:
            self._quiet_until_s.popitem(last=False)
        return True


class LoginBursts:
    """Notifies administrators of bursts. Call it from the event loop only."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._bursts = Bursts()
        self._told = Throttle(*PER_SHOP)
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(
        self,
        incident: Incident,
        address: str,
        rut: str | None,
    ) -> None:
        """Count what happened at the door, where it was a wrong log-in."""
        if incident not in _WRONG:
            return

        now_s, network = time.monotonic(), network_of(address)
        is_of_network = self._bursts.take(f"n{network}", now_s)
        is_of_account = rut is not None and self._bursts.take(f"a{rut}", now_s)
        if not is_of_network and not is_of_account:
            return
        try:
            self._told.take("shop")
        except TooManyRequests:
            return

        facts = RefusedLogins(
            count=BURST,
            minutes=WINDOW_MIN,
            rut=rut if is_of_account else None,
            network=network if is_of_network else None,
        )
        task = asyncio.get_running_loop().create_task(self._notify(facts))
        # The event loop itself does not keep a task alive.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self, facts: RefusedLogins) -> None:
        try:
            await self._writer.run(notifications.notify_administrators, facts)
        except Unavailable:
            log.debug("nobody is notified of a burst of log-ins: the shop stops")
        except Exception:
            log.exception("nobody could be notified of a burst of log-ins")

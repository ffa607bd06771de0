"""What happened at the door, in the technical log: who came in, who did not, and why.

Never a password, a token, or a name that nobody has: people type passwords into the field
of the name.
"""

import logging
from collections.abc import Callable
from enum import Enum

from trastienda.domain.errors import TooManyRequests
from trastienda.domain.networks import network_of
from trastienda.servers import request_ids
from trastienda.servers.throttle import Throttle

log = logging.getLogger(__name__)

LINES_PER_NETWORK = (30, 2.0)
"""Lines of what went wrong from one network, at once, and the seconds until one more: a
flood must not fill the disk. ``/metrics`` counts all of them."""


class Incident(Enum):
    """What happened: its name in the log and in ``/metrics``."""

    LOGGED_IN = "logged_in"
    WRONG_LOGIN = "wrong_login"
    """No such user, a wrong password, or a user who is not active."""
    WRONG_CODE = "wrong_code"
    """The password was right and the code of the second factor was not: somebody else may
    know the password."""
    RECOVERY_CODE = "recovery_code"
    """Somebody came in with a recovery code: their telephone is lost, or the paper is."""
    THROTTLED = "throttled"
    """Too many attempts before: nothing was looked at."""
    BUSY = "busy"
    """Too many passwords wait to be compared."""
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a word of the log
    """A refresh token that was never given out."""
    UNKNOWN_KEY = "unknown_key"
    """An API key that was never made, or has been withdrawn."""
    KEY_ELSEWHERE = "key_elsewhere"
    """An API key from an address that it is not for."""
    FORBIDDEN = "forbidden"
    """Somebody who is known may not do what they asked for."""
    SESSIONS_ENDED = "sessions_ended"
    """By whoever had them, by a new password, or since an account or a token was lost."""


_FINE = {Incident.LOGGED_IN, Incident.SESSIONS_ENDED}


Hearer = Callable[[Incident, str, str | None], None]
"""Is told what happened, the address that it came from, and the RUT of whom it concerns."""


class Incidents:
    """Logs what happened, counts it with ``count``, and has ``hearer`` hear of it."""

    def __init__(
        self,
        count: Callable[[str], None],
        hearer: Hearer | None = None,
    ) -> None:
        self._count = count
        self._hearer = hearer
        self._lines = Throttle(*LINES_PER_NETWORK)

    def log(
        self,
        incident: Incident,
        address: str,
        *,
        rut: str | None = None,
        **fields: str,
    ) -> None:
        """Log one; ``rut`` is whoever it concerns, where they have an account."""
        self._count(incident.value)
        if self._hearer is not None:
            self._hearer(incident, address, rut)
        is_fine = incident in _FINE
        if not is_fine:
            network = network_of(address)
            if self._lines.wait_s(network):
                return
            self._lines.take(network)

        request = request_ids.current()
        known = {"rut": rut, "address": address, "request": request, **fields}
        level = logging.INFO if is_fine else logging.WARNING
        extra = {"fields": {name: value for name, value in known.items() if value}}
        log.log(level, incident.value, extra=extra)


class NetworkThrottle:
    """So many attempts of each network; one too many stands in the log."""

    def __init__(
        self,
        limit: tuple[int, float],
        incidents: Incidents,
    ) -> None:
        """``limit`` is so many at once, and the seconds until one more."""
        self._throttle = Throttle(*limit)
        self._incidents = incidents

    def take(self, address: str) -> None:
        """Use up one of the address's network; raise TooManyRequests where none is left."""
        try:
            self._throttle.take(network_of(address))
        except TooManyRequests:
            self._incidents.log(Incident.THROTTLED, address)
            raise

"""Sessions: a login and all that follows from it, and how long that may be."""

from msgspec import Struct

DAY_MS = 24 * 3600 * 1000
UNUSED_DAYS = 30
"""How long a session may lie unused before the password is asked for again."""
LIFE_DAYS = 90
"""How long a session lives, however much it is used.

A till asks for the password once in a quarter, and a token that was copied unnoticed is worth
nothing after it.
"""
MAX_SESSIONS = 200
"""Open sessions of one user.

More than a shop has tills and programs under one name, and few enough to be looked through.
"""


class Origin(Struct, frozen=True):
    """From which address and with which program somebody logs in or refreshes."""

    address: str
    program: str


def expiry_ms(
    created_at_ms: int,
    now_ms: int,
) -> int:
    """Return when a session ends that was begun then and is used now."""
    unused_until_ms = now_ms + UNUSED_DAYS * DAY_MS
    return min(unused_until_ms, created_at_ms + LIFE_DAYS * DAY_MS)


class Session(Struct, frozen=True, kw_only=True):
    """A login and all that follows from it by refreshing.

    ``address`` and ``program`` are those of its last login or refresh, as they were said.
    """

    id: str
    user_id: int
    created_at_ms: int
    used_at_ms: int
    """When it was begun or last refreshed."""
    expires_at_ms: int
    address: str
    program: str
    revoked: bool = False

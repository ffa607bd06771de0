"""The limit of open files of this process, and who gets how many of them."""

import contextlib

from msgspec import Struct

UNLIMITED = 1_000_000
"""Stands for a system without such a limit."""

OWN_PART, MIN_OWN, MAX_OWN = 8, 64, 256
"""What the shop itself keeps: an eighth, between these.

Its database takes some twenty, listening and logs ten, a copy, an export and a printer a
few each.
"""
FAREWELL_PART, MIN_FAREWELLS, MAX_FAREWELLS = 16, 4, 64
"""What those get to whom it is said that there is no room: a sixteenth, between these.

Each is gone within a second.
"""
MIN_DOOR = 8
"""Connections that a door admits even where the limit is too small for all of this."""
MAX_HTTP = 4_096
"""Connections of HTTP. A browser has six at most, and an idle one is let go after five
seconds: six hundred people at once."""
MAX_LINES = 10_000
"""Connections of both line ports. Idle they take some 5 kB each, 50 MB in all; no shop has
more."""


class Shares(Struct, frozen=True):
    """How many of the files that may be open are for connections of each kind.

    What is left is the shop's own.
    """

    http: int
    lines: int
    farewells: int
    """For connections to which it is said that there is no room."""


def share_out(limit: int) -> Shares:
    """Share out what may be open, so that no kind of connection takes another's part.

    HTTP and the line ports get half each of what the shop leaves them; what HTTP cannot
    use is for the lines.
    """
    own = min(max(limit // OWN_PART, MIN_OWN), MAX_OWN)
    farewells = min(max(limit // FAREWELL_PART, MIN_FAREWELLS), MAX_FAREWELLS)
    rest = max(limit - own - farewells, 2 * MIN_DOOR)
    http = min(rest // 2, MAX_HTTP)
    lines = min(rest - http, MAX_LINES)
    return Shares(http, lines, farewells)


def file_limit() -> int:
    """Return how many files this process may have open."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return UNLIMITED

    soft_limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft_limit == resource.RLIM_INFINITY:
        return UNLIMITED
    return soft_limit


def raise_file_limit() -> None:
    """Let this process have as many files open as the system allows it to."""
    try:
        import resource
    except ImportError:
        return

    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

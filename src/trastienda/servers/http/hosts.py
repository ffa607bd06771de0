"""What the shop is called: a request for another name is not for this shop.

A page of the internet can have its own name lead to this machine (DNS rebinding), and
would then read the shop's answers as its own. It cannot do so without its name in
``Host``. An address is no such name: whoever opens a page by an address has it from
there.
"""

import re
import time
from collections.abc import Callable, Collection
from ipaddress import ip_address

from starlette.types import Scope

from trastienda.servers.http.answers import Answer
from trastienda.servers.http.problems import HOST_UNREADABLE, host_answer

LOOK_AGAIN_S = 5.0
"""How often at most the own names are read anew: a machine may be renamed."""
MAX_REMEMBERED = 1024
"""Values of ``Host`` known to be good; a shop has a handful."""
ANY_NAME = "*"

_HOST = re.compile(
    rb"([a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::([0-9]{0,5}))?",
    re.IGNORECASE,
)
_MAX_PORT = 65535


class Hosts:
    """The names under which the shop may be called.

    ``own_names`` returns them as they are now; ``*.shop.cl`` is every name below that
    one, and ``*`` any.
    """

    def __init__(self, own_names: Callable[[], Collection[str]]) -> None:
        self._own_names = own_names
        self._names: frozenset[str] = frozenset()
        self._look_again_at = 0.0
        self._good: set[bytes] = set()

    def refusal(self, scope: Scope) -> Answer | None:
        """Return what to answer where the request is not for this shop."""
        headers, by_name = scope["headers"], scope["headers_by_name"]
        comes_once = len(headers) == len(by_name)  # as every header does, nearly always
        if comes_once and by_name.get(b"host") in self._good:
            return None

        values = [value for name, value in headers if name == b"host"]
        # HTTP/1.0 needs none, and no browser speaks it.
        if not values and scope["http_version"] == "1.0":
            return None
        match = _HOST.fullmatch(values[0]) if len(values) == 1 else None
        if match is None or int(match[2] or 0) > _MAX_PORT:
            return HOST_UNREADABLE

        name = match[1].decode().lower().removesuffix(".")
        if not self._is_own(name):
            return host_answer(name)

        if len(self._good) >= MAX_REMEMBERED:
            self._good.clear()
        self._good.add(values[0])
        return None

    def _is_own(self, name: str) -> bool:
        if _is_address(name) or self._is_listed(name):
            return True

        now = time.monotonic()
        if now < self._look_again_at:
            return False
        self._look_again_at = now + LOOK_AGAIN_S
        self._names = frozenset(self._own_names())
        return self._is_listed(name)

    def _is_listed(self, name: str) -> bool:
        if name in self._names or ANY_NAME in self._names:
            return True
        # Of a.b.c: *.b.c and *.c
        _, _, parent = name.partition(".")
        while parent:
            if f"*.{parent}" in self._names:
                return True
            _, _, parent = parent.partition(".")
        return False


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True

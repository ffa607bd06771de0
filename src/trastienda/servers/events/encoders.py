"""Deliveries as server-sent events, as browsers read them (HTML, 9.2).

The bytes are made once for everybody who may see the same.
"""

from typing import Any
from zoneinfo import ZoneInfo

from trastienda.live.deliveries import Item
from trastienda.servers.sessions.told import told
from trastienda.wire import announcements

RETRY_MS = 3000
"""How long a browser waits before it comes back."""
BEGINNING = b"retry: %d\n\n" % RETRY_MS


def event(
    name: str,
    body: Any,
    n: int | None = None,
) -> bytes:
    """Return an event; ``n`` is its id, which whoever comes back says it heard last."""
    event_id = b"" if n is None else b"id: %d\n" % n
    encoded = announcements.encode(body, n)
    return event_id + b"event: " + name.encode() + b"\ndata: " + encoded + b"\n\n"


def position(n: int) -> bytes:
    """Return a sign of life: nobody hears it, and everything up to ``n`` was told."""
    return b":\nid: %d\n\n" % n


def for_customer(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as an event for whoever is no staff."""
    return _event_of(item, time_zone, staff=False)


def for_staff(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as an event, with what only staff may see."""
    return _event_of(item, time_zone, staff=True)


def _event_of(
    item: Item,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> bytes:
    name, n, body = told(item, time_zone, staff=staff)
    return event(name, body, n)

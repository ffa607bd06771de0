"""Deliveries as Socket.IO events: as packets for polling clients, as WebSocket frames.

A frame is made once for everybody who may see the same, and written to each socket as it
is: it holds a whole Engine.IO message, which the client cannot tell from the library's.
"""

from typing import Any
from zoneinfo import ZoneInfo

from trastienda.live.deliveries import Item
from trastienda.servers.sessions.told import told
from trastienda.wire import announcements

EVENT = b"2"
"""The type of a Socket.IO packet that is an event, in the only namespace there is."""
MESSAGE = b"4"
"""The type of an Engine.IO packet that holds one of Socket.IO."""

_FINAL_TEXT = 0x81
_SHORT, _MIDDLING = 126, 65_536
"""Lengths from which on two and eight bytes tell the length of a frame (RFC 6455, 5.2)."""


def packet(
    name: str,
    body: Any,
    n: int | None = None,
) -> bytes:
    """Return an event as a Socket.IO packet; ``body`` becomes an object, with ``n`` first."""
    encoded = announcements.encode(body, n)
    return EVENT + b'["' + name.encode() + b'",' + encoded + b"]"


def frame(socket_packet: bytes) -> bytes:
    """Return a Socket.IO packet as a WebSocket frame."""
    size = len(MESSAGE) + len(socket_packet)
    if size < _SHORT:
        head = bytes((_FINAL_TEXT, size))
    elif size < _MIDDLING:
        head = bytes((_FINAL_TEXT, _SHORT)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FINAL_TEXT, _SHORT + 1)) + size.to_bytes(8, "big")
    return head + MESSAGE + socket_packet


def packet_for_customer(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as a packet for whoever is no staff."""
    return _packet_of(item, time_zone, staff=False)


def packet_for_staff(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as a packet, with what only staff may see."""
    return _packet_of(item, time_zone, staff=True)


def frame_for_customer(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as a frame for whoever is no staff."""
    return frame(_packet_of(item, time_zone, staff=False))


def frame_for_staff(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as a frame, with what only staff may see."""
    return frame(_packet_of(item, time_zone, staff=True))


def _packet_of(
    item: Item,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> bytes:
    name, n, body = told(item, time_zone, staff=staff)
    return packet(name, body, n)

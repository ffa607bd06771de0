"""How programs are told of an item of a delivery: its name, its number, and what it holds."""

from typing import Any
from zoneinfo import ZoneInfo

from trastienda.domain.chat import Change, Notice
from trastienda.domain.events import Event
from trastienda.live.deliveries import Item, SentCopy, Silence
from trastienda.wire import announcements, event_names
from trastienda.wire.chat import notice_out


def told(
    item: Item,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> tuple[str, int | None, Any]:
    """Return the name of an item, its number (None for one of the moment), and its object.

    ``staff`` see more.
    """
    if isinstance(item, SentCopy):
        item = item.event
    if isinstance(item, Event):
        body = announcements.body(item, time_zone, staff=staff)
        return event_names.NAMES[item.kind], item.n, body

    if isinstance(item, Silence):
        return announcements.SILENCE, None, announcements.silence_out(item.left_s)

    if isinstance(item, Notice):
        notice = item
    else:
        notice = Notice(Change.JOINED, item.room, item.alias)
    return announcements.PRESENCE, None, notice_out(notice)

"""Deliveries as bytes: as lines for people, and as JSON lines for programs."""

from zoneinfo import ZoneInfo

from trastienda.domain.chat import Message, Notice, PrivateMessage
from trastienda.domain.events import Event
from trastienda.live.deliveries import Item, SentCopy, Silence
from trastienda.servers.sessions.told import told
from trastienda.wire.chat import (
    notice_line,
    private_line,
    sent_line,
    spoken_line,
)
from trastienda.wire.lines import encoding, sentences


def for_person(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item in words; nothing for what people are not told."""
    if isinstance(item, Event):
        if isinstance(item.subject, Message):
            return encoding.people(spoken_line(item.subject))
        if isinstance(item.subject, PrivateMessage):
            return encoding.people(private_line(item.subject))
        return b""

    if isinstance(item, SentCopy):
        message = item.event.subject
        assert isinstance(message, PrivateMessage)
        return encoding.people(sent_line(message))
    if isinstance(item, Notice):
        return encoding.people(notice_line(item))
    if isinstance(item, Silence):
        return encoding.people(sentences.silence(item.left_s))
    return encoding.people(sentences.in_room(item.room))


def for_program(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as an announcement."""
    return _announcement(item, time_zone, staff=False)


def for_staff_program(
    item: Item,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an item as an announcement, with what only staff may see."""
    return _announcement(item, time_zone, staff=True)


def _announcement(
    item: Item,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> bytes:
    name, n, body = told(item, time_zone, staff=staff)
    return encoding.announcement(name, n, body)

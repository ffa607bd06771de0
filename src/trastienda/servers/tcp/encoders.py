"""Deliveries as bytes: as lines for people, and as JSON lines for programs."""

from trastienda.domain.chat import Change, Message, Notice, PrivateMessage
from trastienda.domain.events import Event
from trastienda.live.deliveries import Delivery, SentCopy, Silence
from trastienda.wire import announcements
from trastienda.wire.chat import notice_line, private_line, sent_line, spoken_line
from trastienda.wire.lines import encoding, sentences


def for_person(delivery: Delivery) -> bytes:
    """Return a delivery in words; nothing for what people are not told."""
    line = _line(delivery)
    return encoding.people(line) if line else b""


def _line(delivery: Delivery) -> str:
    item = delivery.item
    if isinstance(item, Event):
        if isinstance(item.subject, Message):
            return spoken_line(item.subject)
        if isinstance(item.subject, PrivateMessage):
            return private_line(item.subject)
        return ""
    if isinstance(item, SentCopy):
        message = item.event.subject
        return sent_line(message) if isinstance(message, PrivateMessage) else ""
    if isinstance(item, Notice):
        return notice_line(item)
    if isinstance(item, Silence):
        return sentences.silence(item.left_s)
    return sentences.in_room(item.room)


def for_program(delivery: Delivery) -> bytes:
    """Return a delivery as an announcement."""
    return _announcement(delivery, staff=False)


def for_staff_program(delivery: Delivery) -> bytes:
    """Return a delivery as an announcement, with what only staff may see."""
    return _announcement(delivery, staff=True)


def _announcement(delivery: Delivery, *, staff: bool) -> bytes:
    item = delivery.item
    if isinstance(item, SentCopy):
        item = item.event
    if isinstance(item, Event):
        name = announcements.NAMES[item.kind]
        body = announcements.body(item, delivery.zone, staff=staff)
        return encoding.announcement(name, item.n, body)
    if isinstance(item, Silence):
        silence = announcements.silence_out(item.left_s)
        return encoding.announcement(announcements.SILENCE, None, silence)
    if isinstance(item, Notice):
        notice = item
    else:
        notice = Notice(Change.JOINED, item.room, item.alias)
    presence = announcements.presence_out(notice)
    return encoding.announcement(announcements.PRESENCE, None, presence)

"""Telling the connections: what was said, who came and went, what else was committed; each encoded once."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Generic, TypeVar

from trastienda.domain.chat import Message, Notice, PrivateMessage
from trastienda.domain.chat_entries import Entry, EntryKind
from trastienda.domain.events import Event, Kind, may_hear
from trastienda.domain.people import Role
from trastienda.servers.tcp.conversation import Conversation
from trastienda.servers.tcp.desk import Desk
from trastienda.wire import announcements
from trastienda.wire.chat import (
    notice_line,
    notice_out,
    private_line,
    sent_line,
    spoken_line,
)
from trastienda.wire.lines import encoding

News = TypeVar("News")

FOR_ANYBODY = frozenset({Kind.STOCK, Kind.PRODUCT, Kind.DISCOUNT_EXPIRED})
"""What is told to programs that have not logged in, too: looking at the goods is free."""
CROWD = 100
"""Seats from which on those who come and go are told together: when thousands come at once, each hears of thousands."""
GATHER_S = 0.2
"""How long they are gathered then; whatever is said meanwhile has them told before it."""

_NOTED = {
    "joined": EntryKind.JOINED,
    "left": EntryKind.LEFT,
    "renamed": EntryKind.RENAMED,
}


class Teller:
    """Tells the connections of one process. Call it from the event loop only."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._notices: dict[str, list[Notice]] = {}
        desk.presence.listen(self.hear_notice)

    def tell_room(self, room: str, events: Sequence[Event]) -> None:
        """Tell a room what was said in one commit: the same bytes to all but those who said some of it."""
        self._tell_notices(room)
        for_people, for_programs = (
            _Batch(events, _spoken),
            _Batch(events, self._announced_to_staff),
        )
        sources = {event.source for event in events}
        first_seq = min(_message(event).seq for event in events)
        for seat in self._desk.presence.seats_in(room):
            if not isinstance(seat, Conversation):
                continue
            batch = for_programs if seat.is_program else for_people
            if seat.number not in sources and seat.shown_seq < first_seq:
                seat.outbox.put(batch.whole)
            elif news := batch.only(partial(_is_news, seat)):
                seat.outbox.put(news)

    def _announced_to_staff(self, event: Event) -> bytes:
        return self._announced(event, staff=True)

    def _announced(self, event: Event, *, staff: bool) -> bytes:
        body = announcements.body(event, self._desk.zone(), staff=staff)
        return encoding.announcement(announcements.NAMES[event.kind], event.n, body)

    def tell_private(self, event: Event, message: PrivateMessage) -> bool:
        """Hand a private message over, to all connections of both but its own; return whether one of them lives.

        To one that is on its end it is given, too: twice is better than never.
        """
        presence = self._desk.presence
        there = presence.seats_of(message.recipient)
        for seat in there:
            if isinstance(seat, Conversation) and message.id > seat.shown_private:
                self._hand_over(seat, private_line(message), event)
        for seat in (
            presence.seats_of(message.sender)
            if message.sender != message.recipient
            else ()
        ):
            if isinstance(seat, Conversation) and seat.number != event.source:
                self._hand_over(seat, sent_line(message), event)
        return any(
            not isinstance(seat, Conversation) or not (seat.is_over or seat.is_lost)
            for seat in there
        )

    def _hand_over(self, talk: Conversation, line: str, event: Event) -> None:
        if talk.is_program:
            talk.outbox.put(self._announced(event, staff=False))
        else:
            talk.say(line)

    def announce(self, event: Event) -> None:
        """Send an announcement to the programs that may hear it."""
        if not self._desk.programs or event.kind not in announcements.NAMES:
            return
        encoded: dict[bool, bytes] = {}
        for talk in self._desk.programs.values():
            if not isinstance(talk, Conversation) or not _may_hear(event, talk):
                continue
            staff = talk.member is not None and talk.member.is_staff
            if staff not in encoded:
                encoded[staff] = self._announced(event, staff=staff)
            talk.outbox.put(encoded[staff])

    def hear_notice(self, notice: Notice) -> None:
        """Have a room, and the log, told who has come, gone or changed their alias."""
        waiting = self._notices.setdefault(notice.room, [])
        waiting.append(notice)
        if len(self._desk.presence.seats_in(notice.room)) < CROWD:
            self._tell_notices(notice.room)
        elif len(waiting) == 1:
            asyncio.get_running_loop().call_later(
                GATHER_S, self._tell_notices, notice.room
            )
        self._desk.log(
            Entry(
                kind=_NOTED[notice.change.value],
                at_ms=self._desk.clock(),
                alias=notice.alias,
                room=notice.room,
                other=notice.new_alias,
            )
        )

    def _tell_notices(self, room: str) -> None:
        notices = self._notices.pop(room, None)
        if not notices:
            return
        for_people, for_programs = (
            _Batch(notices, _noticed),
            _Batch(notices, _noticed_by_programs),
        )
        sources = {notice.source for notice in notices}
        for seat in self._desk.presence.seats_in(room):
            if not isinstance(seat, Conversation):
                continue
            batch = for_programs if seat.is_program else for_people
            if seat.number not in sources:
                seat.outbox.put(batch.whole)
            elif news := batch.only(partial(_is_others, seat)):
                seat.outbox.put(news)


class _Batch(Generic[News]):
    """News of one room as one kind of reader gets them, encoded when the first of them asks."""

    def __init__(self, news: Sequence[News], encode: Callable[[News], bytes]) -> None:
        self._news = news
        self._encode = encode

    @cached_property
    def _lines(self) -> list[bytes]:
        return [self._encode(one) for one in self._news]

    @cached_property
    def whole(self) -> bytes:
        """All of them."""
        return b"".join(self._lines)

    def only(self, wanted: Callable[[News], bool]) -> bytes:
        """Return those that somebody is to hear."""
        return b"".join(
            [
                line
                for one, line in zip(self._news, self._lines, strict=True)
                if wanted(one)
            ]
        )


def _message(event: Event) -> Message:
    assert isinstance(event.subject, Message)
    return event.subject


def _is_news(talk: Conversation, event: Event) -> bool:
    """Tell whether a connection neither said a message nor saw it when it came in; changes of it always are news."""
    if event.source == talk.number:
        return False
    message = _message(event)
    return message.seq > talk.shown_seq or message.edited_at_ms is not None


def _is_others(talk: Conversation, notice: Notice) -> bool:
    return notice.source != talk.number


def _spoken(event: Event) -> bytes:
    return encoding.people(spoken_line(_message(event)))


def _noticed(notice: Notice) -> bytes:
    return encoding.people(notice_line(notice))


def _noticed_by_programs(notice: Notice) -> bytes:
    return encoding.announcement("presencia", None, notice_out(notice))


def _may_hear(event: Event, talk: Conversation) -> bool:
    member = talk.member
    actor = None if member is None else member.actor
    if actor is None or actor.user_id is None or actor.rut is None:
        return event.kind in FOR_ANYBODY and Role.CUSTOMER in event.audience.roles
    return may_hear(
        event,
        user_id=actor.user_id,
        role=actor.role,
        rut=actor.rut,
        verified=actor.verified,
    )

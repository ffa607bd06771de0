"""The fan-out: committed events, and who comes and goes, to those who may hear them."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from trastienda.domain.chat import (
    Change,
    Message,
    MessageKind,
    Notice,
    PrivateMessage,
    may_read,
)
from trastienda.domain.chat_entries import Entry, EntryKind, message_entry
from trastienda.domain.events import Event, SessionsEnded
from trastienda.domain.moderation import Sanction
from trastienda.domain.people import User
from trastienda.live.deliveries import AnyDelivery, Delivery, SentCopy
from trastienda.live.seats import Seat
from trastienda.servers.sessions import enforcement
from trastienda.servers.sessions.hearing import Hearers, may_be_told
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode
from trastienda.wire import event_names

log = logging.getLogger(__name__)

CROWD = 100
"""Seats in a room from which on notices are gathered.

When thousands come at once, each of them would hear of thousands.
"""
GATHER_S = 0.2
"""How long notices are gathered then; what is said meanwhile comes behind them."""

_ENTRY_KINDS = {
    Change.JOINED: EntryKind.JOINED,
    Change.LEFT: EntryKind.LEFT,
    Change.RENAMED: EntryKind.RENAMED,
}


_HEARD_ALONE = (PrivateMessage, Sanction, User, SessionsEnded)


class Fanout:
    """Delivers to the seats of this process. Call it from the event loop only.

    A delivery may end a session, of whoever reads too little: seats are gone through as they
    were when it began.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._hub = sessions.hub
        self._notices: dict[str, list[Notice]] = {}
        """Gathered notices, by room."""
        self._hub.seats.listen(self.hear_notice)

    def hear(self, events: Sequence[Event]) -> None:
        """Deliver what was committed, in its order, and do what it means here."""
        for kind_of_run, run in groupby(events, key=_kind_of_run):
            try:
                if kind_of_run is Message:
                    self._hear_messages(list(run))
                elif kind_of_run is None:
                    self._announce(list(run))
                else:
                    for event in run:
                        self._hear_alone(event)
            except Exception:  # what follows concerns others
                log.exception("an event could not be delivered")

    def _hear_messages(self, events: list[Event]) -> None:
        events_by_room: dict[str, list[Event]] = {}
        for event in events:
            message = _message(event)
            events_of_room = events_by_room.setdefault(message.room, [])
            events_of_room.append(event)

            is_new = message.edited_at_ms is None
            if not is_new:
                self._hub.backlog.forget()
            if is_new and message.kind is MessageKind.SPOKEN:
                self._log_message(event.source, message)

        for room, room_events in events_by_room.items():
            self._deliver_to_room(room, room_events)

    def _log_message(
        self,
        source: int | None,
        message: Message,
    ) -> None:
        """Log what was said, with the address if it came from here."""
        session = self._sessions.find(source)
        if session is not None:
            session.log_message(message)
            return

        entry = message_entry(message)
        self._hub.log(entry)

    def _hear_alone(self, event: Event) -> None:
        """Do what an event means here, before those behind it are announced."""
        subject = event.subject
        if isinstance(subject, PrivateMessage):
            if self._deliver_private(event, subject):
                self._hub.delivered.add([subject.id])
            self._deliver_to_listeners(event)
            return

        if isinstance(subject, Sanction):
            enforcement.apply_sanction(self._sessions, subject)
        elif isinstance(subject, User):
            enforcement.update_account(self._sessions, subject)
        elif isinstance(subject, SessionsEnded):
            enforcement.end_sessions(self._sessions, subject)
        self._announce([event])

    def _deliver_to_room(
        self,
        room: str,
        events: Sequence[Event],
    ) -> None:
        """Deliver what was said in one commit.

        In one piece but to those who said some of it, have just entered, or were told some
        of it from the journal.
        """
        self._deliver_notices(room)
        delivery = Delivery(events, self._hub.desk.time_zone())
        sources = {event.source for event in events}
        first_seq = min(_message(event).seq for event in events)

        def is_new_to(seat: Seat, event: Event) -> bool:
            """Tell whether a seat neither said a message nor was told or shown it before.

            A message that was edited or deleted is always new to those who may read it.
            """
            if not _is_news_to(seat, event):
                return False

            message = _message(event)
            if message.edited_at_ms is not None:
                return seat.member is not None and may_read(seat.member, message)
            return message.seq > seat.shown_seq

        hearers = Hearers(events[0])
        for seat in tuple(self._hub.subscribers.values()):
            if not seat.hears_all_rooms or room in seat.deaf_to:
                continue
            if not hearers.include(seat.member):
                continue
            if seat.number in sources or seat.replayed_n >= events[0].n:
                part = delivery.only(partial(_is_news_to, seat))
                if part is not None:
                    seat.deliver(part)
            else:
                seat.deliver(delivery)

        for seat in self._hub.seats.in_room(room):
            if seat.hears_all_rooms:
                continue
            if seat.shown_seq >= first_seq:  # it has just entered, or something is old
                part = delivery.only(partial(is_new_to, seat))
            elif seat.number in sources or seat.replayed_n >= events[0].n:
                part = delivery.only(partial(_is_news_to, seat))
            else:
                seat.deliver(delivery)
                continue
            if part is not None:
                seat.deliver(part)

    def _deliver_private(
        self,
        event: Event,
        message: PrivateMessage,
    ) -> bool:
        """Deliver a private message to all connections of both but where it came from.

        Return whether it reached its recipient. Seats whose client may be gone get it,
        too, and do not count: twice is better than never.
        """
        time_zone = self._hub.desk.time_zone()
        seats = self._hub.seats
        delivery = Delivery([event], time_zone)
        recipients = seats.of_member(message.recipient)
        for seat in recipients:
            if message.id > seat.shown_private_id:
                seat.deliver(delivery)

        if message.sender != message.recipient:
            sent_copy = SentCopy(event)
            copy_delivery = Delivery([sent_copy], time_zone)
            for seat in seats.of_member(message.sender):
                if seat.number != event.source:
                    seat.deliver(copy_delivery)

        return any(seat.is_listening for seat in recipients)

    def _deliver_to_listeners(self, event: Event) -> None:
        """Deliver a private message to those who listen, and are not in the chat.

        It counts as delivered to nobody by that: it may be a program that listens.
        """
        delivery = Delivery([event], self._hub.desk.time_zone())
        hearers = Hearers(event)
        for number, seat in tuple(self._hub.subscribers.items()):
            session = self._sessions.find(number)
            is_listener = session is not None and session.mode is Mode.LISTENING
            if is_listener and seat.hears_private and hearers.include(seat.member):
                seat.deliver(delivery)

    def _announce(self, events: Sequence[Event]) -> None:
        """Deliver events, neither of a room nor private, to whom may hear them, in one piece."""
        events = [event for event in events if event.kind in event_names.NAMES]
        if not self._hub.subscribers or not events:
            return

        delivery = Delivery(events, self._hub.desk.time_zone())
        shares: dict[int, AnyDelivery | None] = {}
        """By the identity of the member, which lives as long as its seats."""
        for seat in tuple(self._hub.subscribers.values()):
            if seat.replayed_n >= events[0].n:  # the journal told it of the first
                share = _share_of(seat, delivery, events)
            else:
                key = id(seat.member)
                if key not in shares:
                    shares[key] = _share_of(seat, delivery, events)
                share = shares[key]
            if share is not None:
                seat.deliver(share)

    def hear_notice(self, notice: Notice) -> None:
        """Deliver and log that somebody has come, left or changed their alias."""
        gathered = self._notices.setdefault(notice.room, [])
        gathered.append(notice)
        seats = self._hub.seats.in_room(notice.room)
        if len(seats) < CROWD:
            self._deliver_notices(notice.room)
        elif len(gathered) == 1:
            loop = asyncio.get_running_loop()
            loop.call_later(GATHER_S, self._deliver_notices, notice.room)

        entry = Entry(
            kind=_ENTRY_KINDS[notice.change],
            at_ms=self._hub.desk.clock(),
            alias=notice.alias,
            room=notice.room,
            other=notice.new_alias,
        )
        self._hub.log(entry)

    def _deliver_notices(self, room: str) -> None:
        """Deliver the gathered notices of a room, but to nobody their own."""
        notices = self._notices.pop(room, None)
        if not notices:
            return

        delivery = Delivery(notices, self._hub.desk.time_zone())
        sources = {notice.source for notice in notices}

        for seat in self._hub.seats.in_room(room):
            if seat.number not in sources:
                seat.deliver(delivery)
                continue
            part = delivery.only(partial(_is_from_another, seat.number))
            if part is not None:
                seat.deliver(part)


def _message(event: Event) -> Message:
    assert isinstance(event.subject, Message)
    return event.subject


def _kind_of_run(event: Event) -> type | None:
    """Tell how an event is heard: with other messages, alone, or with whatever is like it."""
    subject = event.subject
    if isinstance(subject, Message):
        return Message
    if isinstance(subject, _HEARD_ALONE):
        return type(subject)
    return None


def _share_of(
    seat: Seat,
    delivery: Delivery[Event],
    events: Sequence[Event],
) -> AnyDelivery | None:
    """Return what is new to whoever sits here, and for them; None for nothing."""
    part = delivery.only(
        lambda event: event.n > seat.replayed_n and may_be_told(seat, event)
    )
    is_all = part is not None and part.count == len(events)
    return delivery if is_all else part


def _is_news_to(
    seat: Seat,
    event: Event,
) -> bool:
    """Tell whether a seat neither said this itself nor was told it from the journal."""
    return event.source != seat.number and event.n > seat.replayed_n


def _is_from_another(
    number: int,
    notice: Notice,
) -> bool:
    return notice.source != number

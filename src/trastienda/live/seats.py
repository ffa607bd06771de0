"""Seats: which connections are in the chat, whose, and in which room."""

from collections.abc import Callable

from msgspec.structs import replace

from trastienda.domain.chat import Change, Member, Notice
from trastienda.domain.closings import ClosingReason
from trastienda.domain.events import Event
from trastienda.live.deliveries import AnyDelivery


class Seat:
    """One connection as the chat sees it.

    Each wire has its own way to deliver and to close.
    """

    __slots__ = (
        "deaf_to",
        "hears_all_rooms",
        "hears_private",
        "is_catching_up",
        "is_listening",
        "is_of_staff",
        "member",
        "number",
        "replayed_n",
        "rooms",
        "shown_private_id",
        "shown_seq",
    )

    def __init__(self) -> None:
        self.number = 0
        """Tells it from all others of this process."""
        self.member: Member | None = None
        """Who sits here; :meth:`set_member` says it."""
        self.is_of_staff = False
        """A cashier or an administrator sits here, who hears more than others."""
        self.rooms: dict[str, None] = {}
        """Where it is, in the order in which it came."""
        self.hears_all_rooms = False
        """It hears what is said in every room that its member may read, wherever it is."""
        self.hears_private = True
        """It hears what is said to its member alone."""
        self.deaf_to: set[str] = set()
        """Rooms that it has left, and so does not hear even then."""
        self.is_catching_up = False
        """What it missed is read to it from the journal, and what is new along with that."""
        self.replayed_n = 0
        """The last announcement that was read to it from the journal."""
        self.shown_seq = 0
        """The last message of its room that was shown when it entered."""
        self.shown_private_id = 0
        """The last private message that was shown when its member came in."""
        self.is_listening = True
        """The client is there: what is delivered arrives, as far as anybody knows."""

    @property
    def room(self) -> str | None:
        """The room that it entered last, of those where it is."""
        return next(reversed(self.rooms), None)

    def set_member(self, member: Member | None) -> None:
        """Say who sits here now."""
        self.member = member
        self.is_of_staff = member is not None and member.is_staff

    def hears_room(self, room: str) -> bool:
        """Tell whether it hears what is said in a room that its member may read."""
        if self.hears_all_rooms:
            return room not in self.deaf_to
        return room in self.rooms

    def note_replayed(self, event: Event) -> None:
        """Note what is read to it from the journal, where the wire has to know it."""

    def deliver(self, delivery: AnyDelivery) -> None:
        """Send something that is announced to whoever sits here; never blocks.

        What comes, or has come, from the journal is not sent again.
        """
        n = delivery.n
        if n is None or (n > self.replayed_n and not self.is_catching_up):
            self.replay(delivery)

    def replay(self, delivery: AnyDelivery) -> None:
        """Send what comes from the journal, or is live."""
        raise NotImplementedError

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent."""
        raise NotImplementedError

    def close(self, reason: ClosingReason) -> None:
        """Tell why, and close the connection; may be called twice."""
        raise NotImplementedError


class Seats:
    """The seats of this process, by member and by room.

    Call it from the event loop only.
    """

    def __init__(self) -> None:
        self._by_member: dict[str, dict[int, Seat]] = {}
        self._by_room: dict[str, dict[int, Seat]] = {}
        self._listeners: list[Callable[[Notice], None]] = []

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Call ``listener`` with every notice of who comes, leaves or is renamed."""
        self._listeners.append(listener)

    def members(self) -> list[Member]:
        """Return everybody who is here, in the order of their coming or renaming."""
        members: list[Member] = []
        for seats in self._by_member.values():
            first_seat = next(iter(seats.values()))
            if first_seat.member is not None:
                members.append(first_seat.member)
        return members

    def of_everybody(self) -> list[tuple[Member, str | None]]:
        """Return each connection in the chat: who sits there, and in which room."""
        return [
            (seat.member, seat.room)
            for seats in self._by_member.values()
            for seat in seats.values()
            if seat.member is not None
        ]

    def find_member(self, member_key: str) -> Member | None:
        """Return who goes by this key, if they are here."""
        seats = self.of_member(member_key)
        if not seats:
            return None
        return seats[0].member

    def of_member(self, member_key: str) -> list[Seat]:
        """Return the seats of a member, who may have several connections."""
        seats = self._by_member.get(member_key, {})
        return list(seats.values())

    def in_room(self, room: str) -> tuple[Seat, ...]:
        """Return the seats in a room as they are now: a delivery may end one of them."""
        seats = self._by_room.get(room, {})
        return tuple(seats.values())

    def sit(
        self,
        seat: Seat,
        member: Member,
    ) -> None:
        """Give a free seat to a member; at their other seats they are known already."""
        known_member = self.find_member(member.key)
        seat.set_member(known_member or member)

        seats = self._by_member.setdefault(member.key, {})
        seats[seat.number] = seat

    def stand_up(self, seat: Seat) -> None:
        """Free a seat: its member leaves the room, with the last seat the chat."""
        member = seat.member
        if member is None:
            return

        self.leave_all(seat)
        seats = self._by_member[member.key]
        del seats[seat.number]
        if not seats:
            del self._by_member[member.key]
        seat.set_member(None)

    def enter(
        self,
        seat: Seat,
        room: str,
    ) -> None:
        """Take a seat into a room, out of the one where it was."""
        if room not in seat.rooms:
            self.leave_all(seat)
            self.join(seat, room)

    def join(
        self,
        seat: Seat,
        room: str,
    ) -> None:
        """Take a seat into a room, beside those where it is."""
        assert seat.member is not None
        if room in seat.rooms:
            return

        is_first = not self._is_in_room(seat.member, room)
        seat.rooms[room] = None
        seats = self._by_room.setdefault(room, {})
        seats[seat.number] = seat
        if is_first:
            joined = Notice(
                Change.JOINED,
                room,
                seat.member.alias,
                source=seat.number,
            )
            self._publish(joined)

    def leave_all(self, seat: Seat) -> None:
        """Take a seat out of the rooms where it is."""
        for room in list(seat.rooms):
            self.leave(seat, room)

    def leave(
        self,
        seat: Seat,
        room: str,
    ) -> None:
        """Take a seat out of a room."""
        if room not in seat.rooms or seat.member is None:
            return

        del seat.rooms[room]
        seats = self._by_room[room]
        del seats[seat.number]
        if not seats:
            del self._by_room[room]

        if not self._is_in_room(seat.member, room):
            left = Notice(
                Change.LEFT,
                room,
                seat.member.alias,
                source=seat.number,
            )
            self._publish(left)

    def _is_in_room(
        self,
        member: Member,
        room: str,
    ) -> bool:
        seats = self._by_member[member.key]
        return any(room in seat.rooms for seat in seats.values())

    def rename(
        self,
        member_key: str,
        alias: str,
        source: int = 0,
    ) -> None:
        """Give a member another alias; ``source`` asked for it."""
        before = self.find_member(member_key)
        if before is None:
            return

        seats = self._by_member.pop(member_key)
        self._by_member[member_key] = seats  # the last in the order
        member = replace(before, alias=alias)
        for seat in seats.values():
            seat.set_member(member)

        rooms = [room for seat in seats.values() for room in seat.rooms]
        for room in dict.fromkeys(rooms):  # each room once
            renamed = Notice(
                Change.RENAMED,
                room,
                before.alias,
                alias,
                source,
            )
            self._publish(renamed)

    def update(self, member: Member) -> None:
        """Take what has changed of a member's account; their alias stays."""
        own_seats = self.of_member(member.key)
        for seat in own_seats:
            if seat.member is not None:
                seat.set_member(replace(seat.member, actor=member.actor))

    def _publish(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)

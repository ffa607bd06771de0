"""Presence: who is in the chat now, under which alias and in which room, whatever wire they came by."""

from collections.abc import Callable, Iterable, ValuesView

from msgspec.structs import replace

from trastienda.domain.aliases import alias_keys, check_alias
from trastienda.domain.chat import Change, Member, Notice, account_key
from trastienda.domain.errors import AliasReserved, AlreadyExists
from trastienda.domain.people import User


class Seat:
    """One connection in the chat: who sits there, and in which room. A person may have several."""

    __slots__ = ("member", "number", "room")

    def __init__(self, number: int) -> None:
        self.number = number
        self.member: Member | None = None
        self.room: str | None = None


class _Person:
    """Somebody present: their seats, and the keys by which their alias is taken."""

    __slots__ = ("keys", "member", "seats")

    def __init__(self, member: Member) -> None:
        self.member = member
        self.keys = alias_keys(member.alias)
        self.seats: dict[int, Seat] = {}


class Presence:
    """The chat's members who are there. Call it from the event loop only."""

    def __init__(self, users: Iterable[User]) -> None:
        self._people: dict[str, _Person] = {}
        self._by_alias: dict[str, _Person] = {}
        self._rooms: dict[str, dict[int, Seat]] = {}
        self._reserved: dict[str, tuple[int, str]] = {}
        self._names: dict[int, frozenset[str]] = {}
        self._usernames: dict[int, str] = {}
        self._listeners: list[Callable[[Notice], None]] = []
        for user in users:
            self.learn(user)

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Call ``listener`` with every notice; it must not block."""
        self._listeners.append(listener)

    def learn(self, user: User) -> None:
        """Reserve the names of somebody with an account, from now on."""
        for key in self._names.pop(user.id, ()):
            self._reserved.pop(key, None)
        keys = alias_keys(user.username) | alias_keys(user.name.replace(" ", ""))
        self._names[user.id] = keys
        self._usernames[user.id] = user.username
        for key in keys:
            self._reserved.setdefault(key, (user.id, user.username))

    def account(self, alias: str) -> tuple[int, str] | None:
        """Return the account that is called so, present or not: its number and user name."""
        return next((self._reserved[key] for key in alias_keys(alias) if key in self._reserved), None)

    def username(self, user_id: int | None) -> str | None:
        """Return the user name of an account."""
        return None if user_id is None else self._usernames.get(user_id)

    def find(self, alias: str) -> Member | None:
        """Return the member present who goes by this alias."""
        person = self._holder(alias_keys(alias))
        return None if person is None else person.member

    def _holder(self, keys: Iterable[str]) -> _Person | None:
        return next((self._by_alias[key] for key in keys if key in self._by_alias), None)

    def members(self) -> list[Member]:
        """Return everybody present, in the order in which they came."""
        return [person.member for person in self._people.values()]

    def seats_of(self, key: str) -> list[Seat]:
        """Return the seats of a member."""
        person = self._people.get(key)
        return [] if person is None else list(person.seats.values())

    def seats_in(self, room: str) -> ValuesView[Seat]:
        """Return the seats in a room."""
        return self._rooms.get(room, {}).values()

    def sit(self, seat: Seat, member: Member) -> None:
        """Have ``member`` take a seat that nobody has.

        Raises Invalid, AliasReserved or AlreadyExists for an alias that they may not bear. Who logs in has their own
        name: a guest who goes by it gets another.
        """
        person = self._people.get(member.key)
        if person is None or member.actor is None:
            if member.actor is None:
                self.check_free(member.alias, None)
            else:
                self._make_way(alias_keys(member.alias), member.since_ms)
            person = _Person(member)
            self._people[member.key] = person
            self._take_keys(person)
        person.seats[seat.number] = seat
        seat.member = person.member

    def check_free(self, alias: str, member: Member | None) -> None:
        """Raise unless the alias is fit, nobody's name, and nobody else's alias; ``member`` is who wants it."""
        check_alias(alias)
        keys = alias_keys(alias)
        user_id = None if member is None else member.user_id
        if any(key in self._reserved and self._reserved[key][0] != user_id for key in keys):
            raise AliasReserved
        holder = self._holder(keys)
        if holder is not None and (member is None or holder.member.key != member.key):
            raise AlreadyExists("alias")

    def _make_way(self, keys: frozenset[str], now_ms: int) -> None:
        while (holder := self._holder(keys)) is not None:
            number = 2
            while self._holder(alias_keys(f"{holder.member.alias[:24]}-{number}")) is not None:
                number += 1
            self._rename(holder, f"{holder.member.alias[:24]}-{number}", now_ms)

    def _take_keys(self, person: _Person) -> None:
        for key in person.keys:
            self._by_alias[key] = person

    def _drop_keys(self, person: _Person) -> None:
        for key in person.keys:
            if self._by_alias.get(key) is person:
                del self._by_alias[key]

    def rename(self, seat: Seat, alias: str, now_ms: int) -> None:
        """Give whoever sits there another alias, theirs since ``now_ms``; raises like :meth:`sit`."""
        assert seat.member is not None
        self.check_free(alias, seat.member)
        self._rename(self._people[seat.member.key], alias, now_ms, seat.number)

    def _rename(self, person: _Person, alias: str, now_ms: int, source: int = 0) -> None:
        before = person.member
        self._drop_keys(person)
        del self._people[before.key]
        person.member = replace(before, alias=alias, since_ms=now_ms)
        person.keys = alias_keys(alias)
        self._people[person.member.key] = person
        self._take_keys(person)
        for seat in person.seats.values():
            seat.member = person.member
        for room in dict.fromkeys(seat.room for seat in person.seats.values() if seat.room is not None):
            self._tell(Notice(Change.RENAMED, room, before.alias, alias, source))

    def update(self, member: Member) -> None:
        """Put what has changed of somebody's account in the place of what was known; the alias stays."""
        person = self._people.get(member.key)
        if person is not None:
            person.member = replace(person.member, actor=member.actor)
            for seat in person.seats.values():
                seat.member = person.member

    def enter(self, seat: Seat, room: str) -> None:
        """Take the seat into a room, out of the one where it was."""
        assert seat.member is not None
        self.leave(seat)
        first = not self._is_in(seat.member, room)
        seat.room = room
        self._rooms.setdefault(room, {})[seat.number] = seat
        if first:
            self._tell(Notice(Change.JOINED, room, seat.member.alias, source=seat.number))

    def leave(self, seat: Seat) -> None:
        """Take the seat out of its room."""
        if seat.room is None or seat.member is None:
            return
        room, seat.room = seat.room, None
        seats = self._rooms[room]
        del seats[seat.number]
        if not seats:
            del self._rooms[room]
        if not self._is_in(seat.member, room):
            self._tell(Notice(Change.LEFT, room, seat.member.alias, source=seat.number))

    def _is_in(self, member: Member, room: str) -> bool:
        return any(seat.room == room for seat in self._people[member.key].seats.values())

    def stand_up(self, seat: Seat) -> None:
        """Free the seat: its connection is gone."""
        if seat.member is None:
            return
        self.leave(seat)
        person = self._people[seat.member.key]
        person.seats.pop(seat.number, None)
        seat.member = None
        if not person.seats:
            del self._people[person.member.key]
            self._drop_keys(person)

    def is_here(self, user_id: int) -> bool:
        """Tell whether an account has a seat."""
        return account_key(user_id) in self._people

    def _tell(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)

"""Presence: who is in the chat now, under which alias and in which room, whatever wire they came by."""

import itertools
from collections.abc import Callable, Iterable, ValuesView

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.aliases import alias_key, alias_keys, check_alias, is_reserved
from trastienda.domain.chat import Change, Member, Notice, account_key
from trastienda.domain.errors import AliasReserved, AlreadyExists
from trastienda.domain.people import User, username_key


class Seat:
    """One connection in the chat: who sits there, and in which room. A person may have several."""

    __slots__ = ("member", "number", "room")

    def __init__(self, number: int) -> None:
        self.number = number
        self.member: Member | None = None
        self.room: str | None = None


MAX_LOOKED_UP = 128
"""Characters of an alias that is looked for: nobody's is as long, and what is longer only costs time."""
NUMBERED_ALIAS = 24
"""Characters that are left of an alias which gets a number behind it."""


class _Account(Struct, frozen=True):
    """An account's user name, the keys by which it is reserved, and those of its bearer's own name."""

    username: str
    keys: frozenset[str]
    names: frozenset[str]


class _Person:
    """Somebody present: their seats, and the keys by which their alias is taken."""

    __slots__ = ("keys", "member", "seats")

    def __init__(self, member: Member) -> None:
        self.member = member
        self.keys = alias_keys(member.alias)
        self.seats: dict[int, Seat] = {}


class Found(Struct, frozen=True):
    """Whom an alias means: their key as a member, how they are called, and who they are, if they are there."""

    key: str
    alias: str
    member: Member | None


class Presence:
    """The chat's members who are there. Call it from the event loop only."""

    def __init__(self, users: Iterable[User]) -> None:
        self._people: dict[str, _Person] = {}
        self._by_alias: dict[str, _Person] = {}
        self._rooms: dict[str, dict[int, Seat]] = {}
        self._accounts: dict[int, _Account] = {}
        self._by_username: dict[str, int] = {}
        self._by_key: dict[str, set[int]] = {}
        self._by_name: dict[str, set[int]] = {}
        self._listeners: list[Callable[[Notice], None]] = []
        for user in users:
            self.learn(user)

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Call ``listener`` with every notice; it must not block."""
        self._listeners.append(listener)

    def learn(self, user: User) -> None:
        """Reserve the names of somebody with an account, from now on; those they had are free."""
        before = self._accounts.pop(user.id, None)
        if before is not None:
            del self._by_username[username_key(before.username)]
            for keys, index in (
                (before.keys, self._by_key),
                (before.names, self._by_name),
            ):
                for key in keys:
                    index[key].discard(user.id)
        account = _Account(
            user.username,
            alias_keys(user.username),
            alias_keys(user.name.replace(" ", "")),
        )
        self._accounts[user.id] = account
        self._by_username[username_key(user.username)] = user.id
        for keys, index in (
            (account.keys, self._by_key),
            (account.names, self._by_name),
        ):
            for key in keys:
                index.setdefault(key, set()).add(user.id)

    def username(self, user_id: int | None) -> str | None:
        """Return the user name of an account."""
        account = None if user_id is None else self._accounts.get(user_id)
        return None if account is None else account.username

    def find(self, alias: str) -> Found | None:
        """Return whom an alias means: its very bearer, then the account of that very name, then who looks alike."""
        if len(alias) > MAX_LOOKED_UP:
            return None
        keys = [alias_key(alias), *sorted(alias_keys(alias))]
        holder = self._holder(keys)
        if holder is not None and username_key(holder.member.alias) == username_key(
            alias
        ):
            return self._found(holder)
        user_id = self._by_username.get(username_key(alias))
        if user_id is None:
            if holder is not None:
                return self._found(holder)
            user_id = next(
                (min(ids) for key in keys if (ids := self._by_key.get(key))), None
            )
        if user_id is None:
            return None
        person = self._people.get(account_key(user_id))
        if person is not None:
            return self._found(person)
        return Found(account_key(user_id), self._accounts[user_id].username, None)

    def _found(self, person: "_Person") -> Found:
        return Found(person.member.key, person.member.alias, person.member)

    def _holder(self, keys: Iterable[str]) -> _Person | None:
        return next(
            (self._by_alias[key] for key in keys if key in self._by_alias), None
        )

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

        Raises Invalid, AliasReserved or AlreadyExists for an alias that a guest may not bear. Who logs in bears their
        user name, and whoever goes by it without being called so gets another; where it is not theirs alone (it looks
        like that of an account before theirs, or is the house's own), they get a number behind it.
        """
        person = self._people.get(member.key)
        if person is None or member.actor is None:
            if member.actor is None:
                self.check_free(member.alias, None)
            else:
                member = replace(member, alias=self._own_alias(member))
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
        names = (
            (self._by_key,)
            if user_id is not None and self._bears(user_id, keys)
            else (self._by_key, self._by_name)
        )
        if any(index.get(key, set()) - {user_id} for key in keys for index in names):
            raise AliasReserved
        holder = self._holder(keys)
        if holder is not None and (member is None or holder.member.key != member.key):
            raise AlreadyExists("alias")

    def _bears(self, user_id: int, keys: frozenset[str]) -> bool:
        """Tell whether this is the account's own user name: that it is somebody's name as well takes nothing away."""
        account = self._accounts.get(user_id)
        return account is not None and not keys.isdisjoint(account.keys)

    def _own_alias(self, member: Member) -> str:
        """Return the alias of an account that comes in, and have whoever bears it without right give way."""
        keys = alias_keys(member.alias)
        older = any(
            min(ids) != member.user_id for key in keys if (ids := self._by_key.get(key))
        )
        if older or is_reserved(member.alias):
            return self._numbered(member.alias)
        while (holder := self._holder(keys)) is not None:
            user_id = holder.member.user_id
            if user_id is not None and self._bears(
                user_id, alias_keys(holder.member.alias)
            ):
                return self._numbered(member.alias)
            self._rename(holder, self._numbered(holder.member.alias), member.since_ms)
        return member.alias

    def _numbered(self, alias: str) -> str:
        """Return the alias with the first number behind it that makes it nobody's."""
        return next(
            candidate
            for candidate in (
                f"{alias[:NUMBERED_ALIAS]}-{number}" for number in itertools.count(2)
            )
            if self._holder(alias_keys(candidate)) is None
            and not any(self._by_key.get(key) for key in alias_keys(candidate))
        )

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

    def _rename(
        self, person: _Person, alias: str, now_ms: int, source: int = 0
    ) -> None:
        before = person.member
        self._drop_keys(person)
        del self._people[before.key]
        person.member = replace(before, alias=alias, since_ms=now_ms)
        person.keys = alias_keys(alias)
        self._people[person.member.key] = person
        self._take_keys(person)
        for seat in person.seats.values():
            seat.member = person.member
        for room in dict.fromkeys(
            seat.room for seat in person.seats.values() if seat.room is not None
        ):
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
        if seat.room == room:
            return
        self.leave(seat)
        first = not self._is_in(seat.member, room)
        seat.room = room
        self._rooms.setdefault(room, {})[seat.number] = seat
        if first:
            self._tell(
                Notice(Change.JOINED, room, seat.member.alias, source=seat.number)
            )

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
        return any(
            seat.room == room for seat in self._people[member.key].seats.values()
        )

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

    def _tell(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)

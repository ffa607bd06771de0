"""Presence: who is there, under which alias, and in which room."""

import pytest
from msgspec.structs import replace

from trastienda.domain.chat import Change, Member, Notice
from trastienda.domain.errors import AliasReserved, AlreadyExists, Invalid
from trastienda.domain.people import Actor, Role, User
from trastienda.live.presence import Found, Presence, Seat


def user(
    number: int, username: str, name: str = "", role: Role = Role.CUSTOMER
) -> User:
    return User(
        id=number,
        rut=f"{number}-0",
        name=name or username.capitalize(),
        email=None,
        username=username,
        role=role,
        active=True,
        verified=True,
        created_at_ms=0,
        version=1,
    )


def account(number: int, username: str, since_ms: int = 0) -> Member:
    actor = Actor(
        user_id=number,
        rut=f"{number}-0",
        name=username,
        role=Role.CUSTOMER,
        origin="test",
    )
    return Member(alias=username, actor=actor, since_ms=since_ms)


def guest(alias: str, since_ms: int = 0) -> Member:
    return Member(alias=alias, since_ms=since_ms)


class Room:
    """A presence with its notices, and seats in it."""

    def __init__(self) -> None:
        self.presence = Presence([user(1, "ana"), user(2, "beto", "Alberto Rojas")])
        self.notices: list[Notice] = []
        self.presence.listen(self.notices.append)
        self._numbers = iter(range(1, 100))

    def come(self, member: Member, room: str | None = "general") -> Seat:
        seat = Seat(next(self._numbers))
        self.presence.sit(seat, member)
        if room is not None:
            self.presence.enter(seat, room)
        return seat

    def told(self) -> list[tuple[Change, str, str, str | None]]:
        told, self.notices[:] = (
            [(it.change, it.room, it.alias, it.new_alias) for it in self.notices],
            [],
        )
        return told


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_alias_belongs_to_one_however_it_is_dressed_up(room: Room) -> None:
    seat = room.come(guest("Pedro"))
    for alias in ("pedro", "PEDR0", "p\u00e9dro"):
        with pytest.raises(AlreadyExists):
            room.come(guest(alias))
    room.presence.stand_up(seat)
    room.come(guest("pedro"))


@pytest.mark.parametrize("alias", ["ana", "\u00c1na", "BETO", "AlbertoRojas"])
def test_the_names_of_users_are_kept_for_them(room: Room, alias: str) -> None:
    with pytest.raises(AliasReserved):
        room.come(guest(alias))


def test_an_unfit_alias_is_refused(room: Room) -> None:
    with pytest.raises(Invalid):
        room.come(guest("a b"))


def test_a_name_that_was_given_up_is_free_and_a_new_one_is_not(room: Room) -> None:
    room.presence.learn(user(1, "anita"))
    room.come(guest("ana"))
    with pytest.raises(AliasReserved):
        room.come(guest("anita"))
    assert room.presence.find("ANITA") == Found("u1", "anita", None)


def test_a_user_may_sit_in_several_seats_and_leaves_with_the_last(room: Room) -> None:
    one, other = room.come(account(1, "ana")), room.come(account(1, "ana"))
    assert room.told() == [(Change.JOINED, "general", "ana", None)]
    assert [it.number for it in room.presence.seats_of("u1")] == [
        one.number,
        other.number,
    ]
    room.presence.stand_up(one)
    assert room.told() == []
    room.presence.stand_up(other)
    assert room.told() == [(Change.LEFT, "general", "ana", None)]
    assert room.presence.members() == []


def test_standing_up_twice_is_standing_up(room: Room) -> None:
    seat = room.come(guest("pedro"))
    room.presence.stand_up(seat)
    room.presence.stand_up(seat)
    assert len(room.told()) == 2


def test_who_changes_rooms_leaves_one_and_joins_the_other(room: Room) -> None:
    seat = room.come(account(1, "ana"))
    room.presence.enter(seat, "bodega")
    assert room.told()[1:] == [
        (Change.LEFT, "general", "ana", None),
        (Change.JOINED, "bodega", "ana", None),
    ]
    assert list(room.presence.seats_in("bodega")) == [seat]
    assert list(room.presence.seats_in("general")) == []


def test_a_rename_is_told_in_each_room_and_frees_the_old_alias(room: Room) -> None:
    one, _ = room.come(account(1, "ana")), room.come(account(1, "ana"), "bodega")
    room.told()
    room.presence.rename(one, "anita", 5)
    assert room.told() == [
        (Change.RENAMED, "general", "ana", "anita"),
        (Change.RENAMED, "bodega", "ana", "anita"),
    ]
    there = room.presence.seats_of("u1")[1].member
    assert room.presence.find("ANITA") == Found("u1", "anita", there)
    assert room.presence.find("ana") == Found("u1", "anita", there), (
        "who is called so is meant as well"
    )


def test_a_rename_to_a_taken_alias_changes_nothing(room: Room) -> None:
    one, _ = room.come(guest("pedro")), room.come(guest("pablo"))
    room.told()
    for alias, error in (
        ("PABLO", AlreadyExists),
        ("ana", AliasReserved),
        ("-", Invalid),
    ):
        with pytest.raises(error):
            room.presence.rename(one, alias, 5)
    assert one.member == guest("pedro")
    room.presence.rename(one, "Pedro", 5)  # one's own, written otherwise
    assert room.told() == [(Change.RENAMED, "general", "pedro", "Pedro")]


def test_an_alias_is_borne_since_it_was_taken(room: Room) -> None:
    seat = room.come(guest("pedro", since_ms=1))
    room.presence.rename(seat, "pablo", 7)
    assert seat.member == guest("pablo", since_ms=7)


def test_a_guest_gives_way_to_the_user_whose_name_they_bear(room: Room) -> None:
    first, second = room.come(guest("nuevo-2")), room.come(guest("nuevo"))
    room.presence.learn(user(3, "nuevo"))
    room.told()
    room.come(account(3, "nuevo", since_ms=9))
    assert second.member == guest("nuevo-3", since_ms=9)
    assert first.member == guest("nuevo-2")
    assert room.told()[0] == (Change.RENAMED, "general", "nuevo", "nuevo-3")
    assert room.presence.find("nuevo") == Found(
        "u3", "nuevo", account(3, "nuevo", since_ms=9)
    )


def test_an_account_that_looks_like_an_older_one_has_a_number_behind_its_name(
    room: Room,
) -> None:
    room.presence.learn(user(9, "bet0"))
    late = room.come(account(9, "bet0"))
    assert late.member is not None
    assert late.member.alias == "bet0-2"
    assert room.presence.find("beto") == Found("u2", "beto", None), (
        "a message for beto is not for who looks like him"
    )
    room.come(account(2, "beto"))
    found = room.presence.find("beto")
    assert found is not None
    assert (found.key, found.alias) == ("u2", "beto")


def test_somebody_elses_own_name_takes_nothing_from_an_account(room: Room) -> None:
    room.presence.learn(replace(user(9, "cliente9"), name="Beto"))
    assert room.presence.find("beto") == Found("u2", "beto", None)
    seat = room.come(account(2, "beto"))
    assert seat.member is not None
    assert seat.member.alias == "beto"
    with pytest.raises(AliasReserved):
        room.presence.rename(room.come(account(9, "cliente9")), "beto", 5)


def test_an_account_called_like_the_house_does_not_pass_for_it(room: Room) -> None:
    room.presence.learn(user(9, "trastienda"))
    seat = room.come(account(9, "trastienda"))
    assert seat.member is not None
    assert seat.member.alias == "trastienda-2"


def test_what_changes_of_an_account_holds_at_every_seat_and_the_alias_stays(
    room: Room,
) -> None:
    one, other = room.come(account(1, "ana")), room.come(account(1, "ana"))
    room.presence.rename(one, "anita", 5)
    changed = account(1, "ana")
    assert changed.actor is not None
    room.presence.update(changed)
    assert one.member == other.member
    assert one.member is not None
    assert (one.member.alias, one.member.actor) == ("anita", changed.actor)

"""Seats: who sits where, and the notices of who comes, leaves and is renamed."""

import pytest
from tests.live.people import QuietSeat, account, guest

from trastienda.domain.chat import Change, Member, Notice
from trastienda.live.seats import Seats


class Hall:
    """Seats, and the notices that they publish."""

    def __init__(self) -> None:
        self.seats = Seats()
        self._notices: list[Notice] = []
        self.seats.listen(self._notices.append)
        self._count = 0

    def come(self, member: Member, room: str | None = "general") -> QuietSeat:
        self._count += 1
        seat = QuietSeat(self._count)
        self.seats.sit(seat, member)
        if room is not None:
            self.seats.enter(seat, room)
        return seat

    def notices(self) -> list[tuple[Change, str, str, str | None]]:
        """The notices since the last time."""
        notices = [
            (notice.change, notice.room, notice.alias, notice.new_alias)
            for notice in self._notices
        ]
        self._notices.clear()
        return notices


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_member_with_two_seats_joins_once_and_leaves_with_the_last(
    hall: Hall,
) -> None:
    first, second = hall.come(account(1, "ana")), hall.come(account(1, "ana"))
    assert hall.notices() == [(Change.JOINED, "general", "ana", None)]
    assert hall.seats.of_member("u1") == [first, second]
    hall.seats.stand_up(first)
    assert hall.notices() == []
    hall.seats.stand_up(second)
    assert hall.notices() == [(Change.LEFT, "general", "ana", None)]
    assert hall.seats.members() == []
    assert hall.seats.find_member("u1") is None


def test_standing_up_twice_is_announced_once(hall: Hall) -> None:
    seat = hall.come(guest("pedro"))
    hall.seats.stand_up(seat)
    hall.seats.stand_up(seat)
    assert len(hall.notices()) == 2
    assert seat.member is None


def test_entering_another_room_leaves_the_first(hall: Hall) -> None:
    seat = hall.come(account(1, "ana"))
    hall.seats.enter(seat, "bodega")
    assert hall.notices()[1:] == [
        (Change.LEFT, "general", "ana", None),
        (Change.JOINED, "bodega", "ana", None),
    ]
    assert list(hall.seats.in_room("bodega")) == [seat]
    assert list(hall.seats.in_room("general")) == []


def test_entering_the_same_room_again_is_not_announced(hall: Hall) -> None:
    seat = hall.come(guest("pedro"))
    hall.notices()
    hall.seats.enter(seat, "general")
    assert hall.notices() == []


def test_a_rename_is_announced_in_each_room_of_the_member(hall: Hall) -> None:
    first, second = hall.come(account(1, "ana")), hall.come(account(1, "ana"), "bodega")
    hall.notices()
    hall.seats.rename("u1", "anita", first.number)
    assert hall.notices() == [
        (Change.RENAMED, "general", "ana", "anita"),
        (Change.RENAMED, "bodega", "ana", "anita"),
    ]
    assert first.member == second.member
    assert first.member is not None
    assert first.member.alias == "anita"


def test_a_renamed_guest_is_the_same_member(hall: Hall) -> None:
    seat = hall.come(guest("pedro"))
    hall.seats.rename(guest("pedro").key, "pablo")
    assert seat.member == Member(alias="pablo", guest_id="pedro")
    assert hall.seats.of_member(guest("pedro").key) == [seat]


def test_renaming_nobody_changes_nothing(hall: Hall) -> None:
    hall.seats.rename("gnadie", "otra", 5)
    assert hall.notices() == []


def test_a_changed_account_is_known_at_every_seat_and_keeps_its_alias(
    hall: Hall,
) -> None:
    first, second = hall.come(account(1, "ana")), hall.come(account(1, "ana"))
    hall.seats.rename("u1", "anita", 5)
    changed = account(1, "otra")
    hall.seats.update(changed)
    for seat in (first, second):
        assert seat.member is not None
        assert (seat.member.alias, seat.member.actor) == ("anita", changed.actor)


def test_members_are_listed_in_the_order_in_which_they_came(hall: Hall) -> None:
    for alias in ("pedro", "ana", "zoe"):
        hall.come(guest(alias))
    assert [member.alias for member in hall.seats.members()] == ["pedro", "ana", "zoe"]

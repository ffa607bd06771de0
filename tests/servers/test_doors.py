"""Doors: who gets a place, and who makes way."""

import pytest

from trastienda.domain.errors import Crowded, CrowdedNetwork
from trastienda.servers.doors import Door, Place

HERE = "127.0.0.1"
ELSEWHERE = "192.0.2.1"


def entered(door: Door, address: str, gone: list[Place]) -> Place:
    place = door.enter(address)
    place.give_way = lambda: gone.append(place)
    return place


def test_where_all_places_are_taken_whoever_waited_longest_makes_way() -> None:
    door, gone = Door("door", 3), list[Place]()
    first, second, third = (entered(door, HERE, gone) for _ in range(3))
    first.wait()
    entered(door, HERE, gone)
    entered(door, HERE, gone)
    assert gone == [second, third]
    assert (door.count, door.sent_away) == (3, 2)


def test_whoever_is_served_keeps_the_place() -> None:
    door, gone = Door("door", 2), list[Place]()
    for _ in range(2):
        entered(door, HERE, gone).settle()
    with pytest.raises(Crowded):
        door.enter(HERE)
    assert (gone, door.count, door.refused) == ([], 2, 1)


def test_a_place_is_given_back_once() -> None:
    door, gone = Door("door", 1), list[Place]()
    place = entered(door, HERE, gone)
    place.leave()
    place.leave()
    place.wait()
    assert door.count == 0
    entered(door, HERE, gone)
    assert gone == []


def test_one_network_has_its_limit_and_its_places_back() -> None:
    door = Door("door", 10, per_network=2)
    first = door.enter("2001:db8::1")
    door.enter("2001:db8::2")
    with pytest.raises(CrowdedNetwork):
        door.enter("2001:db8::3")
    door.enter("2001:db8:0:1::1")
    first.leave()
    door.enter("2001:db8::3")


def test_this_machine_has_no_such_limit_and_some_places_of_its_own() -> None:
    door, gone = Door("door", 8, per_network=7), list[Place]()
    for number in range(7):
        entered(door, f"192.0.2.{number}", gone).settle()
    with pytest.raises(Crowded):
        door.enter(ELSEWHERE)
    entered(door, HERE, gone).settle()
    with pytest.raises(Crowded):
        door.enter(HERE)

    door = Door("door", 8, per_network=2)
    for _ in range(8):
        door.enter(HERE)


def test_who_is_trusted_is_said_from_outside() -> None:
    door = Door("door", 8, 1, is_trusted=lambda address: address == ELSEWHERE)
    door.enter(ELSEWHERE)
    door.enter(ELSEWHERE)
    door.enter(HERE)
    with pytest.raises(CrowdedNetwork):
        door.enter(HERE)

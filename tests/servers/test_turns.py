"""Turns: crowds take turns, and whoever waits for the most makes room."""

from trastienda.servers.turns import Turn, Turns


def drained(turns: Turns[str]) -> list[str]:
    items = []
    while (item := turns.pop()) is not None:
        items.append(item)
    assert len(turns) == 0
    return items


def test_crowds_take_turns_and_so_do_their_members() -> None:
    turns: Turns[str] = Turns(100)
    for number in range(3):
        turns.put(Turn("crowd", "clara"), f"clara {number}")
    turns.put(Turn("crowd", "beto"), "beto")
    turns.put(Turn("staff", "ana"), "ana")
    assert drained(turns) == ["clara 0", "ana", "beto", "clara 1", "clara 2"]


def test_one_too_many_pushes_out_the_newest_of_the_largest_crowd() -> None:
    turns: Turns[str] = Turns(4)
    for number in range(4):
        assert turns.put(Turn("crowd", number), f"{number}") is None
    assert turns.put(Turn("crowd", 9), "the fifth") == "the fifth"
    assert turns.put(Turn("staff", "ana"), "ana") is not None
    assert len(turns) == 4
    assert "ana" in drained(turns)


def test_within_a_crowd_the_member_with_most_makes_room() -> None:
    turns: Turns[str] = Turns(4)
    for number in range(4):
        turns.put(Turn("crowd", "clara"), f"clara {number}")
    assert turns.put(Turn("crowd", "clara"), "clara 4") == "clara 4"
    assert turns.put(Turn("crowd", "beto"), "beto") == "clara 3"
    assert drained(turns) == ["clara 0", "beto", "clara 1", "clara 2"]

"""The queue of lines: what waits, how much of it, and when more may be read."""

import pytest

from trastienda.servers.tcp.line_queue import (
    MAX_CHARS_WAITING,
    MAX_LINES_WAITING,
    LineQueue,
)
from trastienda.wire.lines.framing import Fault, Line


def drained(queue: LineQueue) -> list[Line]:
    return [queue.take() for _ in range(len(queue))]


def reading(queue: LineQueue) -> str:
    """What the owner of a queue does: it stops reading, goes on, or leaves it as it is."""
    if queue.is_full:
        return "stops"
    return "goes on" if queue.wants_more else "as before"


def test_lines_are_taken_in_the_order_in_which_they_came() -> None:
    queue = LineQueue()
    queue.feed(b"uno\ndos\ntr")
    queue.feed(b"es\n\xff\xfe\n")
    assert drained(queue) == ["uno", "dos", "tres", Fault.NOT_UTF8]


def test_taking_from_an_empty_queue_is_an_error() -> None:
    with pytest.raises(IndexError):
        LineQueue().take()


def test_the_end_adds_the_last_line_without_its_newline() -> None:
    queue = LineQueue()
    queue.feed(b"uno\nadios")
    queue.end()
    assert drained(queue) == ["uno", "adios"]
    assert queue.has_ended


def test_a_queue_is_full_beyond_its_lines_and_wants_more_at_half_of_them() -> None:
    queue = LineQueue()
    queue.feed(b"x\n" * MAX_LINES_WAITING)
    assert reading(queue) == "as before"
    queue.feed(b"x\n")
    assert reading(queue) == "stops"
    while len(queue) > MAX_LINES_WAITING // 2:
        assert reading(queue) != "goes on"
        queue.take()
    assert reading(queue) == "goes on"


def test_a_queue_is_full_beyond_its_characters() -> None:
    queue = LineQueue()
    line = "ñ" * 4000
    lines = MAX_CHARS_WAITING // len(line)
    for _ in range(lines):
        queue.feed(f"{line}\n".encode())
    assert reading(queue) == "as before"
    queue.feed(f"{line}\n".encode())
    assert reading(queue) == "stops"
    for _ in range(lines // 2 + 1):
        queue.take()
    assert reading(queue) == "goes on"


def test_faults_count_as_lines_and_not_as_characters() -> None:
    queue = LineQueue()
    queue.feed(b"\xff\n" * (MAX_LINES_WAITING + 1))
    assert queue.is_full
    drained(queue)
    assert queue.wants_more


def test_clearing_drops_what_waits_and_keeps_an_unfinished_line() -> None:
    queue = LineQueue()
    queue.feed(b"uno\n" * (MAX_LINES_WAITING + 1) + b"do")
    queue.clear()
    assert len(queue) == 0
    assert queue.wants_more
    queue.feed(b"s\n")
    assert drained(queue) == ["dos"]


def test_a_stopped_queue_wants_nothing_more_and_gives_what_waits() -> None:
    queue = LineQueue()
    queue.feed(b"uno\n")
    queue.stop()
    assert not queue.wants_more
    assert drained(queue) == ["uno"]

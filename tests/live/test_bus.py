"""The bus: what was committed is told once, in order, to whoever wants to hear it."""

import logging
from collections.abc import Sequence

import pytest

from trastienda.domain.events import (
    EVERYBODY,
    NOBODY,
    Event,
    Kind,
    SessionsEnded,
    may_hear,
)
from trastienda.domain.movements import StockLevel
from trastienda.domain.people import Role
from trastienda.live.bus import Bus


def level(n: int) -> Event:
    return Event(
        n=n,
        kind=Kind.STOCK,
        at_ms=0,
        audience=EVERYBODY,
        subject=StockLevel("P", n * 1000),
    )


def ended(n: int) -> Event:
    return Event(
        n=n,
        kind=Kind.SESSIONS_ENDED,
        at_ms=0,
        audience=NOBODY,
        subject=SessionsEnded(1),
    )


def test_events_are_published_once() -> None:
    bus, heard = Bus(3), list[int]()
    bus.listen(lambda events: heard.extend(event.n for event in events))
    bus.publish([level(2), level(3), level(4)])
    bus.publish([level(4)])
    bus.publish([])
    bus.publish([level(5), level(6)])
    assert heard == [4, 5, 6]
    assert bus.n == 6


def test_a_listener_hears_batches_with_its_kinds() -> None:
    bus, heard = Bus(0), list[int]()
    bus.listen(lambda events: heard.append(len(events)), {Kind.SESSIONS_ENDED})
    bus.publish([level(1), level(2)])
    bus.publish([level(3), ended(4)])
    assert heard == [2]


def test_a_failing_listener_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus, heard = Bus(0), list[int]()

    def fail(events: Sequence[Event]) -> None:
        raise RuntimeError("deaf")

    bus.listen(fail)
    bus.listen(lambda events: heard.append(events[-1].n))
    with caplog.at_level(logging.ERROR):
        bus.publish([level(1)])
    assert heard == [1]
    assert "a listener failed at event 1" in caplog.text


def test_a_removed_listener_hears_nothing_more() -> None:
    bus, heard = Bus(0), list[int]()
    leave = bus.listen(lambda events: heard.append(events[-1].n))
    bus.publish([level(1)])
    leave()
    bus.publish([level(2)])
    assert heard == [1]


def test_an_event_for_nobody_may_be_heard_by_nobody() -> None:
    assert not may_hear(
        ended(1), user_id=1, role=Role.ADMINISTRATOR, rut="1-9", verified=True
    )
    assert may_hear(level(1), user_id=2, role=Role.CUSTOMER, rut="2-7", verified=False)

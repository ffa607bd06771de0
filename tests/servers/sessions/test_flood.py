"""Floods: how much one connection, one person and one network may say. Time stands still
meanwhile."""

import pytest

from trastienda.domain.errors import Muted
from trastienda.servers.sessions import flood
from trastienda.servers.sessions.flood import (
    ADDRESS_FACTOR,
    BURST_S,
    MUTE_AFTER_S,
    MUTE_S,
    Flood,
    Meter,
)

RATE = 4
BURST = RATE * BURST_S
NETWORK_BURST = BURST * ADDRESS_FACTOR


class Clock:
    """A clock that a test moves on."""

    now_s = 1000.0

    def monotonic(self) -> float:
        """What it shows."""
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that meters look at."""
    clock = Clock()
    monkeypatch.setattr(flood, "time", clock)
    return clock


def lines_at_once(
    limits: Flood, address: str, key: str | None = None, *, meters: int
) -> int:
    """How many lines come through at once from an address, evenly over many connections."""
    connections = [Meter(limits) for _ in range(meters)]
    lines = 0
    while all(meter.take(address, key) == 0 for meter in connections):
        lines += meters
    return lines


def test_one_connection_has_a_burst(clock: Clock) -> None:
    assert lines_at_once(Flood(RATE), "192.0.2.1", meters=1) == BURST


def test_the_connections_of_a_person_share_one_burst(clock: Clock) -> None:
    assert lines_at_once(Flood(RATE), "192.0.2.1", "u1", meters=4) == BURST


def test_a_network_of_a_household_has_ten_times_as_much(clock: Clock) -> None:
    limits = Flood(RATE)
    connections = [
        Meter(limits) for _ in range(4 * ADDRESS_FACTOR)
    ]  # none of them has said a fourth of its own burst
    waits = [
        meter.take(f"2001:db8::{number:x}", None)
        for number, meter in enumerate(connections * (BURST // 4))
    ]
    assert len(waits) == NETWORK_BURST
    assert set(waits) == {0.0}
    assert connections[0].take("2001:db8::ffff:1", None) > 0
    assert Meter(limits).take("2001:db8::ffff:2", None) > 0
    assert Meter(limits).take("2001:db8:0:1::1", None) == 0


def test_who_shares_a_network_with_a_flood_waits_and_is_not_muted(
    clock: Clock,
) -> None:
    limits = Flood(RATE)
    neighbours = [Meter(limits) for _ in range(4 * ADDRESS_FACTOR)]
    for meter in neighbours * (BURST // 4):
        meter.take("2001:db8::1", None)
    calm = Meter(limits)
    for _ in range(2 * MUTE_AFTER_S):
        for meter in neighbours * RATE:  # it presses on
            meter.take("2001:db8::1", None)
        assert calm.take("2001:db8::2", None) > 0
        calm.check()
        clock.now_s += 1


def test_who_presses_for_too_long_is_muted_for_a_while(clock: Clock) -> None:
    meter = Meter(Flood(RATE))
    for _ in range(MUTE_AFTER_S + 2):
        for _ in range(2 * BURST):
            meter.take("192.0.2.1", None)
        clock.now_s += 1
    with pytest.raises(Muted):
        meter.check()
    clock.now_s += MUTE_S
    meter.check()


def test_without_a_rate_there_is_no_limit(clock: Clock) -> None:
    meter = Meter(Flood(0))
    assert {meter.take("192.0.2.1", "u1") for _ in range(10_000)} == {0.0}

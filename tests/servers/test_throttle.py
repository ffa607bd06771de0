"""Throttles: so many at once, then one every so often, in bounded memory."""

import pytest

from trastienda.domain.errors import TooManyRequests
from trastienda.servers import throttle
from trastienda.servers.throttle import Throttle

AGES_S = 10_000.0
"""Nothing comes back while a test runs."""


def test_the_burst_passes_at_once_and_no_more() -> None:
    one = Throttle(3, AGES_S)
    for _ in range(3):
        one.take("x")
    with pytest.raises(TooManyRequests) as refusal:
        one.take("x")
    assert 0 < refusal.value.retry_after_s <= AGES_S


def test_each_key_has_a_bucket_of_its_own() -> None:
    one = Throttle(1, AGES_S)
    one.take("x")
    one.take("y")
    for key in ("x", "y"):
        with pytest.raises(TooManyRequests):
            one.take(key)


def test_a_refused_attempt_does_not_lengthen_the_wait() -> None:
    one = Throttle(1, AGES_S)
    one.take("x")
    waits = set()
    for _ in range(5):
        with pytest.raises(TooManyRequests) as refusal:
            one.take("x")
        waits.add(refusal.value.retry_after_s)
    assert max(waits) <= AGES_S


def test_an_attempt_given_back_may_be_taken_again() -> None:
    one = Throttle(2, AGES_S)
    for _ in range(50):
        one.take("x")
        one.give_back("x")
    one.give_back("never taken")
    one.take("x")
    one.take("x")
    with pytest.raises(TooManyRequests):
        one.take("x")


def test_giving_back_too_often_does_not_enlarge_the_burst() -> None:
    one = Throttle(1, AGES_S)
    one.take("x")
    for _ in range(5):
        one.give_back("x")
    one.take("x")
    with pytest.raises(TooManyRequests):
        one.take("x")


def test_one_attempt_comes_back_after_its_time() -> None:
    one = Throttle(1, 0.0)
    for _ in range(5):
        one.take("x")


def test_a_flood_of_keys_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_KEYS", 10)
    one = Throttle(1, AGES_S)
    for number in range(100):
        one.take(number)
    with pytest.raises(TooManyRequests):
        one.take(99)
    one.take(0)

"""Attempts to log in: what is counted for whom, in bounded memory."""

import pytest

from trastienda.domain.errors import TooManyRequests
from trastienda.servers import login_attempts, throttle
from trastienda.servers.login_attempts import PER_ACCOUNT_HERE, LoginAttempts

ANA = 1
BURST, _ = PER_ACCOUNT_HERE


def at_its_limit(account: int | str) -> LoginAttempts:
    attempts = LoginAttempts()
    for _ in range(BURST):
        attempts.begin("10.0.0.1", account, is_familiar=False)
    return attempts


def test_made_up_names_do_not_push_out_an_account_at_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttle, "MAX_KEYS", 20)
    attempts = at_its_limit(ANA)
    for number in range(500):
        attempts.begin(f"10.1.{number}", f"nadie{number}", is_familiar=False)
    with pytest.raises(TooManyRequests):
        attempts.begin("10.0.0.1", ANA, is_familiar=False)


def test_names_that_nobody_has_wait_like_accounts() -> None:
    attempts = at_its_limit("nadie")
    with pytest.raises(TooManyRequests):
        attempts.begin("10.0.0.1", "nadie", is_familiar=False)


def test_a_network_at_its_limit_counts_no_further_names() -> None:
    attempts = LoginAttempts()
    burst, _ = login_attempts.PER_NETWORK
    for number in range(burst):
        attempts.begin("10.0.0.1", f"nadie{number}", is_familiar=False)
    for _ in range(50):
        with pytest.raises(TooManyRequests):
            attempts.begin("10.0.0.1", ANA, is_familiar=False)
    attempts.begin("10.0.0.2", ANA, is_familiar=False)


def test_who_is_known_from_where_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_attempts, "MAX_ACCOUNTS", 10)
    attempts = LoginAttempts()
    attempts.remember("10.0.0.0", ANA)
    assert attempts.is_familiar("10.0.0.0", ANA) is None, "nothing was recalled of her"

    attempts.recall(ANA, [f"10.0.0.{number}" for number in range(20)])
    assert attempts.is_familiar("10.0.0.0", ANA), "the last"
    assert not attempts.is_familiar("10.0.0.19", ANA), "the first of twenty"
    for number in range(20, 27):
        attempts.remember(f"10.0.0.{number}", ANA)
    assert attempts.is_familiar("10.0.0.0", ANA)
    attempts.remember("10.0.0.27", ANA)
    assert not attempts.is_familiar("10.0.0.0", ANA)

    for user_id in range(100, 120):
        attempts.recall(user_id, [])
    assert attempts.is_familiar("10.0.0.27", ANA) is None, "to be recalled again"

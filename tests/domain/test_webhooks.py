"""Webhooks: how long they wait after failures, when they are given up, and who hears what."""

from msgspec.structs import replace

from trastienda.domain.events import (
    ADMINISTRATORS,
    EVERYBODY,
    STAFF_ONLY,
    Audience,
    Code,
    Event,
    Kind,
)
from trastienda.domain.webhooks import (
    HOPELESS_ATTEMPTS,
    HOPELESS_MS,
    OVERLAP_MS,
    Progress,
    Webhook,
    is_for_webhooks,
    is_hopeless,
    kinds_of,
    pause_s,
)

ONE = Webhook(
    id="a",
    user_id=1,
    url="https://sistema.cl/",
    kinds=None,
    off=None,
    secret="new",
    previous_secret=None,
    previous_until_ms=None,
    created_at_ms=0,
    version=1,
    progress=Progress(n=1),
)


def test_pauses_grow_from_a_second_to_an_hour_and_are_spread_by_chance() -> None:
    pauses = [pause_s(attempts, 0.5) for attempts in range(1, 16)]
    assert pauses[:6] == [1, 2, 4, 8, 16, 32]
    assert pauses[-3:] == [3600] * 3
    assert pause_s(5, 0.0) == 16 * 0.8
    assert pause_s(5, 1.0) == 16 * 1.2
    assert pause_s(1, 0.0) == 1
    assert pause_s(10**9, 1.0) == 3600


def test_a_receiver_gets_the_pause_that_it_asks_for_up_to_a_day() -> None:
    assert pause_s(1, 0.5, 100) == 100
    assert pause_s(5, 0.5, 3) == 16
    assert pause_s(1, 0.5, 10**8) == 24 * 3600


def test_an_address_is_given_up_after_days_and_many_attempts() -> None:
    failing = Progress(n=1, attempts=HOPELESS_ATTEMPTS, failing_since_ms=0)
    assert is_hopeless(failing, HOPELESS_MS)
    assert not is_hopeless(failing, HOPELESS_MS - 1)
    few = replace(failing, attempts=HOPELESS_ATTEMPTS - 1)
    assert not is_hopeless(few, HOPELESS_MS)
    assert not is_hopeless(Progress(n=1), HOPELESS_MS)


def test_the_secret_before_signs_for_a_day() -> None:
    renewed = replace(ONE, previous_secret="old", previous_until_ms=OVERLAP_MS)
    assert renewed.secrets_at(OVERLAP_MS - 1) == ["new", "old"]
    assert renewed.secrets_at(OVERLAP_MS) == ["new"]
    assert ONE.secrets_at(0) == ["new"]


def test_talk_is_heard_only_by_who_asks_for_it() -> None:
    assert kinds_of(ONE, Kind) == set(Kind) - {Kind.MESSAGE, Kind.PRIVATE_MESSAGE}
    asking = replace(ONE, kinds=(Kind.MESSAGE,))
    assert kinds_of(asking, Kind) == {Kind.MESSAGE}


def test_what_is_told_to_some_people_alone_is_not_sent() -> None:
    def told_to(audience: Audience) -> Event:
        return Event(
            n=1, kind=Kind.STOCK, at_ms=0, audience=audience, subject=Code("a")
        )

    for audience in (ADMINISTRATORS, STAFF_ONLY, EVERYBODY):
        assert is_for_webhooks(told_to(audience))
    for audience in (Audience(user_ids=(1,)), Audience(rut="1-9"), Audience()):
        assert not is_for_webhooks(told_to(audience))

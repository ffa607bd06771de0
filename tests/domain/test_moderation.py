"""Who may moderate, and how long a sanction keeps somebody from speaking."""

import pytest
from tests.domain.test_chat import ANA, BETO, CLARA, GUEST

from trastienda.domain.errors import Banned, Forbidden, Invalid, Muted, NotAuthenticated
from trastienda.domain.moderation import (
    MAX_MUTE_MINUTES,
    Sanction,
    SanctionKind,
    check_mute,
    require_moderator,
    require_voice,
)


def test_only_an_administrator_moderates() -> None:
    assert require_moderator(ANA) is ANA.actor
    for member, refusal in (
        (BETO, Forbidden),
        (CLARA, Forbidden),
        (GUEST, NotAuthenticated),
    ):
        with pytest.raises(refusal):
            require_moderator(member)


def test_a_mute_lasts_from_a_minute_to_a_month() -> None:
    for minutes in (1, MAX_MUTE_MINUTES):
        assert check_mute(minutes) == minutes
    for minutes in (0, -1, MAX_MUTE_MINUTES + 1):
        with pytest.raises(Invalid):
            check_mute(minutes)


def sanction(kind: SanctionKind, until_ms: int | None = None) -> Sanction:
    return Sanction(kind, ("x",), "Visita", until_ms)


def test_a_sanction_keeps_a_member_from_speaking_until_it_ends() -> None:
    mute, ban = sanction(SanctionKind.MUTE, 5000), sanction(SanctionKind.BAN)
    require_voice({}, GUEST, 0)
    require_voice({GUEST.key: mute, "a192.0.2.7": mute}, GUEST, 5000)
    require_voice({"gotra": ban, "a192.0.2.8": ban, "u2": ban}, GUEST, 0)
    require_voice({"a192.0.2.1": ban}, ANA, 0)
    for key in GUEST.keys:
        with pytest.raises(Muted) as refused:
            require_voice({key: mute}, GUEST, 3999)
        assert refused.value.left_s == 2
        with pytest.raises(Banned):
            require_voice({key: ban}, GUEST, 10**15)


def test_a_ban_outweighs_a_mute() -> None:
    mute, ban = sanction(SanctionKind.MUTE, 5000), sanction(SanctionKind.BAN)
    with pytest.raises(Banned):
        require_voice({GUEST.key: mute, "a192.0.2.7": ban}, GUEST, 0)


@pytest.mark.parametrize(
    ("now_ms", "left_s"), [(0, 5), (1, 5), (999, 5), (1000, 4), (4001, 1), (4999, 1)]
)
def test_the_seconds_left_of_a_sanction_are_rounded_up(
    now_ms: int, left_s: int
) -> None:
    assert sanction(SanctionKind.MUTE, 5000).seconds_left(now_ms) == left_s
    assert sanction(SanctionKind.BAN).seconds_left(now_ms) is None

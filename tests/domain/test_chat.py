"""Names of rooms, what may be said, who may enter, and how long somebody is kept silent."""

import pytest

from trastienda.domain.chat import (
    ALERTS,
    GENERAL,
    MAX_CLIENT_ID,
    MAX_MESSAGE,
    MAX_MUTE_MINUTES,
    Alert,
    Member,
    Message,
    MessageKind,
    Sanction,
    SanctionKind,
    check_client_id,
    check_mute,
    check_room,
    check_text,
    may_enter,
    require_moderator,
    require_own,
    require_room,
    require_speaker,
    require_voice,
    seconds_left,
)
from trastienda.domain.errors import (
    Banned,
    Forbidden,
    Invalid,
    Muted,
    NotAuthenticated,
    Refusal,
)
from trastienda.domain.people import Actor, Role


def member(name: str, role: Role, user_id: int) -> Member:
    actor = Actor(
        user_id=user_id,
        rut="11111111-1",
        name=name,
        role=role,
        verified=True,
        origin="test",
    )
    return Member(alias=name, actor=actor, address="192.0.2.1")


ANA = member("Ana", Role.ADMINISTRATOR, 1)
BETO = member("Beto", Role.CASHIER, 2)
CLARA = member("Clara", Role.CUSTOMER, 3)
GUEST = Member(alias="Visita", address="192.0.2.7", since_ms=1000)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("general", "general"),
        ("#general", "general"),
        (" #General ", "general"),
        ("CAJA-1", "caja-1"),
        ("\uff22ODEGA", "bodega"),
        ("Peña", "peña"),
        ("Pen\u0303a", "peña"),
        ("2º", "2o"),
        ("x" * 32, "x" * 32),
    ],
)
def test_a_room_has_one_name_however_it_is_written(written: str, name: str) -> None:
    assert check_room(written) == name
    assert check_room(name) == name


@pytest.mark.parametrize(
    "written",
    [
        "",
        "#",
        "##a",
        "-a",
        "_a",
        "a b",
        "a/b",
        "a.b",
        "x" * 33,
        "\u202ea",
        "a\u200b",
        "a\x00",
        "🥛",
        "a\nb",
    ],
)
def test_what_is_no_name_of_a_room_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        check_room(written)


def test_who_has_an_account_is_one_whatever_the_alias_and_a_guest_is_the_alias() -> (
    None
):
    assert [one.key for one in (ANA, Member(alias="otra", actor=ANA.actor))] == [
        "u1",
        "u1",
    ]
    assert (
        len(
            {
                Member(alias=alias).key
                for alias in ("Visita", "visita", "VISITA", "vísita")
            }
        )
        == 1
    )
    assert GUEST.key != Member(alias="otra").key


def test_moderation_knows_a_guest_by_the_address_too() -> None:
    assert ANA.keys == (ANA.key,)
    assert GUEST.keys == (GUEST.key, "a192.0.2.7")
    assert Member(alias="Visita").keys == (GUEST.key,)


@pytest.mark.parametrize(
    ("who", "staff_rooms", "refusal"),
    [(ANA, True, None), (CLARA, False, Forbidden), (GUEST, False, NotAuthenticated)],
)
def test_guests_and_customers_are_in_the_general_room_alone(
    who: Member, staff_rooms: bool, refusal: type[Refusal] | None
) -> None:
    assert may_enter(who, GENERAL)
    for room in (ALERTS, "caja"):
        assert may_enter(who, room) is staff_rooms
        if refusal is not None:
            with pytest.raises(refusal):
                require_room(who, room)


def test_nobody_speaks_among_the_alerts() -> None:
    for who, refusal in (
        (ANA, Forbidden),
        (BETO, Forbidden),
        (CLARA, Forbidden),
        (GUEST, NotAuthenticated),
    ):
        with pytest.raises(refusal):
            require_speaker(who, ALERTS)
    require_speaker(GUEST, GENERAL)
    require_speaker(BETO, "caja")


def test_an_administrator_moderates_and_nobody_else() -> None:
    assert require_moderator(ANA) is ANA.actor
    for who, refusal in (
        (BETO, Forbidden),
        (CLARA, Forbidden),
        (GUEST, NotAuthenticated),
    ):
        with pytest.raises(refusal):
            require_moderator(who)


def test_a_message_has_words_and_not_too_many() -> None:
    for text in ("a", " a ", "x" * MAX_MESSAGE, "🥛"):
        assert check_text(text) == text
    for text in ("", "  ", "\n\t", "\u3000", "x" * (MAX_MESSAGE + 1)):
        with pytest.raises(Invalid):
            check_text(text)


def test_a_name_of_a_message_is_neither_empty_nor_long() -> None:
    assert check_client_id(None) is None
    assert check_client_id("x" * MAX_CLIENT_ID) == "x" * MAX_CLIENT_ID
    for name in ("", "x" * (MAX_CLIENT_ID + 1)):
        with pytest.raises(Invalid):
            check_client_id(name)


def test_nobody_is_silenced_for_no_time_or_for_ever() -> None:
    assert [check_mute(minutes) for minutes in (1, MAX_MUTE_MINUTES)] == [
        1,
        MAX_MUTE_MINUTES,
    ]
    for minutes in (0, -1, MAX_MUTE_MINUTES + 1):
        with pytest.raises(Invalid):
            check_mute(minutes)


def spoken(who: Member, at_ms: int) -> Message:
    return Message(
        room=GENERAL, seq=1, at_ms=at_ms, sender=who.key, alias=who.alias, text="hola"
    )


def test_a_guests_message_is_theirs_since_they_took_the_alias() -> None:
    require_own(GUEST, spoken(GUEST, 1000))
    for who, message in (
        (GUEST, spoken(GUEST, 999)),
        (GUEST, spoken(CLARA, 2000)),
        (CLARA, spoken(GUEST, 2000)),
    ):
        with pytest.raises(Forbidden):
            require_own(who, message)
    require_own(CLARA, spoken(CLARA, 0))


def sanction(kind: SanctionKind, until_ms: int | None = None) -> Sanction:
    return Sanction(kind, ("x",), "Visita", until_ms)


def test_a_sanction_keeps_from_speaking_until_it_ends() -> None:
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
    with pytest.raises(Banned):
        require_voice({GUEST.key: mute, "a192.0.2.7": ban}, GUEST, 0)


@pytest.mark.parametrize(
    ("now_ms", "left_s"), [(0, 5), (1, 5), (999, 5), (1000, 4), (4001, 1), (4999, 1)]
)
def test_what_is_left_of_a_sanction_is_rounded_up(now_ms: int, left_s: int) -> None:
    assert seconds_left(sanction(SanctionKind.MUTE, 5000), now_ms) == left_s
    assert seconds_left(sanction(SanctionKind.BAN), now_ms) is None


def test_an_alert_is_searched_by_its_product_and_not_once_it_is_taken_back() -> None:
    alert = Alert("42", "Queso", "kg", 500, 1000)
    told = Message(
        room=ALERTS,
        seq=1,
        at_ms=1,
        sender="h",
        alias="",
        text=alert.text,
        kind=MessageKind.LOW_STOCK,
    )
    assert told.alert == alert
    assert told.searched == "42 Queso"
    gone = Message(
        room=ALERTS,
        seq=1,
        at_ms=1,
        sender="h",
        alias="",
        text="",
        kind=MessageKind.LOW_STOCK,
        deleted=True,
    )
    assert gone.searched == ""

"""Names of rooms, texts of messages, and who may enter, speak and edit."""

import pytest
from msgspec.structs import replace

from trastienda.domain.chat import (
    ALERTS,
    GENERAL,
    MAX_CLIENT_ID,
    MAX_MESSAGE,
    Alert,
    Member,
    Message,
    MessageKind,
    check_client_id,
    check_room,
    check_text,
    may_enter,
    require_own,
    require_room,
    require_speaker,
)
from trastienda.domain.errors import (
    Forbidden,
    Invalid,
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
GUEST = Member(alias="Visita", guest_id="1f", address="192.0.2.7")


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
def test_spellings_of_a_room_have_one_name(written: str, name: str) -> None:
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
def test_a_bad_room_name_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        check_room(written)


def test_a_member_keeps_their_key_under_any_alias() -> None:
    assert replace(ANA, alias="otra").key == ANA.key == "u1"
    assert replace(GUEST, alias="otra").key == GUEST.key
    assert GUEST.key != Member(alias="Visita", guest_id="2f").key


def test_a_guest_has_keys_for_the_alias_and_the_network_too() -> None:
    assert ANA.keys == ANA.own_keys == (ANA.key,)
    assert GUEST.keys == (*GUEST.own_keys, "a192.0.2.7")
    same_name = Member(alias="v\u00edsita", guest_id="2f", address="2001:db8::7")
    assert GUEST.own_keys[1:] == same_name.own_keys[1:]
    assert same_name.keys[-1] == "a2001:db8::/64"


@pytest.mark.parametrize(
    ("who", "staff_rooms", "refusal"),
    [(ANA, True, None), (CLARA, False, Forbidden), (GUEST, False, NotAuthenticated)],
)
def test_guests_and_customers_may_only_enter_general(
    who: Member, staff_rooms: bool, refusal: type[Refusal] | None
) -> None:
    assert may_enter(who, GENERAL)
    for room in (ALERTS, "caja"):
        assert may_enter(who, room) is staff_rooms
        if refusal is not None:
            with pytest.raises(refusal):
                require_room(who, room)


def test_nobody_may_speak_in_the_room_of_alerts() -> None:
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


def test_a_text_is_neither_empty_nor_too_long() -> None:
    for text in ("a", " a ", "x" * MAX_MESSAGE, "🥛"):
        assert check_text(text) == text
    for text in ("", "  ", "\n\t", "\u3000", "x" * (MAX_MESSAGE + 1)):
        with pytest.raises(Invalid):
            check_text(text)


def test_a_client_id_is_neither_empty_nor_too_long() -> None:
    assert check_client_id(None) is None
    assert check_client_id("x" * MAX_CLIENT_ID) == "x" * MAX_CLIENT_ID
    for name in ("", "x" * (MAX_CLIENT_ID + 1)):
        with pytest.raises(Invalid):
            check_client_id(name)


def spoken(who: Member, at_ms: int) -> Message:
    return Message(
        room=GENERAL, seq=1, at_ms=at_ms, sender=who.key, alias=who.alias, text="hola"
    )


def test_a_guest_owns_only_messages_since_they_took_the_alias() -> None:
    require_own(GUEST, spoken(GUEST, 1000))
    for who, message in (
        (GUEST, spoken(CLARA, 2000)),
        (CLARA, spoken(GUEST, 2000)),
    ):
        with pytest.raises(Forbidden):
            require_own(who, message)
    require_own(CLARA, spoken(CLARA, 0))


def test_an_alert_is_searched_by_its_product_until_it_is_deleted() -> None:
    alert = Alert("42", "Queso", "kg", 500, 1000)
    alert_message = Message(
        room=ALERTS,
        seq=1,
        at_ms=1,
        sender="h",
        alias="",
        text=alert.text,
        kind=MessageKind.LOW_STOCK,
    )
    assert alert_message.alert == alert
    assert alert_message.searched == "42 Queso"
    deleted_message = Message(
        room=ALERTS,
        seq=1,
        at_ms=1,
        sender="h",
        alias="",
        text="",
        kind=MessageKind.LOW_STOCK,
        deleted=True,
    )
    assert deleted_message.searched == ""

"""Saying something to one person alone: now, or when they are back; once, and to nobody else."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop
from tests.harness.cast import new_rut

from trastienda.actions import moderation, private_messages
from trastienda.actions.private_messages import Addressee
from trastienda.domain.chat import (
    CUSTOMER_SHARE,
    MAX_MESSAGE,
    STAFF_SHARE,
    STRANGER_SHARE,
    Member,
    PrivateMessage,
)
from trastienda.domain.errors import (
    Banned,
    Invalid,
    KeyReused,
    MailboxFull,
    Muted,
    NotFound,
    Refusal,
)
from trastienda.domain.events import Kind, may_hear
from trastienda.domain.people import Actor, UserDraft
from trastienda.storage import journal

GUEST = Member(alias="visita", guest_id="1f", address="192.0.2.7")


def to(member: Member, *, present: bool = False) -> Addressee:
    return Addressee(key=member.key, alias=member.alias, present=present)


def whisper(
    shop: TestShop,
    who: Member,
    addressee: Addressee,
    text: str = "hola",
    client_id: str | None = None,
) -> PrivateMessage:
    return shop.do(
        lambda transaction: private_messages.whisper(
            transaction, who, addressee, text, client_id, source=7
        )
    )


def waiting(shop: TestShop, member: Member) -> list[str]:
    return [
        one.text
        for one in shop.look(
            lambda snapshot: private_messages.list_waiting(snapshot, member)
        )
    ]


@pytest.fixture
def ana(books: TestShop) -> Member:
    return books.member(books.ana)


@pytest.fixture
def clara(books: TestShop) -> Member:
    return books.member(books.clara)


def test_messages_wait_in_order_until_they_are_marked_delivered(
    books: TestShop, ana: Member, clara: Member
) -> None:
    made = [whisper(books, clara, to(ana), text) for text in ("uno", "dos")]
    whisper(books, ana, to(clara), "para Clara")
    assert waiting(books, ana) == ["uno", "dos"]
    assert waiting(books, clara) == ["para Clara"]
    books.do(
        lambda transaction: private_messages.mark_delivered(transaction, [made[0].id])
    )
    assert waiting(books, ana) == ["dos"]
    books.do(
        lambda transaction: private_messages.mark_delivered(
            transaction, [one.id for one in made]
        )
    )
    assert waiting(books, ana) == []


def test_a_message_to_a_present_account_waits_until_it_is_delivered(
    books: TestShop, ana: Member, clara: Member
) -> None:
    one = whisper(books, clara, to(ana, present=True))
    assert (one.sender, one.alias, one.recipient, one.recipient_alias) == (
        clara.key,
        "Clara",
        ana.key,
        "Ana",
    )
    assert waiting(books, ana) == ["hola"]
    books.do(lambda transaction: private_messages.mark_delivered(transaction, [one.id]))
    assert waiting(books, ana) == []


def test_messages_of_and_to_guests_never_wait(books: TestShop, ana: Member) -> None:
    whisper(books, GUEST, to(ana, present=True))
    whisper(books, ana, to(GUEST, present=True))
    for who, addressee in (
        (ana, to(GUEST)),
        (GUEST, to(ana)),
        (GUEST, to(Member(alias="otra", guest_id="2f"))),
    ):
        with pytest.raises(NotFound):
            whisper(books, who, addressee)
    assert waiting(books, ana) == ["hola"]
    assert waiting(books, GUEST) == []


def test_a_repeated_client_id_is_the_same_message(
    books: TestShop, ana: Member, clara: Member
) -> None:
    first = whisper(books, clara, to(ana), "hola", "m1")
    n = books.look(lambda snapshot: snapshot.n)
    assert whisper(books, clara, to(ana, present=True), "hola", "m1") == first
    assert whisper(books, GUEST, to(ana, present=True), "hola", "m1").id != first.id
    assert waiting(books, ana) == ["hola", "hola"]
    assert books.look(lambda snapshot: snapshot.n) == n + 1
    for addressee, text in ((to(ana), "otra cosa"), (to(clara), "hola")):
        with pytest.raises(KeyReused):
            whisper(books, clara, addressee, text, "m1")


def fill(
    shop: TestShop, senders: Sequence[Member], addressee: Addressee, text: str
) -> int:
    """Have them write, one after the other, until none of them may; return how much they wrote."""
    written = 0
    for sender in senders:
        with suppress(MailboxFull):
            while True:
                whisper(shop, sender, addressee, text)
                written += 1
    return written


def people(shop: TestShop, number: int, *, verified: bool) -> list[Member]:
    """New customers, as the chat knows them."""
    members = []
    for _ in range(number):
        rut = new_rut()
        draft = UserDraft(
            rut=rut, name="Clara", username=rut, password="clave-de-nadie"
        )
        actor = replace(shop.register(draft), verified=verified)
        members.append(shop.member(actor))
    return members


def test_one_sender_cannot_fill_a_mailbox(books: TestShop, ana: Member) -> None:
    senders = [
        (books.member(books.beto), STAFF_SHARE),
        *((one, CUSTOMER_SHARE) for one in people(books, 1, verified=True)),
        *((one, STRANGER_SHARE) for one in people(books, 1, verified=False)),
    ]
    for sender, share in senders:
        assert fill(books, [sender], to(ana), "hola") == share.from_one


def test_strangers_leave_room_for_customers_and_customers_for_staff(
    books: TestShop, ana: Member
) -> None:
    strangers = people(books, 20, verified=False)
    customers = people(books, 10, verified=True)
    beto = books.member(books.beto)
    written = fill(books, strangers, to(ana), "hola")
    assert written == STRANGER_SHARE.messages
    written += fill(books, customers, to(ana), "hola")
    assert written == CUSTOMER_SHARE.messages
    whisper(books, beto, to(ana), "de Beto")
    assert waiting(books, ana)[-1] == "de Beto"
    assert STAFF_SHARE.messages > CUSTOMER_SHARE.messages > STRANGER_SHARE.messages


def test_long_messages_fill_it_as_well(books: TestShop, ana: Member) -> None:
    text = "x" * MAX_MESSAGE
    strangers = people(books, 3, verified=False)
    customers = people(books, 3, verified=True)
    written = fill(books, strangers, to(ana), text)
    assert written == STRANGER_SHARE.chars // MAX_MESSAGE
    written += fill(books, customers, to(ana), text)
    assert written == CUSTOMER_SHARE.chars // MAX_MESSAGE
    written += fill(books, [books.member(books.beto)], to(ana), text)
    assert written == STAFF_SHARE.chars // MAX_MESSAGE


def test_what_has_been_delivered_makes_room(
    books: TestShop, ana: Member, clara: Member
) -> None:
    made = [whisper(books, clara, to(ana)) for _ in range(CUSTOMER_SHARE.from_one)]
    with pytest.raises(MailboxFull):
        whisper(books, clara, to(ana))
    here = whisper(books, clara, to(ana, present=True))
    whisper(books, ana, to(clara))
    books.do(
        lambda transaction: private_messages.mark_delivered(
            transaction, [made[1].id, here.id]
        )
    )
    whisper(books, clara, to(ana), "por fin")
    assert waiting(books, ana)[-1] == "por fin"


@pytest.mark.parametrize(
    ("text", "client_id"),
    [("", None), (" \n", None), ("x" * (MAX_MESSAGE + 1), None), ("x", "")],
)
def test_a_bad_text_or_client_id_is_refused(
    books: TestShop, ana: Member, clara: Member, text: str, client_id: str | None
) -> None:
    with pytest.raises(Invalid):
        whisper(books, clara, to(ana), text, client_id)
    assert waiting(books, ana) == []


def test_a_muted_or_banned_member_cannot_whisper(
    books: TestShop, ana: Member, clara: Member
) -> None:
    books.do(
        lambda transaction: moderation.mute(transaction, ana, [clara.key], "Clara", 30)
    )
    books.do(
        lambda transaction: moderation.ban(transaction, ana, [*GUEST.keys], "visita")
    )
    sayings: list[tuple[Member, type[Refusal]]] = [
        (clara, Muted),
        (GUEST, Banned),
        (Member(alias="otra", guest_id="2f", address=GUEST.address), Banned),
    ]
    for member, refusal in sayings:
        with pytest.raises(refusal):
            whisper(books, member, to(ana, present=True))


def test_only_the_two_may_hear_a_private_message(
    books: TestShop, ana: Member, clara: Member
) -> None:
    n = books.look(lambda snapshot: snapshot.n)
    one = whisper(books, clara, to(ana))
    (event,) = books.look(lambda snapshot: journal.after(snapshot.connection, n, 10))
    assert (event.kind, event.subject) == (Kind.PRIVATE_MESSAGE, one)

    def hears(actor: Actor) -> bool:
        assert actor.user_id is not None
        return may_hear(
            event,
            user_id=actor.user_id,
            role=actor.role,
            rut=actor.rut or "",
            verified=True,
        )

    assert [hears(actor) for actor in (books.ana, books.beto, books.clara)] == [
        True,
        False,
        True,
    ]


def test_a_private_message_between_guests_has_no_audience(books: TestShop) -> None:
    n = books.look(lambda snapshot: snapshot.n)
    whisper(books, GUEST, to(Member(alias="otra", guest_id="2f"), present=True))
    (event,) = books.look(lambda snapshot: journal.after(snapshot.connection, n, 10))
    assert (event.audience.roles, event.audience.user_ids, event.audience.rut) == (
        (),
        (),
        None,
    )

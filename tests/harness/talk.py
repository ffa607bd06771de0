"""Members of the chat who speak through the actions, and what was said."""

from tests.harness.books import TestShop

from trastienda.actions import chat, chat_rooms
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import Member, Message
from trastienda.domain.errors import (
    Refusal,
)
from trastienda.domain.events import Event
from trastienda.storage import journal

GUEST = Member(alias="visita", guest_id="1f", address="192.0.2.7")


def said(answer: Message | Refusal) -> Message:
    assert isinstance(answer, Message), answer
    return answer


def add_room(shop: TestShop, room: str) -> None:
    """Make a room, as one of the staff who enters it."""
    ana = shop.member(shop.ana)
    shop.do(lambda transaction: chat_rooms.ensure_room(transaction, ana, room))


def speak(shop: TestShop, *calls: Speaking) -> list[Message | Refusal]:
    return shop.do(lambda transaction: chat.speak(transaction, calls))


def says(
    member: Member,
    text: str = "hola",
    room: str = "general",
    client_id: str | None = None,
) -> Speaking:
    return Speaking(member=member, room=room, text=text, client_id=client_id)


def texts(shop: TestShop, room: str = "general") -> list[str]:
    """All that was said in a room, as its staff read it."""
    messages, more = shop.look(
        lambda snapshot: chat.history(snapshot, shop.member(shop.ana), room, limit=200)
    )
    assert not more
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    return [message.text for message in messages]


def told_after(shop: TestShop, n: int) -> list[Event]:
    return list(shop.look(lambda snapshot: journal.after(snapshot.connection, n, 1000)))

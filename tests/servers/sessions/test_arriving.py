"""Coming in while something is committed, with a database that has to be waited for."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.harness.books import TestShop
from tests.harness.cast import PASSWORD
from tests.live.people import QuietSeat
from tests.servers.sessions.chat_shop import ADDRESS, ChatShop, run

from trastienda.actions import moderation, people
from trastienda.domain.chat import Member, Message
from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import Refusal
from trastienda.domain.events import Event
from trastienda.domain.people import Role, UserChange
from trastienda.live.deliveries import Item
from trastienda.servers.sessions import dispatch
from trastienda.servers.sessions.commands import LOGIN, NAME
from trastienda.servers.sessions.session import Answer, Session


async def come(session: Session, alias: str) -> Answer:
    return await dispatch.perform(session, NAME, {"alias": alias})


async def log_in(session: Session, username: str) -> Answer:
    fields = {"usuario": username, "clave": PASSWORD}
    return await dispatch.perform(session, LOGIN, fields)


def closed_for(session: Session) -> ClosingReason | None:
    assert isinstance(session.seat, QuietSeat)
    return session.seat.closed_for


def delivered_texts(session: Session) -> list[str]:
    """The messages that were delivered to a session."""

    def text(item: Item, time_zone: ZoneInfo) -> bytes:
        if isinstance(item, Event) and isinstance(item.subject, Message):
            return f"{item.subject.text}\n".encode()
        return b""

    assert isinstance(session.seat, QuietSeat)
    pieces = [delivery.encoded(text) for delivery in session.seat.deliveries]
    return b"".join(pieces).decode().split()


@pytest.mark.parametrize("sanction", [moderation.ban, moderation.kick])
def test_a_sanction_during_the_ban_check_keeps_a_guest_out(
    books: TestShop, sanction: Any
) -> None:
    async def work(shop: ChatShop) -> None:
        guest, session = Member(alias="visita", address=ADDRESS), shop.connect()
        shop.meanwhile["in_force"] = lambda: shop.writer.run(
            sanction, shop.ana, guest.keys, "visita"
        )
        with pytest.raises(Refusal):
            await come(session, "visita")
        assert closed_for(session) is not None
        assert shop.sessions.hub.seats.members() == []
        assert session.arriving is None

        await shop.sessions.hub.background.drain()
        assert await shop.sessions.hub.names.find("visita") is None

    run(books, work)


def test_a_message_said_while_the_history_is_read_is_seen_once(
    books: TestShop,
) -> None:
    async def work(shop: ChatShop) -> None:
        await shop.say("antes")
        session = shop.connect()
        shop.meanwhile["_read_room"] = lambda: shop.say("mientras")
        answer = await come(session, "visita")
        await shop.say("despues")
        shown = [message.texto for message in answer.data["mensajes"]]
        assert shown == ["antes", "mientras"]
        assert delivered_texts(session) == ["despues"]

    run(books, work)


@pytest.mark.parametrize("moment", ["with_password", "in_force"])
def test_a_role_changed_during_login_holds(books: TestShop, moment: str) -> None:
    async def work(shop: ChatShop) -> None:
        session = shop.connect()
        change = UserChange(role=Role.CUSTOMER)
        shop.meanwhile[moment] = lambda: shop.writer.run(
            people.change, shop.books.ana, shop.books.beto.rut or "", change
        )
        await log_in(session, "beto")
        assert session.require_actor().role is Role.CUSTOMER

    run(books, work)


@pytest.mark.parametrize("moment", ["with_password", "in_force"])
def test_an_account_deactivated_during_login_stays_out(
    books: TestShop, moment: str
) -> None:
    async def work(shop: ChatShop) -> None:
        session = shop.connect()
        shop.meanwhile[moment] = lambda: shop.writer.run(
            people.deactivate, shop.books.ana, shop.books.beto.rut or ""
        )
        with pytest.raises(Refusal):
            await log_in(session, "beto")
        assert shop.sessions.hub.seats.members() == []

    run(books, work)

"""A shop with sessions and no wire, whose database has to be waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from argon2 import PasswordHasher
from tests.harness.books import TestShop
from tests.harness.cast import PASSWORD
from tests.live.people import QuietSeat

from trastienda.actions import chat, people
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import Message
from trastienda.domain.closings import ClosingReason
from trastienda.domain.people import HOUSE, SHELL, UserChange
from trastienda.live.bus import Bus
from trastienda.live.names import Names
from trastienda.live.reserved_names import ReservedNames
from trastienda.live.shop_page import ShopPage
from trastienda.reader import Reader, Reading
from trastienda.servers.auth import Auth
from trastienda.servers.desk import Desk
from trastienda.servers.incidents import Incidents
from trastienda.servers.sessions.fanout import Fanout
from trastienda.servers.sessions.hub import Hub, Rules
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode, Session
from trastienda.writer import Writer

ADDRESS = "192.0.2.7"
PATIENCE_S = 60


class DistantReader(Reader):
    """A reader whose answers take their time: something may be committed before they come."""

    meanwhile: dict[str, Callable[[], Awaitable[Any]]]

    async def read(self, action: Any, *args: Any, **kwargs: Any) -> Reading[Any]:
        reading = await super().read(action, *args, **kwargs)
        commit = self.meanwhile.pop(action.__name__, None)
        if commit is not None:
            await commit()
        return reading


class ChatSeat(QuietSeat):
    """A seat whose session ends when it is closed, as it does on a wire."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(0)
        self._sessions = sessions

    def close(self, reason: ClosingReason) -> None:
        super().close(reason)
        session = self._sessions.find(self.number)
        if session is not None:
            self._sessions.end(session)


class ChatShop:
    """A shop with sessions; ``meanwhile`` holds what happens while something is read."""

    def __init__(self, books: TestShop) -> None:
        self.books = books
        password_hash = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        change = UserChange(password=PASSWORD)
        books.do(
            lambda transaction: people.change(
                transaction, SHELL, books.beto.rut or "", change, password_hash
            )
        )
        self.bus = Bus(books.look(lambda snapshot: snapshot.n))
        self.reader = DistantReader(books.database, books.clock)
        self.meanwhile = self.reader.meanwhile = {}
        self.writer = Writer(books.database, self.bus, books.clock)
        incidents = Incidents(lambda event: None)
        self.auth = Auth(
            self.reader,
            self.writer,
            b"x" * 32,
            "shop",
            books.clock,
            incidents,
        )
        page = ShopPage(books.look(lambda snapshot: snapshot.shop))
        desk = Desk(self.reader, self.writer, self.auth, page, books.clock)
        users = books.look(lambda snapshot: list(people.everybody(snapshot, HOUSE)))
        names = Names(ReservedNames(users, lambda: "La Esquina"))
        hub = Hub(desk, self.bus, names, lambda entry: None, Rules(plain_login=True))
        self.sessions = Sessions(hub)
        self.bus.listen(Fanout(self.sessions).hear)
        self.ana = books.member(books.ana)

    def connect(self) -> Session:
        seat = ChatSeat(self.sessions)
        return self.sessions.open(
            seat, Mode.CHAT, ADDRESS, f"chat {ADDRESS}", is_secure=True
        )

    async def close(self) -> None:
        await self.sessions.hub.background.drain()
        await self.writer.close()
        self.auth.close()
        self.reader.close()

    async def say(self, text: str) -> Message:
        call = Speaking(member=self.ana, room="general", text=text)
        return await self.writer.run_many(chat.speak, call)


def run(books: TestShop, work: Callable[[ChatShop], Awaitable[None]]) -> None:
    async def main() -> None:
        shop = ChatShop(books)
        try:
            await asyncio.wait_for(work(shop), PATIENCE_S)
        finally:
            await shop.close()

    asyncio.run(main())

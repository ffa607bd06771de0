"""What was committed together, to those who have been told a part of it from the journal."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.harness.books import TestShop
from tests.servers.sessions.chat_shop import ChatShop, run

from trastienda.domain.chat import GENERAL, Message
from trastienda.domain.events import EVERYBODY, Event, Kind
from trastienda.domain.movements import StockLevel
from trastienda.live.deliveries import AnyDelivery
from trastienda.live.seats import Seat
from trastienda.servers.sessions.fanout import Fanout


class ToldSeat(Seat):
    """A seat that keeps the numbers of what it was told."""

    def __init__(self, number: int, replayed_n: int = 0) -> None:
        super().__init__()
        self.number = number
        self.replayed_n = replayed_n
        self.told: list[int] = []

    def replay(self, delivery: AnyDelivery) -> None:
        self.told += map(int, delivery.parts(number_of))


def number_of(item: Any, time_zone: ZoneInfo) -> bytes:
    return b"%d" % item.n


def message(seq: int) -> Message:
    return Message(
        room=GENERAL,
        seq=seq,
        sender="u1",
        alias="ana",
        text="hola",
        at_ms=0,
    )


def events_of(kind: Kind, *, source: int | None = None) -> list[Event]:
    """Four events of a kind, from number 5 on."""
    return [
        Event(
            n=n,
            kind=kind,
            at_ms=0,
            audience=EVERYBODY,
            subject=message(n) if kind is Kind.MESSAGE else StockLevel("42", n),
            source=source if n == 7 else None,
        )
        for n in range(5, 9)
    ]


@pytest.mark.parametrize("kind", [Kind.STOCK, Kind.MESSAGE])
@pytest.mark.parametrize("where", ["everywhere", "in the room"])
def test_each_is_told_what_the_journal_has_not_told_them(
    books: TestShop, kind: Kind, where: str
) -> None:
    async def work(shop: ChatShop) -> None:
        hub = shop.sessions.hub
        seats = [ToldSeat(number, n) for number, n in enumerate((0, 4, 6, 8), 10)]
        for seat in seats:
            seat.hears_all_rooms = where == "everywhere"
            hub.subscribers[seat.number] = seat
            hub.seats.sit(seat, shop.ana)
            hub.seats.enter(seat, GENERAL)
        Fanout(shop.sessions).hear(events_of(kind))
        assert [seat.told for seat in seats] == [[5, 6, 7, 8], [5, 6, 7, 8], [7, 8], []]

    run(books, work)


@pytest.mark.parametrize("where", ["everywhere", "in the room"])
def test_who_said_some_of_it_is_told_the_rest(books: TestShop, where: str) -> None:
    async def work(shop: ChatShop) -> None:
        hub = shop.sessions.hub
        seat = ToldSeat(10, replayed_n=5)
        seat.hears_all_rooms = where == "everywhere"
        hub.subscribers[seat.number] = seat
        hub.seats.sit(seat, shop.ana)
        hub.seats.enter(seat, GENERAL)
        Fanout(shop.sessions).hear(events_of(Kind.MESSAGE, source=10))
        assert seat.told == [6, 8]

    run(books, work)

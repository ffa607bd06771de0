"""What was missed is read while things go on: what was taken back meanwhile is not said again."""

import asyncio

import pytest
from tests.harness.books import TestShop
from tests.servers.sessions.chat_shop import ChatShop, run

from trastienda.actions import chat
from trastienda.domain.chat import Message
from trastienda.domain.events import Event
from trastienda.servers.sessions import backlog


async def texts_after(shop: ChatShop, n: int) -> list[str]:
    """What was said after a number, as one stretch of the backlog tells it."""
    stretch = await shop.sessions.hub.backlog.read(n)
    assert stretch is not None
    texts = []

    def note(event: Event) -> bool:
        if isinstance(event.subject, Message):
            texts.append(event.subject.text)
        return True

    stretch.delivery.only(note)
    return texts


@pytest.mark.parametrize("length", [1, 100], ids=["remembered", "the last"])
def test_what_is_taken_back_while_it_is_read_is_not_said_again(
    books: TestShop, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(backlog, "LENGTH", length)

    async def work(shop: ChatShop) -> None:
        n = shop.bus.n
        message = await shop.say("secreto")
        shop.meanwhile["since"] = lambda: shop.writer.run(
            chat.delete, shop.ana, "general", message.seq
        )
        for _ in range(2):
            assert "secreto" not in await texts_after(shop, n)

    run(books, work)


def test_what_is_taken_back_behind_the_reading_is_not_said_again(
    books: TestShop,
) -> None:
    async def work(shop: ChatShop) -> None:
        n = shop.bus.n
        message = await shop.say("secreto")
        reading = asyncio.create_task(texts_after(shop, n))
        await asyncio.sleep(0)  # it has been read, and waits for its turn
        books.do(
            lambda transaction: chat.delete(
                transaction, shop.ana, "general", message.seq
            )
        )
        shop.sessions.hub.backlog.forget()  # as whoever hears of it has it done
        assert "secreto" not in await reading

    run(books, work)

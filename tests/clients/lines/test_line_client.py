"""The line client: what is said, asked and heard, over good lines and over bad ones."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import address, new_alias
from tests.harness.proxy import Proxy
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S

from trastienda.clients.lines import (
    Account,
    Address,
    Announced,
    Arrived,
    Guest,
    LineClient,
    LineEvent,
    Lost,
    Outside,
    Over,
    OverError,
    Patience,
    RefusedError,
)

QUICK = Patience(first_s=0.02, most_s=0.1, quiet_s=5.0)
BETO = Account("beto", PASSWORD)
MESSAGES = 40


class Ear:
    """A client, and all that it was told."""

    def __init__(self, client: LineClient) -> None:
        self.client = client
        self.events: list[LineEvent] = []
        self._more = asyncio.Event()

    async def listen(self) -> None:
        async for event in self.client.events():
            self.events.append(event)
            self._more.set()

    @property
    def texts(self) -> list[str]:
        """What was said, as it was heard."""
        return [
            event.body.texto
            for event in self.events
            if isinstance(event, Announced) and event.name == "mensaje"
        ]

    async def wait_for(self, happens: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not happens():
                self._more.clear()
                await self._more.wait()

    async def wait_for_one(self, kind: type[LineEvent], count: int = 1) -> Any:
        def of_kind() -> list[LineEvent]:
            return [event for event in self.events if isinstance(event, kind)]

        await self.wait_for(lambda: len(of_kind()) >= count)
        return of_kind()[count - 1]


@asynccontextmanager
async def listening(
    where: str, who: Account | Guest | None = None, patience: Patience = QUICK
) -> AsyncIterator[Ear]:
    """Somebody who is connected, and in."""
    async with LineClient(Address(*address(where)), patience) as client:
        ear = Ear(client)
        hearing = asyncio.create_task(ear.listen())
        try:
            if who is not None:
                await client.come_in(who)
                await ear.wait_for_one(Arrived)
            yield ear
        finally:
            hearing.cancel()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@pytest.fixture(scope="module")
def talk(open_shop: OpenShop) -> RunningShop:
    """A shop in which one may talk as fast as one likes."""
    return open_shop(chat_rate=0)


@pytest.fixture
def bad_line(talk: RunningShop, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    with Proxy(lambda: talk.server.chat, getattr(request, "param", 1)) as proxy:
        yield proxy


def test_two_talk_whisper_and_go_to_a_room(talk: RunningShop) -> None:
    async def work() -> None:
        name = new_alias("pedro")
        chat = talk.server.chat
        async with listening(chat, Guest(name)) as pedro, listening(chat, BETO) as beto:
            await beto.client.enter_room("general")
            await pedro.client.say("¿llegó el pan?")
            await beto.wait_for(lambda: "¿llegó el pan?" in beto.texts)
            assert await beto.client.whisper(name, "recién")
            await pedro.wait_for(lambda: "recién" in pedro.texts)
            await beto.client.say("a todos")
            await pedro.wait_for(lambda: "a todos" in pedro.texts)
            assert pedro.texts == ["recién", "a todos"]
            code = talk.code(stock=7)
            (product,) = (await pedro.client.ask("stock", codigo_barras=code))["datos"]
            assert product["stock"] == 7

    run(work())


def test_what_is_refused_is_told_and_can_be_tried_otherwise(talk: RunningShop) -> None:
    async def work() -> None:
        name = new_alias("ana")
        async with (
            listening(talk.server.chat, Guest(name)),
            listening(talk.server.chat) as other,
        ):
            with pytest.raises(RefusedError) as refused:
                await other.client.come_in(Guest(name))
            assert refused.value.code == "ya_existe"
            with pytest.raises(RefusedError):
                await other.client.come_in(Account("beto", "otra clave"))
            await other.client.come_in(Guest(new_alias("ana")))
            assert await other.client.say("ya estoy") > 0

    run(work())


@pytest.mark.parametrize("is_guest", [False, True], ids=["account", "guest"])
@pytest.mark.parametrize("bad_line", [1, 2, 3], indirect=True)
def test_over_a_bad_line_all_is_said_once_and_heard_once_in_order(
    talk: RunningShop, bad_line: Proxy, is_guest: bool
) -> None:
    who = Guest(new_alias("gente")) if is_guest else BETO
    mark = new_alias("x")
    own = [f"{mark} propio {number}" for number in range(MESSAGES)]
    others = [f"{mark} ajeno {number}" for number in range(MESSAGES)]

    async def work() -> None:
        chat = talk.server.chat
        async with (
            listening(chat, Guest(new_alias("fijo"))) as steady,
            listening(bad_line.address, who) as beto,
        ):
            await beto.client.enter_room("general")

            async def say_all(ear: Ear, texts: list[str]) -> None:
                for text in texts:
                    await ear.client.say(text)
                    await asyncio.sleep(0.01)

            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(say_all(beto, own), say_all(steady, others))
            bad_line.calm = True
            await beto.wait_for(lambda: others[-1] in beto.texts)
            await steady.wait_for(lambda: own[-1] in steady.texts)
            assert [text for text in beto.texts if mark in text] == others
            assert [text for text in steady.texts if mark in text] == own
            assert bad_line.cuts

    run(work())


@pytest.mark.parametrize("is_typed", [False, True], ids=["comprar", "linea"])
def test_what_is_bought_over_a_bad_line_is_bought_once(
    talk: RunningShop, bad_line: Proxy, is_typed: bool
) -> None:
    code = talk.code(stock=100)
    request = {"codigo_barras": code}
    if is_typed:
        request = {"texto": f"/comprar {code}"}

    async def work() -> None:
        async with listening(bad_line.address, BETO) as beto:
            async with asyncio.timeout(PATIENCE_S):
                sales = [
                    await beto.client.ask("linea" if is_typed else "comprar", **request)
                    for _ in range(MESSAGES)
                ]
            shown = "texto" if is_typed else "id_venta"
            assert len({sale[shown] for sale in sales}) == MESSAGES

    run(work())
    assert bad_line.cuts
    assert talk.stock(code) == 100 - MESSAGES


def test_the_shop_is_killed_and_starts_again_and_nothing_is_missing(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)

    async def work() -> None:
        with Proxy(lambda: shop.server.chat, 1) as line:
            line.calm = True
            async with listening(line.address, BETO) as beto:
                await beto.client.enter_room("general")
                async with listening(line.address, Guest("pedro")) as pedro:
                    await pedro.client.say("antes")
                    await beto.wait_for(lambda: "antes" in beto.texts)
                    line.cut()
                    while_away = asyncio.create_task(beto.client.say("mientras"))
                    await asyncio.to_thread(shop.restart, kill=True)
                    async with listening(shop.server.chat, Guest("maria")) as maria:
                        await maria.client.say("otra vez")
                        line.is_down = False
                        assert await while_away > 0
                        await maria.wait_for(lambda: "mientras" in maria.texts)
                    await pedro.wait_for_one(Arrived, 2)
                    await pedro.client.say("después")
                    await beto.wait_for(lambda: "después" in beto.texts)
                    await pedro.wait_for(lambda: "mientras" in pedro.texts)
                assert beto.texts == ["antes", "otra vez", "después"]
                assert pedro.texts == ["otra vez", "mientras"]

    run(work())


def test_whoever_is_expelled_hears_why_and_does_not_come_back(
    talk: RunningShop,
) -> None:
    async def work() -> None:
        name = new_alias("molesto")
        chat = talk.server.chat
        ana = Account("ana", PASSWORD)
        async with listening(chat, Guest(name)) as guest, listening(chat, ana) as boss:
            await boss.client.ask("expulsar", alias=name)
            over = await guest.wait_for_one(Over)
            assert (over.code, over.sentence) == (
                "expulsado",
                "Te han expulsado del chat.",
            )
            with pytest.raises(OverError):
                await guest.client.say("¿y yo?")

    run(work())


def test_an_account_that_is_shut_out_while_away_stays_outside_and_may_log_in_again(
    talk: RunningShop, bad_line: Proxy
) -> None:
    bad_line.calm = True
    user, _ = talk.somebody("Cajero")

    async def work() -> None:
        who = Account(user["usuario"], PASSWORD)
        async with listening(bad_line.address, who) as ear:
            bad_line.cut()
            theirs = asyncio.create_task(ear.client.say("de quien ya no entra"))
            talk.ana.ok("DELETE", f"/users/{user['rut']}")
            bad_line.is_down = False
            outside = await ear.wait_for_one(Outside)
            assert outside.code == "credenciales_invalidas"
            await ear.client.come_in(BETO)
            assert await ear.client.say("otra persona") > 0
            with pytest.raises(RefusedError):
                await theirs

    run(work())


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n{",
        b'{"id": "x", "ok": true}\n',
        b'{"evento": "mensaje", "n": "uno"}\n',
        b'{"id": 1, "ok"\n',
        b"\xff\xfe{}\n" * 100,
    ],
)
def test_what_is_no_shop_is_left_and_tried_again(nonsense: bytes) -> None:
    async def work() -> None:
        came = 0

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            nonlocal came
            came += 1
            writer.write(nonsense)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            async with listening(f"127.0.0.1:{port}") as ear:
                await ear.wait_for_one(Lost, 3)
        assert came >= 3

    run(work())


def test_a_shop_that_says_nothing_any_more_is_left() -> None:
    async def work() -> None:
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            writer.write(b"Ingresa tu alias: ")
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            patience = Patience(first_s=0.02, quiet_s=0.1, answer_s=0.1)
            async with listening(f"127.0.0.1:{port}", patience=patience) as ear:
                waiting = asyncio.create_task(ear.client.ask("usuarios"))
                await ear.wait_for_one(Lost, 2)
                assert not waiting.done()
                waiting.cancel()

    run(work())


def test_what_was_read_is_told_to_the_shop(talk: RunningShop) -> None:
    async def work() -> None:
        async with listening(talk.server.chat, BETO) as beto:
            room = new_alias("bodega")
            await beto.client.enter_room(room)
            await beto.client.say("llegaron las cajas")
            await beto.client.mark_read()
            await beto.client.enter_room("equipo")
            rooms = (await beto.client.ask("salas"))["salas"]
            assert [row["sin_leer"] for row in rooms if row["sala"] == room] == [0]

    run(work())

"""Sessions: tokens are renewed once, whoever needs them, and begun anew if they are lost."""

import asyncio
import threading

import httpx
import msgspec
import pytest
from tests.clients.bad_line import PATIENCE_S, BadLine, Fault
from tests.clients.conftest import QUICK, Connect
from tests.harness.cast import PASSWORD
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import (
    AsyncClient,
    BadCredentials,
    Client,
    ConnectionLost,
    NotAuthenticated,
    Sesion,
    session,
)

REFRESHING = ("POST", "/token/refresco")
LOGGING_IN = ("POST", "/login")


def saved_session(shop: RunningShop, username: str = "beto") -> Sesion:
    """A session kept from an earlier run, its access token long over."""
    opened = msgspec.convert(shop.login(username).json(), Sesion)
    opened.token = "de-ayer"
    return opened


def test_eight_threads_renew_once(line: BadLine, shop: RunningShop) -> None:
    with Client(line.url, session=saved_session(shop), retry=QUICK) as client:
        together = threading.Barrier(8)
        names: list[str] = []

        def work() -> None:
            together.wait(PATIENCE_S)
            names.append(client.details().nombre)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert len(names) == 8
        assert len(line.requests(*REFRESHING)) == 1


def test_eight_tasks_renew_once(line: BadLine, shop: RunningShop) -> None:
    async def work() -> None:
        async with AsyncClient(
            line.url, session=saved_session(shop), retry=QUICK
        ) as client:
            assert len(await asyncio.gather(*(client.details() for _ in range(8)))) == 8

    asyncio.run(work())
    assert len(line.requests(*REFRESHING)) == 1


def test_an_expired_token_is_renewed_during_a_sale(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url, session=saved_session(shop))
    code = shop.code(stock=5)
    line.lose("POST", "/ventas-detalle", Fault.AFTER)
    client.sell([(code, 1)])
    assert shop.stock(code) == 4
    assert len(line.requests(*REFRESHING)) == 1


def test_a_token_is_renewed_before_its_end(
    connect: Connect, line: BadLine, monkeypatch: pytest.MonkeyPatch, shop: RunningShop
) -> None:
    client = connect(line.url)
    client.log_in("beto", PASSWORD)
    client.details()
    assert line.requests(*REFRESHING) == []
    monkeypatch.setattr(
        session, "monotonic", lambda: 10**9
    )  # a quarter of an hour later
    client.details()
    assert len(line.requests(*REFRESHING)) == 1
    assert len(line.requests("GET", "/tienda")) == 2


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER])
def test_a_lost_renewal_is_repeated(
    connect: Connect, line: BadLine, shop: RunningShop, fault: Fault
) -> None:
    client = connect(line.url, session=saved_session(shop))
    line.lose(*REFRESHING, fault)
    assert client.details()
    assert len(line.requests(*REFRESHING)) == 2
    assert line.requests(*LOGGING_IN) == []


def test_a_session_that_is_over_is_followed_by_another_where_the_password_is_known(
    connect: Connect,
    line: BadLine,
    monkeypatch: pytest.MonkeyPatch,
    shop: RunningShop,
) -> None:
    saved: list[Sesion | None] = []
    client = connect(line.url, on_session=saved.append)
    client.log_in("beto", PASSWORD)
    assert saved[0] is not None
    shop.caller(saved[0].token).post("/logout")
    monkeypatch.setattr(session, "monotonic", lambda: 10**9)
    assert client.details()
    assert len(line.requests(*LOGGING_IN)) == 2


def test_a_session_that_is_over_is_forgotten_where_the_password_is_not_known(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    saved: list[Sesion | None] = []
    kept = saved_session(shop)
    shop.nobody.post("/logout", json={"token_refresco": kept.token_refresco})
    client = connect(line.url, session=kept, on_session=saved.append)
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            client.details()
    assert client.me is None
    assert saved == [None]
    assert len(line.requests(*REFRESHING)) == 1


def test_a_session_survives_a_failed_renewal(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url, session=saved_session(shop))
    line.lose(*REFRESHING, *[Fault.BEFORE] * QUICK.attempts)
    with pytest.raises(ConnectionLost):
        client.details()
    assert client.details()


def test_a_saved_session_is_used_by_the_next_run(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    saved: list[Sesion | None] = []
    first = connect(line.url, on_session=saved.append)
    first.log_in("beto", PASSWORD)
    assert saved[-1] is not None
    second = connect(line.url, session=saved[-1], on_session=saved.append)
    assert second.me.usuario == "beto"
    assert second.details()
    assert len(line.requests(*LOGGING_IN)) == 1


def test_an_outdated_password_is_tried_once(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    user, _ = shop.somebody("Cajero")
    client = connect(line.url)
    client.log_in(user["usuario"], PASSWORD)
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave-larga"})
    with pytest.raises(BadCredentials):
        client.details()
    attempts = len(line.requests(*LOGGING_IN))
    with pytest.raises(NotAuthenticated):
        client.details()
    assert len(line.requests(*LOGGING_IN)) == attempts == 2
    assert client.log_in(user["usuario"], "otra-clave-larga").rut == user["rut"]


def test_a_password_is_forgotten_without_remember(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    user, _ = shop.somebody()
    client = connect(line.url)
    client.log_in(user["usuario"], PASSWORD, remember=False)
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave-larga"})
    with pytest.raises(NotAuthenticated) as caught:
        client.details()
    assert not isinstance(caught.value, BadCredentials)
    assert len(line.requests(*LOGGING_IN)) == 1


def test_logging_out_ends_the_session_at_the_shop(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    saved: list[Sesion | None] = []
    client = connect(line.url, on_session=saved.append)
    client.log_in("beto", PASSWORD)
    line.lose("POST", "/logout", Fault.AFTER)
    client.log_out()
    assert saved[-1] is None
    assert client.me is None
    with pytest.raises(NotAuthenticated):
        client.details()
    assert saved[0] is not None
    assert shop.caller(saved[0].token).get("/tienda").status_code == 401
    client.log_out()
    assert len(line.requests("POST", "/logout")) == 2


def test_a_renewal_is_finished_after_its_caller_is_cancelled(
    line: BadLine, shop: RunningShop
) -> None:
    async def work() -> None:
        async with AsyncClient(
            line.url, session=saved_session(shop), retry=QUICK, timeout_s=PATIENCE_S
        ) as client:
            line.lose(*REFRESHING, Fault.STALLED)
            asking = asyncio.create_task(client.details())
            assert await asyncio.to_thread(line.stalled.wait, PATIENCE_S)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            line.released.set()
            assert (await client.details()).moneda == "CLP"

    asyncio.run(work())
    assert len(line.requests(*REFRESHING)) == 1


def test_closing_waits_for_a_renewal(line: BadLine, shop: RunningShop) -> None:
    saved: list[Sesion | None] = []

    async def work() -> None:
        client = AsyncClient(
            line.url,
            session=saved_session(shop),
            retry=QUICK,
            timeout_s=PATIENCE_S,
            on_session=saved.append,
        )
        line.lose(*REFRESHING, Fault.STALLED)
        asking = asyncio.create_task(client.details())
        assert await asyncio.to_thread(line.stalled.wait, PATIENCE_S)
        asking.cancel()
        asyncio.get_running_loop().call_later(0.1, line.released.set)
        await client.aclose()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(work())
    assert saved[-1] is not None
    assert httpx.get(
        f"{shop.server.url}/tienda",
        headers={"Authorization": f"Bearer {saved[-1].token}"},
    ).is_success


def test_threads_sell_through_one_client(line: BadLine, shop: RunningShop) -> None:
    code = shop.code(stock=100)
    line.lose("POST", "/ventas-detalle", *[Fault.AFTER, Fault.BEFORE] * 5)
    failed: list[BaseException] = []
    with Client(
        line.url,
        session=saved_session(shop),
        retry=msgspec.structs.replace(QUICK, attempts=20),
    ) as client:

        def work() -> None:
            try:
                for _ in range(5):
                    client.sell([(code, 1)])
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert failed == []
    assert shop.stock(code) == 60

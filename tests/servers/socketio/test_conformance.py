"""Socket.IO and Engine.IO as their protocols are written: what bare clients may send, and what
ends their session."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import websocket
from tests.conftest import OpenShop
from tests.harness.polling import SEPARATOR, Polling
from tests.harness.screens import bare
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S


@pytest.fixture
def polling(shop: RunningShop) -> Iterator[Polling]:
    one = Polling(shop.server.url)
    yield one
    one.close()


@pytest.fixture
def socket(shop: RunningShop) -> Iterator[websocket.WebSocket]:
    """A WebSocket of Beto's."""
    with bare(shop.server.url) as one:
        one.send("40" + json.dumps({"token": shop.beto.token}))
        assert str(one.recv()).startswith('40{"sid":"')
        yield one


@contextmanager
def letting_go(one: websocket.WebSocket) -> Iterator[websocket.WebSocket]:
    """Close a WebSocket at the end, also one that the other side has left."""
    try:
        yield one
    finally:
        one.shutdown()  # type: ignore[no-untyped-call]


def ends(socket: websocket.WebSocket) -> bool:
    """Read until the other side hangs up."""
    try:
        while socket.recv():
            pass
    except websocket.WebSocketException:
        pass
    return True


def answered(socket: websocket.WebSocket) -> str:
    """The next packet that is not about what happens in the shop meanwhile."""
    while (packet := str(socket.recv())).startswith("42["):
        pass
    return packet


def acknowledged(socket: websocket.WebSocket, number: int) -> Any:
    """Read until the acknowledgement of an event."""
    head = f"43{number}"
    while not (packet := str(socket.recv())).startswith(head):
        pass
    return json.loads(packet.removeprefix(head))


def test_the_handshake_says_how_the_session_goes_on(
    shop: RunningShop, polling: Polling
) -> None:
    told = polling.handshake
    assert told.pop("sid")
    expected = {"pingInterval": 25_000, "pingTimeout": 20_000, "maxPayload": 100_000}
    assert told == {"upgrades": ["websocket"]} | expected

    url = shop.server.url.replace("http", "ws")
    path = "/socket.io/?EIO=4&transport=websocket"
    with letting_go(websocket.create_connection(url + path)) as one:
        told = json.loads(str(one.recv())[1:])
    assert told.pop("sid")
    assert told == {"upgrades": []} | expected


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", {"transport": "polling"}),
        ("GET", {"EIO": "abc", "transport": "polling"}),
        ("GET", {"EIO": "4"}),
        ("GET", {"EIO": "4", "transport": "abc"}),
        ("GET", {"EIO": "4", "transport": "websocket"}),
        ("GET", {"EIO": "4", "transport": "polling", "sid": "none"}),
        ("POST", {"EIO": "4", "transport": "polling"}),
        ("PUT", {"EIO": "4", "transport": "polling"}),
    ],
)
def test_what_begins_no_session_is_400(
    shop: RunningShop, method: str, query: dict[str, str]
) -> None:
    url = f"{shop.server.url}/socket.io/"
    assert httpx.request(method, url, params=query).status_code == 400


@pytest.mark.parametrize("query", ["transport=websocket", "EIO=4", "EIO=4&transport=x"])
def test_a_websocket_that_asks_for_something_else_is_refused(
    shop: RunningShop, query: str
) -> None:
    url = f"{shop.server.url.replace('http', 'ws')}/socket.io/?{query}"
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(url)


def test_each_ping_wants_its_answer(open_shop: OpenShop) -> None:
    shop = open_shop(impatient=True)
    silent, polite = Polling(shop.server.url), Polling(shop.server.url)
    with bare(shop.server.url) as socket, bare(shop.server.url) as mute:
        for listener in (socket, mute):
            listener.send("40" + json.dumps({"token": shop.beto.token}))
            listener.recv()
        for client in (silent, polite):
            client.come_in(shop.beto.token)
        for _ in range(3):
            assert polite.packets() == ["2"]
            assert polite.post("3").text == "ok"
            assert socket.recv() == "2"
            socket.send("3")
        assert ends(mute)
        socket.send('421["salas",{}]')
        assert acknowledged(socket, 1)[0]["ok"]
    while not silent.is_closed():
        pass
    silent.close()
    polite.close()


def test_several_packets_in_one_body_are_all_taken_and_answered(
    shop: RunningShop, polling: Polling
) -> None:
    polling.come_in(shop.beto.token)
    sent = [f'42{number}["salas",{{}}]' for number in range(100)]
    assert polling.post(*sent).text == "ok"
    answered: set[str] = set()
    while len(answered) < len(sent):
        heads = {packet.partition("[")[0] for packet in polling.packets()}
        answered |= heads - {"42"}  # something happens in the shop meanwhile
    assert answered == {f"43{number}" for number in range(100)}


def test_one_poll_brings_no_more_packets_than_the_known_clients_take(
    shop: RunningShop, polling: Polling
) -> None:
    code = shop.code()
    before = int(shop.beto.get("/products?limite=1").headers["Trastienda-N"])
    for _ in range(20):
        shop.sell((code, 1))
    polling.come_in(shop.beto.token)
    polling.post('421["reanudar",' + json.dumps({"desde": before}) + "]")
    heard: list[str] = []
    while not heard or not heard[-1].startswith("431"):
        packets = polling.packets()
        assert len(packets) <= 16
        heard += packets
    sales = [packet for packet in heard if packet.startswith('42["venta"')]
    assert len(sales) >= 20


@pytest.mark.parametrize("body", ["abc", "", "4abc", "42{}", "9", SEPARATOR])
def test_a_body_that_holds_no_packets_ends_the_session(
    shop: RunningShop, polling: Polling, body: str
) -> None:
    polling.come_in(shop.beto.token)
    answer = polling.post(body)
    if not body:  # holds nothing at all
        assert answer.text == "ok"
        return
    assert polling.is_closed()


def test_two_polls_at_a_time_end_the_session(polling: Polling) -> None:
    with ThreadPoolExecutor() as pool:
        polls = [pool.submit(polling.get) for _ in range(2)]
    answers = sorted((poll.result().status_code, poll.result().text) for poll in polls)
    assert answers[0] == (200, "1")
    assert answers[1][0] == 400
    assert polling.is_closed()


def test_a_goodbye_ends_the_poll_under_way_and_the_session(shop: RunningShop) -> None:
    while True:
        polling = Polling(shop.server.url)
        polling.come_in(shop.beto.token)
        with ThreadPoolExecutor() as pool:
            poll = pool.submit(polling.get)
            assert polling.post("1").text == "ok"
        assert polling.is_closed()
        polling.close()
        answer = poll.result()
        if answer.status_code == 200:  # else the goodbye has come before the poll
            assert answer.text == "6"
            return


def test_a_goodbye_ends_a_websocket(socket: websocket.WebSocket) -> None:
    socket.send("1")
    assert ends(socket)


def upgraded(shop: RunningShop, sid: str) -> websocket.WebSocket:
    """A WebSocket that goes on with the session of a polling client."""
    url = f"{shop.server.url.replace('http', 'ws')}/socket.io/"
    url += f"?EIO=4&transport=websocket&sid={sid}"
    return websocket.create_connection(url, timeout=PATIENCE_S)


def test_a_session_goes_on_by_websocket_with_nothing_lost_and_nothing_of_the_polls(
    shop: RunningShop, polling: Polling
) -> None:
    polling.come_in(shop.beto.token)
    with letting_go(upgraded(shop, polling.sid)) as socket:
        socket.send("2probe")
        assert socket.recv() == "3probe"
        assert polling.packets() == ["6"]
        polling.post('421["salas",{}]')
        socket.send("5")
        assert acknowledged(socket, 1)[0]["ok"]

        assert polling.get().status_code == 400
        assert polling.post('422["salas",{}]').status_code == 400
        with letting_go(upgraded(shop, polling.sid)) as second:
            assert ends(second)
        socket.send('423["salas",{}]')
        assert answered(socket).startswith("433")


@pytest.mark.parametrize("first", ["abc", "2other", "4x"])
def test_an_upgrade_that_is_none_closes_the_websocket(
    shop: RunningShop, polling: Polling, first: str
) -> None:
    polling.come_in(shop.beto.token)
    with letting_go(upgraded(shop, polling.sid)) as socket:
        socket.send(first)
        assert ends(socket)


@pytest.mark.parametrize(
    "packet",
    [
        "abc",
        "4abc",
        "4",
        "42",
        "42{}",
        "42[]",
        "42[1]",
        '42["salas",{}',
        '42abc["salas",{}]',
        '42["connect",{"asgi.scope":{"client":["10.0.0.1",1]}},{"token":"x"}]',
        '42["disconnect"]',
        '42["*",{}]',
        "43{}",
        '44{"message":"no"}',
        "49",
        '459-["escanear",{"_placeholder":true,"num":0}]',
        '4599999999999-["escanear"]',
    ],
)
def test_a_packet_that_is_none_ends_the_connection_and_no_other(
    shop: RunningShop, socket: websocket.WebSocket, packet: str
) -> None:
    with bare(shop.server.url) as other:
        other.send("40" + json.dumps({"token": shop.beto.token}))
        socket.send(packet)
        assert ends(socket)
        other.send('421["salas",{}]')
        assert acknowledged(other, 1)[0]["ok"]


def test_attachments_are_taken_as_far_as_eight_and_are_nothing_to_the_shop(
    socket: websocket.WebSocket,
) -> None:
    holders = [{"_placeholder": True, "num": number} for number in range(8)]
    event = json.dumps(["escanear", {"codigo_barras": holders}])
    socket.send(f"458-7{event}")
    for number in range(8):
        socket.send_binary(bytes([number]))
    (answer,) = acknowledged(socket, 7)
    assert (answer["ok"], answer["codigo"]) == (False, "datos_invalidos")

    socket.send('451-8["escanear",{"codigo_barras":{"_placeholder":true,"num":1}}]')
    socket.send_binary(b"x")
    assert ends(socket)


def test_a_text_is_no_attachment(socket: websocket.WebSocket) -> None:
    socket.send('451-8["escanear",{"_placeholder":true,"num":0}]')
    socket.send('421["salas",{}]')
    assert ends(socket)


def test_there_is_one_namespace(socket: websocket.WebSocket) -> None:
    socket.send('40/other,{"token":"x"}')
    assert answered(socket) == '44/other,{"message":"Invalid namespace"}'
    socket.send('42/other,1["salas",{}]')
    socket.send('422["salas",{}]')
    assert acknowledged(socket, 2)[0]["ok"]


def test_who_leaves_the_only_namespace_is_let_go(
    socket: websocket.WebSocket,
) -> None:
    socket.send("41")
    assert ends(socket)


def test_an_acknowledgement_has_the_number_of_its_event_and_none_is_sent_unasked(
    socket: websocket.WebSocket,
) -> None:
    socket.send('42["salas",{}]')
    socket.send('42456["salas",{}]')
    assert answered(socket).startswith("43456[{")
    socket.send("4399[1]")  # to what nobody asked
    socket.send('420["salas"]')
    assert acknowledged(socket, 0)[0]["ok"]

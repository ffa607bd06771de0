"""``nc`` as a client, beyond the sessions on the page."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.harness.cast import PASSWORD
from tests.harness.lines import NEEDS_NC, PROMPT, Terminal
from tests.harness.server import Server, ServerProcess
from tests.harness.shell import COMMAND, environment
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S

STOP_S = 10
"""The promise."""
RACES = 20

pytestmark = NEEDS_NC


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A shop with its cast, for all who buy."""
    running = RunningShop(tmp_path_factory.mktemp("nc") / "shop")
    yield running
    running.close()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[str]:
    """A chat in which nobody has spoken yet: its address."""
    server = Server(tmp_path / "shop")
    yield server.chat
    assert server.stop() == 0
    assert "Traceback" not in server.log, server.log


def entered(shop: RunningShop, username: str) -> Terminal:
    """Somebody with an account, at the inventory."""
    terminal = Terminal(shop.server.inventory)
    terminal.line()
    terminal.type(f"entrar {username} {PASSWORD}")
    assert terminal.line().startswith("Hola, ")
    return terminal


def test_two_hear_each_other_and_not_themselves(chat: str) -> None:
    with Terminal(chat).name("uno") as one, Terminal(chat).name("dos") as two:
        assert one.line() == "dos se ha unido al chat."
        one.type("hola")
        two.type("qué tal")
        assert one.line() == "dos: qué tal"
        assert two.line() == "uno: hola"
        two.type("salir")
        assert two.rest() == ["Hasta luego."]
        assert one.line() == "dos ha salido del chat."


def test_others_hear_a_new_alias_and_it_is_used_from_then_on(chat: str) -> None:
    with Terminal(chat).name("uno") as one, Terminal(chat).name("dos") as two:
        assert one.line() == "dos se ha unido al chat."
        two.type("/nombre tres")
        assert two.line() == "Ahora eres tres."
        assert one.line() == "dos ahora es tres."
        two.type("soy yo")
        assert one.line() == "tres: soy yo"


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name
)
def test_others_hear_of_a_client_that_was_cut_off(
    chat: str, how: signal.Signals
) -> None:
    with Terminal(chat).name("uno") as one, Terminal(chat).name("dos") as two:
        assert one.line() == "dos se ha unido al chat."
        two.process.send_signal(how)
        assert one.line() == "dos ha salido del chat."
        with Terminal(chat).name("dos"):
            assert one.line() == "dos se ha unido al chat."


def test_crlf_a_byte_order_mark_and_a_last_line_without_end_are_taken(
    chat: str,
) -> None:
    with Terminal(chat).name("uno") as one, Terminal(chat, "-N") as two:
        two.send(b"\xef\xbb\xbfdos\r\nprimera\r\n")
        assert one.line() == "dos se ha unido al chat."
        assert one.line() == "dos: primera"
        two.send(b"sin fin de linea")
        two.rest()  # it stops sending
        assert one.line() == "dos: sin fin de linea"
        assert one.line() == "dos ha salido del chat."


def test_a_pipe_is_answered_to_its_end(shop: RunningShop) -> None:
    code = shop.code(nombre="Miel de ulmo", stock=3)
    host, _, port = shop.server.inventory.rpartition(":")
    asked = f"stock {code}\nproducto {code}"
    run = subprocess.run(
        ["nc", "-N", host, port],
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.splitlines()[1:] == [
        f"Miel de ulmo ({code}): quedan 3",
        f"Miel de ulmo ({code}): $1.000",
    ]


def test_one_of_two_buyers_gets_the_last_unit(shop: RunningShop) -> None:
    with (
        entered(shop, "beto") as beto,
        entered(shop, "clara") as clara,
        ThreadPoolExecutor(2) as both,
    ):
        for _ in range(RACES):
            code = shop.code(stock=1)
            beto.type(f"comprar {code}")
            clara.type(f"comprar {code}")
            ends = [both.submit(outcome, one) for one in (beto, clara)]
            assert sorted(one.result() for one in ends) == [
                "(stock_insuficiente)",
                "Total",
            ]
            assert shop.stock(code) == 0


def outcome(buyer: Terminal) -> str:
    """How a purchase ended: with a total, or the word of its refusal."""
    while True:
        line = buyer.line()
        assert line, "nothing more comes"
        if line.startswith("Total"):
            return "Total"
        if line.endswith(")"):
            return line.rpartition(" ")[2]


def test_buying_and_giving_back_are_in_the_ledger(shop: RunningShop) -> None:
    code = shop.code(stock=5)
    with entered(shop, "clara") as clara:
        clara.type(f"comprar {code} 3")
        assert (
            clara.until(" (queda pendiente de pago)")[-1]
            == "Total $3.000 (queda pendiente de pago)"
        )
        clara.type(f"devolver {code}")
        assert clara.until("$1.000.")[-1] == "La deuda baja en $1.000."
    rows = shop.ana.all(f"/product/barcode/{code}/movimientos")
    assert [(row["causa"], row["cantidad"], row["saldo"]) for row in rows] == [
        ("devolucion", 1, 3),
        ("venta", -3, 2),
        ("apertura", 5, 5),
    ]


def test_salir_on_the_input_of_the_server_tells_everybody_and_stops(
    tmp_path: Path,
) -> None:
    shop = RunningShop(tmp_path / "shop")
    try:
        with (
            Terminal(shop.server.chat).name("uno") as one,
            Terminal(shop.server.chat) as nameless,
            entered(shop, "beto") as beto,
        ):
            assert nameless.prompt() == PROMPT
            one.type("lo último")
            one.type("/historial 1")
            assert one.line().endswith("uno: lo último")
            began = time.monotonic()
            shop.server.say("salir")
            for terminal in (one, nameless, beto):
                assert terminal.rest() == ["La tienda se está deteniendo. (detenida)"]
            assert shop.server.wait() == 0
            assert time.monotonic() - began < STOP_S
    finally:
        shop.close()


@pytest.mark.parametrize("setting", ["inventory_port", "chat_port"])
def test_a_port_in_use_is_reported_with_its_setting(
    tmp_path: Path, setting: str
) -> None:
    option = f"--{setting.replace('_', '-')}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = {"port": "0", "inventory_port": "0", "chat_port": "0"}
        run = subprocess.run(
            [*COMMAND, "serve", "--data", str(tmp_path / "shop")],
            env=environment(ports | {setting: str(port)}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert run.returncode == 1
    assert f"el puerto {port} de 127.0.0.1 está ocupado" in run.stderr
    assert f"{option} o TRASTIENDA_{setting.upper()}" in run.stderr
    assert not (tmp_path / "shop").exists()


def test_the_demo_takes_other_ports_and_reports_them(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        taken = [str(each.getsockname()[1]) for each in (one, two)]
        settings = {"port": "0", "inventory_port": taken[0], "chat_port": taken[1]}
        with ServerProcess(
            [*COMMAND, "demo"],
            files=tmp_path / "demo",
            cwd=tmp_path,
            settings=settings,
            variables={"TMPDIR": str(tmp_path)},
        ) as demo:
            output = demo.wait_until_ready().output
            moved = dict(
                re.findall(r"El puerto (\d+) está ocupado; se usa (\d+)\.", output)
            )
            assert list(moved) == taken
            ports = re.findall(
                r"^  (Inventario|Chat) +127\.0\.0\.1:(\d+)$", output, re.MULTILINE
            )
            assert [port for _, port in ports] == list(moved.values())
            with Terminal(f"127.0.0.1:{dict(ports)['Chat']}").name("uno"):
                pass
            assert demo.stop() == 0


def test_the_start_reports_the_ports(shop: RunningShop) -> None:
    ports = [
        line.split()
        for line in shop.server.output.splitlines()
        if re.match(r"  \S+ +\S+:\d+$", line)
    ]
    assert [name for name, _ in ports] == ["HTTP", "Inventario", "Chat"]
    assert len({address.rpartition(":")[2] for _, address in ports}) == 3
    assert not any(address.endswith(":0") for _, address in ports)

"""Edges of the line protocol: bursts, long lines, other protocols, and repeats."""

import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD, new_code
from tests.harness.lines import (
    PROMPT,
    Person,
    Program,
    Wire,
    address,
    code_of,
    new_alias,
)
from tests.harness.server import Server
from tests.harness.shell import COMMAND, LINES_OFF, environment
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S
from tests.servers.tcp.conftest import OpenPerson, OpenProgram, typing

from trastienda.domain.closings import ClosingReason
from trastienda.wire.closings import TABLE as CLOSINGS

BURST = 450
"""Connections at once: more than any usual backlog of a hundred or so."""
SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
LONG = "a" + "\u0301\u0323" * 1990
"""Marks that have to be put in order, nearly as many as fit into a line."""
LOOK_UPS = 200
MAX_CPU_S = 2
"""Of the server, for so many look-ups: normalising takes some 30 ms each, refusing 1 or 2."""


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> RunningShop:
    """A shop of this module's own, without a limit for floods."""
    return open_shop(chat_rate="0")


@pytest.fixture
def stopped(shop: RunningShop) -> Iterator[int]:
    """The server's process, which does nothing until the test has it go on."""
    process = shop.server.process.pid
    os.kill(process, signal.SIGSTOP)
    try:
        yield process
    finally:
        os.kill(process, signal.SIGCONT)


def wait_for_all(sockets: list[socket.socket], event: int) -> None:
    """Wait until something has happened on each."""
    waiting = select.poll()
    for one in sockets:
        waiting.register(one, event)
    left, deadline = len(sockets), time.monotonic() + PATIENCE_S
    while left:
        assert time.monotonic() < deadline, f"{left} of {len(sockets)} wait in vain"
        for number, _ in waiting.poll(500):
            waiting.unregister(number)
            left -= 1


@pytest.mark.skipif(
    not SOMAXCONN.exists() or int(SOMAXCONN.read_text()) < BURST,
    reason="the system queues too few",
)
def test_every_connection_of_a_burst_is_greeted(
    shop: RunningShop, stopped: int, hung_up: ExitStack
) -> None:
    sockets = []
    for _ in range(BURST):
        one = hung_up.enter_context(socket.socket())
        one.setblocking(False)
        one.connect_ex(address(shop.server.chat))
        sockets.append(one)
    wait_for_all(
        sockets, select.POLLOUT
    )  # connected while nobody could be accepted: all of them wait in the queue
    os.kill(stopped, signal.SIGCONT)
    wait_for_all(sockets, select.POLLIN)
    assert {one.recv(100).decode() for one in sockets} == {PROMPT}


def cpu_s(process: int) -> float:
    """What a process has used of the processor."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="nothing tells what the server has used",
)
@pytest.mark.parametrize(
    ("accion", "given", "code"),
    [
        ("privado", {"para": LONG, "texto": "hola"}, "no_encontrado"),
        ("nombre", {"alias": LONG}, "datos_invalidos"),
        ("expulsar", {"alias": LONG}, "no_encontrado"),
        ("sala", {"sala": LONG}, "datos_invalidos"),
        ("ver", {"q": LONG}, "ok"),  # of a pile of marks a few are kept
    ],
    ids=["privado", "nombre", "expulsar", "sala", "ver"],
)
def test_looking_up_thousands_of_marks_takes_little_cpu(
    shop: RunningShop,
    program: OpenProgram,
    accion: str,
    given: dict[str, str],
    code: str,
) -> None:
    one, other = program("ana"), program("beto")
    line = json.dumps({"id": "largo", "accion": accion, **given}, ensure_ascii=False)
    before = cpu_s(shop.server.process.pid)
    one.send(*[line] * LOOK_UPS)
    other.ok("ping")
    codes: list[str] = []
    while len(codes) < LOOK_UPS:
        found = json.loads(one.line())
        if found.get("id") == "largo":
            codes.append("ok" if found["ok"] else found["codigo"])
    assert set(codes) == {code}
    assert cpu_s(shop.server.process.pid) - before < MAX_CPU_S


def test_numbers_of_announcements_only_grow(
    shop: RunningShop, program: OpenProgram
) -> None:
    code, listener = shop.code(stock=1000), program("ana")
    talkers = [program("beto") for _ in range(4)]

    def act(place: int) -> None:
        for _ in range(30):
            if place % 2:
                talkers[place].ok("comprar", codigo_barras=code)
            else:
                talkers[place].ok("mensaje", texto="hola")

    with ThreadPoolExecutor(len(talkers)) as pool:
        list(pool.map(act, range(len(talkers))))
    numbers = [it["n"] for it in listener.told() if "n" in it]
    assert len(numbers) >= 4 * 30
    assert numbers == sorted(numbers)


def contains(text: str, line: str) -> bool:
    """Tell whether a line has a text in it."""
    return text in line


def test_the_welcome_comes_before_anything_new(
    program: OpenProgram, person: OpenPerson
) -> None:
    beto, talker, enough = program("beto"), program("ana"), threading.Event()

    def talk() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            talker.ok("mensaje", texto=f"nuevo {number}")
            if (
                number % 4 == 0 and number <= 240
            ):  # a mailbox takes a hundred from one sender, however slow its owner
                talker.ok("privado", para="clara", texto=f"tambien {number}")

    for turn in range(8):
        for number in range(3):
            beto.ok("privado", para="clara", texto=f"viejo {turn}.{number}")
        one = person()
        one.exactly(PROMPT)
        enough.clear()
        talking = threading.Thread(target=talk)
        talking.start()
        try:
            one.send(f"/entrar clara {PASSWORD}")
            came = one.until(partial(contains, f"viejo {turn}.2"))
        finally:
            enough.set()
            talking.join()
        assert came[0].startswith("Hola, clara. ")
        assert all(
            line.startswith("[") or " (en privado, " in line for line in came[1:]
        ), came
        one.send("salir")
        one.to_the_end()


@pytest.mark.parametrize(
    "name", ["x\0y", "\0", "x\ny", "x\x1b[2Jy", "x\x7f", "x\u202ey", ""]
)
def test_a_client_id_has_only_visible_characters(
    program: OpenProgram, name: str
) -> None:
    one, other = program(alias=new_alias()), new_alias()
    program(alias=other)
    assert one.refused("mensaje", texto="hola", id_cliente=name) == "datos_invalidos"
    assert (
        one.refused("privado", para=other, texto="hola", id_cliente=name)
        == "datos_invalidos"
    )
    one.ok("mensaje", texto="hola", id_cliente="x y, ñ")


def test_a_request_may_have_spaces_before_it(
    program: OpenProgram, person: OpenPerson
) -> None:
    listener, one = person(new_alias()), program(alias=new_alias())
    one.send('  \t {"id": 1, "accion": "ping"}')
    assert json.loads(one.line()) == {"id": 1, "ok": True}
    one.send("  {nada")
    assert json.loads(one.line())["codigo"] == "datos_invalidos"
    assert not any("{" in line for line in listener.heard())


@pytest.mark.parametrize(
    "first",
    [
        "POST / HTTP/1.1",
        "GET /chat?x=1 HTTP/1.0",
        "OPTIONS * HTTP/1.1",
        f"POST /{'A' * 9000} HTTP/1.1",
    ],
)
def test_a_browser_is_closed_and_nothing_it_sends_is_said(
    shop: RunningShop, person: OpenPerson, first: str
) -> None:
    listener, alias = person(new_alias()), new_alias()
    asked = json.dumps({"id": 1, "accion": "nombre", "alias": alias})
    lines = [
        first,
        "Host: localhost:3000",
        "",
        alias,
        asked,
        f"/nombre {alias}",
        "hola",
    ]
    body = "".join(f"{line}\r\n" for line in lines)
    for place in (shop.server.chat, shop.server.inventory):
        with Wire(place) as one:
            one.raw(body.encode())
            (answer,) = [
                line.removeprefix(PROMPT)
                for line in one.to_the_end()
                if not line.startswith("Inventario de ")
            ]
            assert answer == "Aquí no se habla HTTP. (datos_invalidos)"
    assert not any(alias in line or "hola" in line for line in listener.heard())


def test_a_client_of_tls_is_told_and_nothing_it_sends_is_said(
    shop: RunningShop, person: OpenPerson
) -> None:
    listener, alias = person(new_alias()), new_alias()
    hello = b"\x16\x03\x01\x02\x00\x01\x00"
    for place in (shop.server.chat, shop.server.inventory):
        with Wire(place) as one:
            one.raw(hello + f"\n{alias}\nhola\n".encode())
            last_line = one.to_the_end()[-1].removeprefix(PROMPT)
            assert last_line == "Este puerto no habla TLS. (datos_invalidos)"
    assert not any(alias in line for line in listener.heard())


def test_each_unreadable_line_is_answered_and_the_third_closes(
    shop: RunningShop, hung_up: ExitStack
) -> None:
    alias, one = new_alias(), hung_up.enter_context(Wire(shop.server.chat))
    one.raw(
        f"{alias}\n".encode()
        + b"\xff\xfe\n"
        + b"x" * 9000
        + b"\n"
        + b"\xc3(\n"
        + b"hola\n"
    )
    one.exactly(PROMPT)
    assert one.line().startswith(f"Hola, {alias}. ")
    told = [line for line in one.to_the_end() if not line.startswith("[")]
    assert [code_of(line) for line in told] == [
        "linea_ilegible",
        "linea_larga",
        "linea_ilegible",
        "linea_ilegible",
    ]
    assert told[-1] == CLOSINGS[ClosingReason.UNREADABLE_LINES].line


def test_clients_are_told_that_the_shop_stops(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path / "data")
    with (
        Person(server.chat, "visita") as one,
        Program(server.inventory, prompt=False) as looker,
    ):
        looker.ok("ping")
        assert server.stop() == 0
        assert one.to_the_end()[-1] == "La tienda se está deteniendo. (detenida)"
        assert json.loads(looker.to_the_end()[-1]) == {
            "evento": "cierre",
            "motivo": "detenida",
        }


def test_tls_for_the_lines_alone_does_not_start(tmp_path: Path) -> None:
    settings = environment(
        {"data": str(tmp_path / "data"), "port": "0", "tls_lines": "si"}
    )
    command = [*COMMAND, "serve", *LINES_OFF]
    done = subprocess.run(
        command, env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "TRASTIENDA_TLS_LINES" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_ambiguous_quantity_is_refused(shop: RunningShop) -> None:
    code = shop.code(nombre=f"Queso {new_code()}", unidad="kg", precio=10_000, stock=5)
    with typing(shop.server, "clara") as one:
        for word in ("comprar", "devolver"):
            (answer,) = one.asks(f"{word} {code} 1.500")
            assert "dos maneras" in answer
            assert answer.endswith("(datos_invalidos)")
        assert shop.stock(code) == 5
        assert one.asks(f"comprar {code} 0.350")[0].startswith("Compra ")
        assert one.asks(f"comprar {code} 1,500")[0].startswith("Compra ")
        assert shop.stock(code) == 3.15
        (answer,) = one.asks(f"comprar {code} 4")
        assert "Quedan 3,150" in answer
        assert answer.endswith("(stock_insuficiente)")


def test_products_whose_name_begins_with_the_question_come_first(
    shop: RunningShop, person: OpenPerson
) -> None:
    for number in range(12):
        shop.product(nombre=f"Dulce de quilpie {number}")
    code = shop.code(nombre="Quilpié puro")
    one = person(new_alias())
    for word in ("stock", "producto"):
        lines = one.asks(f"/{word} quilpie")
        assert lines[0].startswith(f"Quilpié puro ({code})")
        assert (len(lines), lines[-1]) == (11, "Hay más: escribe más del nombre.")


def test_half_a_character_is_no_text_and_the_request_is_answered(
    program: OpenProgram,
) -> None:
    one = program(alias=new_alias())
    for text in ("\ud83d", "uf \ude00"):  # what is left of an emoji that was cut in two
        assert one.refused("mensaje", texto=text) == "datos_invalidos"
    one.send(json.dumps({"id": "\ud83d", "accion": "ping"}))
    assert json.loads(one.line()) == {"id": None, "ok": True}
    assert one.ok("mensaje", texto="😀")["ok"]

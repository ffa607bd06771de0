"""The terminal clients in a real terminal, against a shop that runs."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person, Program, new_alias
from tests.harness.proxy import Proxy
from tests.harness.second_factors import set_up
from tests.harness.shell import COMMAND
from tests.harness.shop import RunningShop
from tests.harness.terminal import NEEDS_TMUX, Terminal

BURST = 500
OpenTerminal = Callable[..., Terminal]


@pytest.fixture(scope="module")
def talk(open_shop: OpenShop) -> RunningShop:
    """A shop in which one may talk as fast as one likes."""
    return open_shop(chat_rate=0)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed is kept in a folder of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def terminal(at_home: None) -> Iterator[OpenTerminal]:
    with ExitStack() as stack:

        def open_one(program: str, to: str, *options: str, **size: int) -> Terminal:
            host, port = to.rsplit(":", 1)
            return stack.enter_context(
                Terminal(*COMMAND, program, host, port, *options, **size)
            )

        yield open_one


def chat_of(
    terminal: OpenTerminal, to: str, alias: str, *options: str, **size: int
) -> Terminal:
    one = terminal("chat", to, *options, **size)
    one.wait_for("Ingresa tu alias: ")
    one.enter(alias)
    one.wait_for(f"Hola, {alias}.")
    one.wait_for("Tú: ")
    return one


@NEEDS_TMUX
def test_a_line_that_is_typed_stays_whole_while_hundreds_come(
    talk: RunningShop, terminal: OpenTerminal
) -> None:
    one = chat_of(terminal, talk.server.chat, new_alias("ana"))
    one.type("-l", "todavía estoy escrib")
    speaker, mark = new_alias("lucho"), new_alias("m")
    with Person(talk.server.chat, speaker) as person:
        person.send("\n".join(f"{mark} {number}." for number in range(BURST)))
        one.wait_for(f"{mark} {BURST - 1}.")
        one.type("-l", "iendo")
        text = one.wait_for("Tú: todavía estoy escribiendo\n")
        past = one.wait_for(
            lambda seen: seen.count(f"{speaker}: {mark}") == BURST, past=True
        )
        assert [f"{mark} {number}." in past for number in range(BURST)] == [
            True
        ] * BURST
        assert text.rstrip().splitlines()[-1].startswith("● conectado · #general")
        one.type("Enter")
        person.until(lambda line: line.endswith("todavía estoy escribiendo"))


@NEEDS_TMUX
def test_whispering_rooms_completion_and_emoji(
    talk: RunningShop, terminal: OpenTerminal
) -> None:
    alias = new_alias("clau")
    with Program(talk.server.chat) as ana:
        ana.log_in("ana").ok("sala", sala="bodega")
    one = terminal("chat", talk.server.chat, "--user", "beto")
    one.wait_for("Clave: ")
    one.enter(PASSWORD)
    one.wait_for("Hola, beto. Estás en #equipo")
    one.enter("/sala bodega")
    one.wait_for("Estás en #bodega.")
    one.enter("/sala general")
    one.wait_for("Estás en #general.")
    with Person(talk.server.chat, alias) as person:
        one.wait_for(f"{alias} se ha unido al chat.")
        one.type("-l", f"/privado {alias[:6]}")
        one.type("Tab")
        one.wait_for(f"/privado {alias}")
        one.enter(" hola :+1:")
        person.until("beto (en privado): hola 👍")
        person.send("/privado beto ¿qué tal?")
        one.wait_for(f"{alias} (en privado): ¿qué tal?")
        one.enter("entrar beto clave-que-no-se-dice")
        one.wait_for("El usuario o la clave no calzan.")
        one.enter("salir")
        one.wait_for("Hasta luego.")
        one.wait_for("FIN=0")
        assert not [line for line in person.heard() if "clave-que" in line]
    history = Path.home() / "config" / "trastienda" / "chat.historial"
    assert "/sala bodega" in history.read_text()
    assert "clave-que" not in history.read_text()
    assert history.stat().st_mode & 0o77 == 0


@NEEDS_TMUX
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 15)])
def test_looking_buying_and_giving_back(
    talk: RunningShop, terminal: OpenTerminal, columns: int, lines: int
) -> None:
    name = f"Té {new_alias('verde')}"
    codes = [talk.code(nombre=f"{name} {number:02d}", stock=9) for number in range(30)]
    one = terminal("inventario", talk.server.inventory, columns=columns, lines=lines)
    one.wait_for("● conectado")
    one.enter(f"ver {name}")
    seen = one.wait_for("Hay más: Enter sigue.")
    assert max(map(len, seen.splitlines())) <= columns
    one.type("Enter")
    one.wait_for(lambda text: text.count("Hay más") != 1 or f"{name} 00" in text)
    one.enter(f"comprar {codes[0]} 2")
    one.wait_for("(no_autenticado)")
    one.enter("entrar beto")
    one.wait_for("Clave: ")
    one.enter(PASSWORD)
    one.wait_for("Hola, beto.")
    one.enter(f"comprar {codes[0]} 2")
    one.wait_for("Compra ")
    one.enter(f"devolver {codes[0]}")
    one.wait_for("Devolución ")
    assert talk.stock(codes[0]) == 8
    one.enter("salir")
    one.wait_for("FIN=0")


@NEEDS_TMUX
def test_the_shop_is_killed_and_what_was_typed_meanwhile_is_said_once(
    open_shop: OpenShop, terminal: OpenTerminal
) -> None:
    shop = open_shop(chat_rate=0)
    with Proxy(lambda: shop.server.chat, 1) as line:
        line.calm = True
        alias = new_alias("ana")
        one = chat_of(terminal, line.address, alias)
        line.cut()
        one.wait_for("Se cortó la conexión.")
        one.wait_for("○ sin conexión")
        one.enter("esto se escribió sin red")
        one.type("-l", "y esto a medias")
        shop.restart(kill=True)
        with Person(shop.server.chat, "lucho") as person:
            person.send("mientras no estabas")
            line.is_down = False
            seen = one.wait_for("De vuelta.")
            person.until(f"{alias}: esto se escribió sin red")
            seen = one.wait_for("lucho: mientras no estabas")
            assert seen.count("mientras no estabas") == 1
            one.wait_for("Tú: y esto a medias")
            one.type("Enter")
            person.until(f"{alias}: y esto a medias")


@NEEDS_TMUX
def test_what_is_hostile_does_nothing_to_the_terminal(
    talk: RunningShop, terminal: OpenTerminal
) -> None:
    one = chat_of(terminal, talk.server.chat, new_alias("ana"))
    alias = new_alias("malo")
    with Program(talk.server.chat) as program:
        program.ok("nombre", alias=alias)
        program.ok("mensaje", texto="\x1b[2J\x1b]0;dueño\x07\u202eabc\r\nfin")
        program.ok("mensaje", texto="x" * 8_000)
        one.wait_for("xxxxx\n")
        past = one.wait_for(f"{alias}: abc fin", past=True)
        assert "dueño" not in past
        assert "Hola, " in past


def test_a_pipe_says_and_reads_lines_without_colours(talk: RunningShop) -> None:
    code = talk.code(nombre="Sal de mar", stock=3)
    host, port = talk.server.chat.rsplit(":", 1)
    alias = new_alias("tubo")
    with Person(talk.server.chat, new_alias()) as person:
        done = subprocess.run(
            [*COMMAND, "chat", host, port],
            input=f"{alias}\nhola\n/stock {code}\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        person.until(f"{alias}: hola")
        person.until(f"{alias} ha salido del chat.")
    assert f"Hola, {alias}. Estás en #general" in done.stdout
    assert f"Sal de mar ({code}): quedan 3" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_nobody_at_the_port_is_a_sentence_and_1() -> None:
    done = subprocess.run(
        [*COMMAND, "chat", "127.0.0.1", "1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert "con 127.0.0.1, puerto 1: nadie contesta ahí." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_to_what_is_no_shop_ends_with_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        with subprocess.Popen(
            [*COMMAND, "chat", "127.0.0.1", port, "--alias", "robot"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            line, _ = listener.accept()
            line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            line.close()
            listener.close()
            _, told = running.communicate(timeout=60)
    assert "la conexión se cortó" in told
    assert running.returncode == 1


def test_whoever_waits_for_long_is_told_what_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        with subprocess.Popen(
            [*COMMAND, "chat", "127.0.0.1", port, "--tls"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stderr is not None
            line, _ = silent.accept()
            first = running.stderr.readline()
            line.close()
            rest = running.stderr.read()
    assert first == f"Conectando con 127.0.0.1, puerto {port}…\n"
    assert "no se pudo conectar" in rest
    assert running.returncode == 1


def test_python_m_takes_host_and_port_as_the_sources_did(talk: RunningShop) -> None:
    host, port = talk.server.chat.rsplit(":", 1)
    done = subprocess.run(
        [sys.executable, "-m", "trastienda", "chat", host, port],
        input=f"{new_alias()}\nsalir\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_second_factor_is_asked_for(talk: RunningShop) -> None:
    user, caller = talk.somebody("Cajero")
    phone, _ = set_up(caller, user["rut"])
    host, port = talk.server.inventory.rsplit(":", 1)
    done = subprocess.run(
        [*COMMAND, "inventario", host, port, "--user", user["usuario"]],
        input=f"{PASSWORD}\n{phone.code(1)}\nsalir\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert f"Hola, {user['usuario']}." in done.stdout, done.stdout

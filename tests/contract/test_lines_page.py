"""The sessions on the page of the line protocol, played with the real ``nc`` against a real server.

A scene is a block behind ``<!-- scene -->``. Each of its lines says on the left whose terminal
it is, and behind the bar what stands there: ``$`` is their shell, ``>`` comes before what they
type, ``^C`` is Ctrl-C, all else is what they see. A line is not played before all above it
have come, so no step waits for a clock.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT
from tests.harness.http import Caller
from tests.harness.lines import NEEDS_NC, PROMPT, Terminal
from tests.harness.server import Server

from trastienda import demo

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "line-protocol.md"
READMES = [ROOT / "README.md", ROOT / "README.es.md"]
PASSWORD = "clave-de-prueba"
PORTS = {"3000": "chat", "65432": "inventory"}

_SCENE = re.compile(r"^<!-- scene -->\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"(\w+) *\| (.*)")
_MOMENT = re.compile(r"\b\d\d-\d\d \d\d:\d\d\b")
_LEFT_S = re.compile(r"\b\d+ s más\b")
_VOLATILE = {"fecha", "n"}

pytestmark = NEEDS_NC


class Line(NamedTuple):
    """What stands on a terminal: what is shown, and what is typed behind it."""

    who: str
    shown: str
    typed: str | None


def scenes(page: Path = PAGE) -> list[list[Line]]:
    """The scenes of a page."""
    found = []
    for block in _SCENE.findall(page.read_text("utf-8")):
        lines = []
        for text in block.splitlines():
            parts = _LINE.fullmatch(text)
            assert parts is not None, text
            who, said = parts.groups()
            before = PROMPT if said.startswith(f"{PROMPT}> ") else ""
            is_typed = said.removeprefix(before).startswith("> ")
            lines.append(
                Line(
                    who,
                    before if is_typed else said,
                    said[len(before) + 2 :] if is_typed else None,
                )
            )
        found.append(lines)
    return found


def masked(shown: str) -> Any:
    """What is compared of a line: neither moments, nor seconds that pass, nor the numbers of
    announcements."""
    if shown.startswith("{"):
        return _kinds(json.loads(shown))
    return _LEFT_S.sub("N s más", _MOMENT.sub("MOMENT", shown))


def _kinds(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return [(key, _kinds(one, key)) for key, one in value.items()]
    if isinstance(value, list):
        return [_kinds(one) for one in value]
    return type(value).__name__ if name in _VOLATILE else value


class Stage:
    """The terminals of a scene, before one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._terminals: dict[str, Terminal] = {}
        self._seen: list[str] = []

    def play(self, line: Line) -> None:
        """Wait for what is shown, and type what is typed."""
        who, shown, typed = line
        if shown.startswith("$ nc "):
            port = shown.rpartition(" ")[2]
            self._terminals[who] = Terminal(getattr(self._server, PORTS[port]))
            return
        terminal = self._terminals[who]
        if shown == "$":
            assert terminal.rest() == []
            self._terminals.pop(who).close()
        elif shown == "^C":
            terminal.interrupt()
            self._terminals.pop(who).close()
        else:
            self._look(terminal, shown, typed)

    def _look(self, terminal: Terminal, shown: str, typed: str | None) -> None:
        if shown:
            came = terminal.line() if typed is None else terminal.prompt()
            assert masked(came) == masked(shown)
        if typed is not None:
            # Pages show the demo's password, which a shop of one's own does not take.
            terminal.type(typed.replace(demo.PASSWORD, PASSWORD))

    def leave(self) -> None:
        """Have everybody who is left say goodbye; whatever else comes to them does not stand
        on the page."""
        notices = re.compile(
            r'\S+ ha salido del chat\.|\{"evento":"presencia".*"estado":"sale"\}'
        )
        for who in list(self._terminals):
            terminal = self._terminals[who]
            terminal.type("salir")
            assert [one for one in terminal.rest() if not notices.fullmatch(one)] == [
                "Hasta luego."
            ]
            self._terminals.pop(who).close()

    def close(self) -> None:
        """Put everything away."""
        for terminal in self._terminals.values():
            terminal.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A shop with the people and the goods of the page."""
    running = Server(
        tmp_path / "shop", admin_password=PASSWORD, shop_name="Almacén La Esquina"
    )
    try:
        with Caller(running) as nobody:
            token = nobody.ok("POST", "/login", {"usuario": "ana", "clave": PASSWORD})[
                "token"
            ]
        with Caller(running, token) as ana:
            stock(ana)
        yield running
    finally:
        status = running.stop()
    assert (status, "Traceback" in running.log, "failed" in running.log) == (
        0,
        False,
        False,
    ), running.log


def stock(ana: Caller) -> None:
    """Register Beto and Clara, and fill the shelves."""
    for name, tipo, rut in (
        ("Beto", "Cajero", BETO_RUT),
        ("Clara", "Cliente", CLARA_RUT),
    ):
        ana.ok(
            "POST",
            "/register",
            {
                "rut": rut,
                "nombre": name,
                "usuario": name.lower(),
                "clave": PASSWORD,
                "tipo": tipo,
            },
        )
    assert ana.ok("GET", f"/users/{ANA_RUT}")["tipo"] == "Administrador"
    milk = {
        "codigo_barras": "7800013454332",
        "nombre": "Leche entera 1 L",
        "precio": 1190,
        "stock": 12,
    }
    bread = {
        "codigo_barras": "00101",
        "nombre": "Pan hallulla",
        "precio": 2190,
        "stock": 20,
        "unidad": "kg",
    }
    ana.ok("POST", "/product", milk | {"stock_minimo": 5})
    ana.ok("POST", "/product", bread)


@pytest.mark.parametrize(
    "scene",
    [*scenes(), *scenes(READMES[0])],
    ids=lambda scene: f"{scene[0].who}-{len(scene)}",
)
def test_a_session_goes_as_printed(server: Server, scene: list[Line]) -> None:
    stage = Stage(server)
    try:
        for line in scene:
            stage.play(line)
        stage.leave()
    finally:
        stage.close()


def test_the_page_has_the_sessions_of_the_programs_before() -> None:
    typed = [
        line.typed for scene in scenes() for line in scene if line.typed is not None
    ]
    shown = [line.shown for scene in scenes() for line in scene]
    assert {"salir", "/exit", "/usuarios", "ver"} <= set(typed)
    begun = {one.partition(" ")[0] for one in typed}
    assert {"/nombre", "comprar", "devolver"} <= begun
    assert PROMPT in shown
    assert any(one.endswith(" ha salido del chat.") for one in shown)
    assert any(one.endswith(" se ha unido al chat.") for one in shown)


def test_the_page_in_spanish_has_the_same_session() -> None:
    english, spanish = map(scenes, READMES)
    assert len(english) == 1
    assert spanish == english


def test_lines_are_compared_but_for_what_passes() -> None:
    assert masked("[1 02-03 08:45] beto: hola") == masked("[1 21-11 13:00] beto: hola")
    assert masked("[1 02-03 08:45] beto: hola") != masked("[2 02-03 08:45] beto: hola")
    assert masked('{"n": 1, "seq": 2}') == masked('{"n":9,"seq":2}')
    assert masked('{"n": 1, "seq": 2}') != masked('{"n":9,"seq":3}')
    assert masked('{"seq": 2}') != masked('{"seq":2,"n":1}')

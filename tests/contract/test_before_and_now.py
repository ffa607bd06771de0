"""The page for whoever comes from a program before: what it says is here is here, and nothing
is forgotten."""

import re
from pathlib import Path

import pytest

from trastienda import config
from trastienda.cli import main
from trastienda.servers.http.app import ROUTES
from trastienda.servers.sessions.commands import BY_WORD
from trastienda.servers.sessions.session import Mode

PAGE = Path(__file__).resolve().parents[2] / "docs" / "antes-y-ahora.md"
ROWS = [
    (before.strip(), now.strip())
    for before, now in re.findall(
        r"^\| (.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    if before not in {"antes", "---"}
]
THERE = {f"{route.method} {route.path}" for route in ROUTES}


@pytest.mark.parametrize(
    ("before", "now"), ROWS, ids=[before[:40] for before, _ in ROWS]
)
def test_what_is_said_to_be_here_is_here(before: str, now: str) -> None:
    spans = re.findall(r"`([^`]+)`", now)
    routes = {span for span in spans if re.match(r"(GET|POST|PUT|DELETE) ", span)}
    assert routes <= THERE
    commands = {span.split()[1] for span in spans if span.startswith("trastienda ")}
    missing = {command for command in commands if command not in main.commands}
    assert not missing or "viene" in now, missing
    variables = {span for span in spans if span.startswith(config.PREFIX)}
    assert variables <= {setting.variable for setting in config.SETTINGS}


def test_every_route_of_the_program_before_has_one_here() -> None:
    before = {
        span.replace("<", "{").replace(">", "}")
        for left, _ in ROWS
        for span in re.findall(r"`((?:GET|POST|PUT|DELETE) [^`]+)`", left)
    }
    assert len(before) == 16
    assert before <= THERE


def test_every_command_of_lines_that_is_named_is_one() -> None:
    named = {
        word
        for row in ROWS
        for cell in row
        for word in re.findall(r"`/([a-z]+)`", cell)
    }
    assert {"nombre", "usuarios", "exit", "privado"} <= named
    assert {word for word in named if (Mode.CHAT, word) not in BY_WORD} == set()
    before = {
        span
        for left, _ in ROWS
        for span in re.findall(r"`(ver|comprar|devolver|salir)`", left)
    }
    assert before == {"ver", "comprar", "devolver", "salir"}
    assert {word for word in before if (Mode.INVENTORY, word) not in BY_WORD} == set()


def test_what_is_here_is_not_still_said_to_come() -> None:
    coming = {
        span.split()[1]
        for _, now in ROWS
        for span in re.findall(r"`(trastienda [^`]+)` viene", now)
    }
    assert [command for command in coming if command in main.commands] == []

"""A crowd of connections that want nothing: the shop goes on, and stops in time."""

import contextlib
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cast import PASSWORD
from tests.harness.clients import client
from tests.harness.crowds import CROWDS, crowd, open_files
from tests.harness.http import Caller
from tests.harness.lines import PROMPT, Person, Program, Wire, address, code_of
from tests.harness.server import Server
from tests.harness.tiers import storm, tier
from tests.harness.waiting import eventually

from trastienda.operations.file_limit import share_out

COUNT = 1_100
STOP_S = 10
"""The promise."""
TLS: dict[str, Any] = {"https": "si", "tls_lines": "si"}
FILE_LIMITS = tier([256], full=[256, 1024])


def speaks(person: Person, text: str, listener: Person) -> None:
    person.send(text)
    listener.until(lambda line: line.endswith(text))


@storm
@pytest.mark.parametrize("file_limit", FILE_LIMITS)
@pytest.mark.parametrize("kind", CROWDS)
def test_the_shop_sells_and_talks_while_a_crowd_is_held_and_stops_in_time(
    tmp_path: Path, kind: str, file_limit: int
) -> None:
    is_tls = kind.startswith("handshakes")
    tls = TLS if is_tls else {}
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE

    def person(alias: str) -> Person:
        return Person(server.chat, alias, tls=trusting if is_tls else None)

    with (
        Server(tmp_path / "data", file_limit=file_limit, **tls) as server,
        client(server, "ana", verify=trusting) as ana,
        person("antes") as known,
    ):
        ana.create_product("PAN", "Pan", 1000, stock=100)
        known.asks(f"/entrar ana {PASSWORD}", "/sala general")
        with crowd(server, kind, COUNT):
            assert ana.sell({"PAN": 1}).id_venta == 1
            with (
                client(server, "ana", verify=trusting) as late,
                person("despues") as newcomer,
            ):
                assert late.sell({"PAN": 1}).id_venta == 2
                speaks(newcomer, "hola", known)
                speaks(known, "buenas", newcomer)

            shares = share_out(file_limit)
            own = file_limit - shares.http - shares.lines - shares.farewells
            held = (
                shares.http if "HTTPS" in kind or "lines" not in kind else shares.lines
            )
            assert open_files(server) < held + own

            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < STOP_S
    assert "Traceback" not in server.log
    assert "whoever waited longest makes way" in server.log


def test_the_tasks_outlive_a_crowd_that_comes_at_the_start(tmp_path: Path) -> None:
    with Server(tmp_path / "data", file_limit=256) as server:
        with crowd(server, "bodies without an end", COUNT), Caller(server) as nobody:
            eventually(
                lambda: "trastienda_tasks_running 1.0" in nobody.get("/metrics").text,
                "the daily tasks",
            )
        assert server.stop() == 0


def test_guests_who_said_nothing_for_longest_make_way_and_hear_so(
    tmp_path: Path,
) -> None:
    places = share_out(128).lines
    with (
        Server(tmp_path / "data", file_limit=128) as server,
        contextlib.ExitStack() as out,
    ):
        known = out.enter_context(Program(server.chat)).log_in("ana")
        buyer = out.enter_context(Program(server.inventory, prompt=False))
        buyer.log_in("ana")
        lively = out.enter_context(Person(server.chat, "vivaz"))
        spoke_once = out.enter_context(Person(server.chat, "visita"))
        # Who sends no line breaks has said something, too.
        unbroken = out.enter_context(Wire(server.chat))
        unbroken.exactly(PROMPT)
        unbroken.raw(b"suelta")
        assert unbroken.line().startswith("Hola, suelta. ")
        looker = out.enter_context(Program(server.inventory, prompt=False))
        looker.ok("ping")
        lively.heard()

        for _ in range(places - 6):
            out.enter_context(Wire(server.chat)).exactly(PROMPT)
        for gone in (spoke_once, unbroken, looker):
            out.enter_context(Wire(server.chat)).exactly(PROMPT)
            last_line = gone.to_the_end()[-1]
            assert "callado" in last_line
        for _ in range(places):
            lively.heard()
            out.enter_context(Wire(server.chat)).exactly(PROMPT)
        for somebody in (known, buyer):
            somebody.ok("ping")


def test_whoever_finds_every_place_taken_by_accounts_hears_so(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "data", file_limit=128) as server,
        contextlib.ExitStack() as out,
    ):
        for _ in range(share_out(128).lines):
            one = out.enter_context(Program(server.inventory, prompt=False))
            one.log_in("ana")

        late = out.enter_context(Wire(server.chat))
        assert [code_of(line) for line in late.to_the_end()] == ["no_disponible"]


def own_address() -> str | None:
    """An address of this machine that is not loopback, where it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found: str = one.getsockname()[0]
    return None if found.startswith("127.") else found


@pytest.mark.skipif(own_address() is None, reason="needs an address beside loopback")
def test_a_proxy_of_the_shop_brings_as_many_as_it_likes(tmp_path: Path) -> None:
    host = own_address()
    with (
        Server(
            tmp_path / "data",
            connections_per_address=1,
            host="0.0.0.0",
            trusted_proxies=host,
        ) as server,
        contextlib.ExitStack() as out,
    ):
        for _ in range(3):
            http = out.enter_context(socket.create_connection((host, server.port)))
            http.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert http.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_one_network_has_its_share_and_hears_why_it_gets_no_more(
    tmp_path: Path,
) -> None:
    host = own_address()
    with (
        Server(
            tmp_path / "data",
            connections_per_address=3,
            host="0.0.0.0",
        ) as server,
        contextlib.ExitStack() as out,
    ):
        _, chat_port = address(server.chat)
        for _ in range(3):
            out.enter_context(Wire(f"{host}:{chat_port}")).exactly(PROMPT)
            out.enter_context(socket.create_connection((host, server.port)))
        refused = out.enter_context(Wire(f"{host}:{chat_port}"))
        assert [code_of(line) for line in refused.to_the_end()] == [
            "demasiadas_solicitudes"
        ]

        http = out.enter_context(socket.create_connection((host, server.port)))
        http.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = http.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: " in answer
        assert b'"codigo":"demasiadas_solicitudes"' in answer

        with client(server, "ana") as ana, Person(f"127.0.0.1:{chat_port}", "visita"):
            assert ana.products() is not None


def test_a_handshake_without_an_end_is_given_up(tmp_path: Path) -> None:
    with Server(tmp_path / "data", impatient=True, **TLS) as server:
        for place in (("127.0.0.1", server.port), address(server.chat)):
            with socket.create_connection(place, timeout=60) as one:
                one.sendall(b"\x16\x03\x01")
                assert one.recv(1) == b""

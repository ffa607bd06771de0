"""The life of a server: how it starts, stops, and notices what the shell writes."""

import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.harness.clients import client, replayed, whole_answer
from tests.harness.server import Server
from tests.harness.shell import shell
from tests.harness.waiting import eventually
from tests.operations.test_ports import needs_ipv6

from trastienda.clients.sdk import (
    ApiError,
    Client,
    ConnectionLost,
    MustChangePassword,
    NotAuthenticated,
    Unavailable,
    Venta,
)
from trastienda.operations.shop_folder import DATABASE_FILE

STOP_S = 10
"""The promise."""
HELD_S = 8
"""How long somebody at a till waits at most for a database that is held: some five
seconds, and hashing a password."""

Stop = Callable[[Server], None]
STOPS: dict[str, Stop] = {
    "salir": lambda server: server.say("salir"),
    "SIGTERM": lambda server: server.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda server: server.process.send_signal(signal.SIGINT),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a shop may be."""
    return tmp_path / "shop"


def stock_bread(ana: Client) -> None:
    ana.create_product("PAN", "Pan", 1000, stock=1_000_000)


class Till(threading.Thread):
    """Sells without a pause until the server goes away; keeps what it was answered."""

    def __init__(self, ana: Client) -> None:
        super().__init__()
        self._ana = ana
        self.sold: list[Venta] = []
        self.refusals: list[ApiError] = []

    def run(self) -> None:
        while True:
            try:
                self.sold.append(self._ana.sell({"PAN": 1}))
            except ConnectionLost:
                return
            except ApiError as error:
                self.refusals.append(error)


@pytest.mark.parametrize("how", STOPS)
def test_the_server_stops_cleanly_while_tills_sell(data: Path, how: str) -> None:
    """Every sale that was answered is stored, and no other; late ones are refused."""
    with Server(data) as server, client(server, "ana") as ana:
        stock_bread(ana)
        tills = [Till(ana) for _ in range(6)]
        for till in tills:
            till.start()
        eventually(lambda: all(till.sold for till in tills), "sales at every till")
        began = time.monotonic()
        STOPS[how](server)
        assert server.wait() == 0
        took_s = time.monotonic() - began
        for till in tills:
            till.join()
    assert took_s < STOP_S
    refusals = [error for till in tills for error in till.refusals]
    assert {error.codigo for error in refusals} <= {"no_disponible"}
    assert {error.retry_after_s for error in refusals} <= {1.0}
    assert "Traceback" not in server.log

    with Server(data) as server, client(server, "ana") as ana:
        sold = [sale for till in tills for sale in till.sold]
        sold.sort(key=lambda sale: sale.id_venta, reverse=True)
        assert list(ana.sales()) == sold
    assert shell("verify", "--data", data, cwd=data.parent).returncode == 0


def test_while_another_program_holds_the_database_calls_are_told_and_the_server_stops(
    data: Path,
) -> None:
    with Server(data) as server, client(server, "ana") as ana:
        stock_bread(ana)
        with locked(data, "EXCLUSIVE"):
            began = time.monotonic()
            with ThreadPoolExecutor(2) as pool:
                calls: list[Future[Any]] = [
                    pool.submit(ana.sell, {"PAN": 1}),
                    pool.submit(client, server, "ana"),
                ]
            for call in calls:
                error = call.exception()
                assert isinstance(error, Unavailable)
                assert error.codigo == "base_ocupada"
            assert time.monotonic() - began < HELD_S
            assert ana.product("PAN").stock == 1_000_000, "look-ups go on"

            with ThreadPoolExecutor(1) as pool:
                pool.submit(ana.sell, {"PAN": 1})
                began = time.monotonic()
                assert server.stop() == 0
                assert time.monotonic() - began < STOP_S
    assert "Traceback" not in server.log


@contextmanager
def locked(
    data: Path,
    kind: str = "IMMEDIATE",
) -> Iterator[None]:
    """Another process is writing: whoever else wants to has to wait."""
    connection = sqlite3.connect(
        data / DATABASE_FILE, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@pytest.mark.parametrize("how", STOPS)
def test_requests_accepted_before_the_end_are_answered(data: Path, how: str) -> None:
    sale = whole_answer(Client.sell(None, {"PAN": 1}, key="last"))
    with (
        Server(data) as server,
        client(server, "ana") as ana,
        ThreadPoolExecutor(1) as pool,
    ):
        stock_bread(ana)
        with locked(data):
            waiting = pool.submit(ana.run, sale)
            eventually(
                lambda: "trastienda_waiting_calls 1" in metrics(server.port),
                "the sale to wait for its commit",
            )
            STOPS[how](server)
            eventually(lambda: not listens(server.port), "the port to close")
            assert server.process.poll() is None
        answer = waiting.result()
        assert server.wait() == 0
    assert (answer.status, replayed(answer)) == (201, False)

    with Server(data) as server, client(server, "ana") as ana:
        again = ana.run(sale)
        assert (replayed(again), again.json()) == (True, answer.json())


def metrics(port: int) -> str:
    request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.decode().replace(".0", "")


def listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def test_unfinished_requests_do_not_keep_it_from_stopping(data: Path) -> None:
    with Server(data) as server:
        idle = socket.create_connection(("127.0.0.1", server.port))
        half = socket.create_connection(("127.0.0.1", server.port))
        slow = socket.create_connection(("127.0.0.1", server.port))
        with idle, half, slow:
            half.sendall(b"GET /salud HT")
            slow.sendall(
                b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            time.sleep(0.2)
            began = time.monotonic()
            server.process.terminate()
            assert server.wait() == 0
            assert time.monotonic() - began < STOP_S + 2
            assert slow.recv(65536).startswith(b"HTTP/1.1 503")
    assert "Traceback" not in server.log


def test_the_end_of_the_input_and_other_words_stop_nothing(
    data: Path,
) -> None:
    with Server(data) as server:
        server.say(b"salida\nno salir\n\xff\xfe\n\n")
        assert server.process.stdin is not None
        server.process.stdin.close()
        # Hashing a password takes longer than reading a line.
        with client(server, "ana") as ana:
            assert ana.details().nombre == "Mi tienda"
        assert server.process.poll() is None
        assert server.stop() == 0


@pytest.mark.parametrize(
    "line",
    [
        b"salir\r\n",
        b"  Salir  \n",
        b"\xff\xfe\nsalir\n",
        "años\nsalir\n".encode("latin-1"),
    ],
)
def test_salir_is_understood_however_it_is_typed(
    data: Path, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PYTHONIOENCODING", "utf-8:strict"
    )  # as where the language is set
    with Server(data) as server:
        server.say(line)
        assert server.wait() == 0


def test_a_second_server_is_refused(data: Path) -> None:
    with Server(data) as server, client(server, "ana") as ana:
        second = shell("serve", "--data", data, "--port", "0", cwd=data.parent)
        assert second.returncode == 1
        assert "ya está abierta por otro servidor; ciérralo primero" in second.stderr
        assert "Traceback" not in second.stderr
        stock_bread(ana)
        server.kill()

    # A server that was killed leaves no lock behind.
    with Server(data) as server, client(server, "ana") as ana:
        assert len(list(ana.products())) == 1


def test_a_taken_port_is_reported_and_no_shop_is_founded(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = shell("serve", "--data", data, "--port", str(port), cwd=data.parent)
    assert refused.returncode == 1
    assert f"el puerto {port}" in refused.stderr
    assert "--port o TRASTIENDA_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists(), "its password would have been shown to nobody"


def test_the_password_of_the_first_administrator_is_shown_once(data: Path) -> None:
    first: dict[str, Any] = {
        "admin_user": None,
        "admin_password": None,
        "admin_rut": None,
    }
    with Server(data, **first) as server:
        words = server.output.split()
        username = words[words.index("usuario") + 1]
        password = words[words.index("clave", words.index("usuario")) + 1]
        with client(server, username, password) as admin:
            with pytest.raises(MustChangePassword):
                admin.user("1-9")
            admin.change_user("1-9", clave="una clave mía", clave_actual=password)
        with client(server, username, "una clave mía") as admin:
            assert admin.user("1-9").tipo == "Administrador"
        assert server.stop() == 0
        assert server.output.count(password) == 1
        assert password not in server.log

    with Server(data, **first) as server:
        assert "clave" not in server.output
        assert password not in server.output


@pytest.mark.parametrize("ahead_min", [4, 6])
def test_a_clock_behind_the_last_thing_done_is_told_at_the_start(
    data: Path, ahead_min: int
) -> None:
    with Server(data):
        pass
    with sqlite3.connect(data / DATABASE_FILE) as shop:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        guards = shop.execute(query).fetchall()
        for name, _ in guards:
            shop.execute(f"DROP TRIGGER {name}")
        ahead_ms = int(time.time() + ahead_min * 60) * 1000
        shop.execute("UPDATE audit SET at_ms = ?", [ahead_ms])
        for _, definition in guards:
            shop.execute(definition)
    shop.close()

    with Server(data) as server:
        is_told = "el reloj de este equipo marca" in server.output
    assert is_told == (ahead_min > 5)


@needs_ipv6
@pytest.mark.parametrize("host", ["::", "0.0.0.0"])
def test_every_address_serves_both_protocols(data: Path, host: str) -> None:
    with Server(data, "--host", host) as server:
        assert len(server.urls) == 2
        assert f"http://[::]:{server.port}" in server.urls
        for address in ("127.0.0.1", "[::1]"):
            with client(f"http://{address}:{server.port}") as anybody:
                assert anybody.request("GET", "/salud").status == 200


def test_a_shop_of_a_newer_version_is_refused_by_serve(data: Path) -> None:
    with Server(data):
        pass
    connection = sqlite3.connect(data / DATABASE_FILE)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused = shell("serve", "--data", data, "--port", "0", cwd=data.parent)
    assert refused.returncode == 1
    assert (
        refused.stderr.strip()
        == f"trastienda: la tienda de {data} la abrió antes una versión más nueva de Trastienda"
    )


def test_a_running_server_notices_what_the_shell_changes(
    data: Path,
) -> None:
    """The promise is a second; here it is only waited for."""

    def run(*arguments: str, typed: str = "") -> None:
        done = shell("user", *arguments, "--data", data, cwd=data.parent, typed=typed)
        assert done.returncode == 0, done.stderr

    def is_logged_out(beto: Client) -> bool:
        try:
            beto.details()
        except NotAuthenticated:
            return True
        return False

    def last_n(ana: Client) -> int:
        return int(ana.request("GET", "/tienda").headers["trastienda-n"])

    with Server(data) as server, client(server, "ana") as ana, client(server) as beto:
        n = last_n(ana)
        run("add", "22.222.222-2", "Beto", "beto", typed="clave-de-beto\n")
        beto.log_in("beto", "clave-de-beto", remember=False)
        assert ana.user("22222222-2").verificado is True
        assert last_n(ana) > n
        assert not is_logged_out(beto)

        run("password", "22222222-2", typed="otra-clave\n")
        eventually(lambda: is_logged_out(beto), "another password ends the sessions")
        beto.log_in("beto", "otra-clave", remember=False)
        assert not is_logged_out(beto)

        run("deactivate", "222222222")
        eventually(lambda: is_logged_out(beto), "deactivation ends the sessions")
        assert ana.user("22222222-2").estado == "Inactivo"
        assert server.stop() == 0


def test_a_server_killed_on_its_first_day_leaves_a_whole_shop(data: Path) -> None:
    """Each time a little later; the shop that comes of it is whole."""
    for step in range(8):
        server = Server(data, wait=False)
        time.sleep(step * 0.1)
        server.kill()
    with Server(data) as server, client(server, "ana") as ana:
        assert [user.usuario for user in ana.users()] == ["ana"]
        assert server.stop() == 0
    assert shell("verify", "--data", data, cwd=data.parent).returncode == 0

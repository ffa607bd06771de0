"""The life of a server: how it starts, how it stops, and what of the shell it notices meanwhile."""

import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.shell import shell
from tests.harness.waiting import eventually
from tests.journeys.serving import ADMIN_PASSWORD, Caller, LostError, Reply, Served
from tests.operations.test_ports import needs_ipv6

from trastienda.operations.shop_folder import DATABASE_FILE

STOP_S = 10
"""The promise."""

Stop = Callable[[Served], None]
STOPS: dict[str, Stop] = {
    "salir": lambda server: server.say(b"salir\n"),
    "SIGTERM": lambda server: server.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda server: server.process.send_signal(signal.SIGINT),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a shop may be."""
    return tmp_path / "shop"


def entered(server: Served) -> Caller:
    admin = Caller(server.port)
    admin.login("admin", ADMIN_PASSWORD)
    return admin


def stocked(admin: Caller, code: str = "PAN") -> None:
    admin.post(
        "/product",
        {"codigo_barras": code, "nombre": "Pan", "precio": 1000, "stock": 1_000_000},
    )


SALE = {"detalle": [{"codigo_barras": "PAN", "cantidad": 1}]}


class Till(threading.Thread):
    """Sells without a pause until the server goes away; keeps what it was answered."""

    def __init__(self, port: int, token: str | None) -> None:
        super().__init__()
        self._port, self._token = port, token
        self.sold: list[object] = []
        self.others: list[Reply] = []

    def run(self) -> None:
        with Caller(self._port, self._token) as caller:
            while True:
                try:
                    reply = caller.ask("POST", "/ventas-detalle", SALE)
                except LostError:
                    return
                if reply.status == 201:
                    self.sold.append(reply.value)
                else:
                    self.others.append(reply)


@pytest.mark.parametrize("how", STOPS)
def test_it_stops_cleanly_in_the_middle_of_the_day(data: Path, how: str) -> None:
    """What was answered is there; who came too late was told so; nothing was done that nobody heard of."""
    with Served(data) as server, entered(server) as admin:
        stocked(admin)
        tills = [Till(server.port, admin.token) for _ in range(6)]
        for till in tills:
            till.start()
        eventually(lambda: all(till.sold for till in tills), "sales at every till")
        began = time.monotonic()
        STOPS[how](server)
        assert server.ended(STOP_S * 6) == 0
        took = time.monotonic() - began
        for till in tills:
            till.join()
    assert took < STOP_S
    assert {reply.value["codigo"] for till in tills for reply in till.others} <= {
        "no_disponible"
    }
    assert {
        reply.headers["retry-after"] for till in tills for reply in till.others
    } <= {"1"}
    assert "Traceback" not in server.complained
    with Served(data) as server, entered(server) as admin:
        sold = sorted(
            (sale for till in tills for sale in till.sold),
            key=lambda sale: sale["folio"],  # type: ignore[index]
        )
        assert list(reversed(admin.every("/ventas"))) == sold
    assert shell("verify", "--data", data, cwd=data.parent).returncode == 0


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another process is writing: whoever else wants to has to wait."""
    connection = sqlite3.connect(
        data / DATABASE_FILE, isolation_level=None, check_same_thread=False
    )
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@pytest.mark.parametrize("how", STOPS)
def test_what_was_accepted_before_the_end_is_done_and_answered(
    data: Path, how: str
) -> None:
    with (
        Served(data) as server,
        entered(server) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        stocked(admin)
        with locked(data):
            waiting = pool.submit(
                admin.ask, "POST", "/ventas-detalle", SALE, key="last"
            )
            eventually(
                lambda: "trastienda_waiting_calls 1" in metrics(server.port),
                "the sale to wait for its commit",
            )
            STOPS[how](server)
            eventually(lambda: not listens(server.port), "the port to close")
            assert server.process.poll() is None
        reply = waiting.result()
        assert server.ended(STOP_S * 6) == 0
    assert (reply.status, reply.replayed) == (201, False)
    with Served(data) as server, entered(server) as admin:
        again = admin.ask("POST", "/ventas-detalle", SALE, key="last")
        assert (again.replayed, again.value) == (True, reply.value)


def metrics(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as one:
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: one.recv(65536), b"")).decode().replace(".0", "")


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_who_never_finishes_a_request_cannot_keep_it_from_stopping(data: Path) -> None:
    with Served(data) as server:
        idle = socket.create_connection(("127.0.0.1", server.port))
        half = socket.create_connection(("127.0.0.1", server.port))
        slow = socket.create_connection(("127.0.0.1", server.port))
        with idle, half, slow:
            half.sendall(b"GET /salud HT")
            slow.sendall(
                b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            )
            time.sleep(0.2)
            began = time.monotonic()
            server.process.terminate()
            assert server.ended(STOP_S * 6) == 0
            assert time.monotonic() - began < STOP_S + 2
            assert slow.recv(65536).startswith(b"HTTP/1.1 503")
    assert "Traceback" not in server.complained


def test_the_end_of_the_input_stops_nothing_and_neither_do_other_words(
    data: Path,
) -> None:
    with Served(data) as server:
        server.say(b"salida\nno salir\n\xff\xfe\n\n")
        assert server.process.stdin is not None
        server.process.stdin.close()
        with entered(
            server
        ) as admin:  # hashing a password takes longer than reading a line
            assert admin.get("/tienda")["nombre"] == "Mi tienda"
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
def test_the_word_is_understood_however_it_is_typed(
    data: Path, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PYTHONIOENCODING", "utf-8:strict"
    )  # as where the language is set
    with Served(data) as server:
        server.say(line)
        assert server.ended(STOP_S * 6) == 0


def test_a_second_server_is_refused_and_the_first_goes_on(data: Path) -> None:
    with Served(data) as server, entered(server) as admin:
        second = shell("serve", "--data", data, "--port", "0", cwd=data.parent)
        assert second.returncode == 1
        assert "ya está abierta por otro servidor" in second.stderr
        assert "Traceback" not in second.stderr
        stocked(admin)
        server.kill()
    with Served(data) as server, entered(server) as admin:
        assert len(admin.every("/products")) == 1, (
            "a server that was killed leaves no lock behind"
        )


def test_a_port_that_is_taken_is_told_and_no_shop_is_founded_for_it(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = shell("serve", "--data", data, "--port", str(port), cwd=data.parent)
    assert refused.returncode == 1
    assert f"el puerto {port}" in refused.stderr
    assert "--port o TRASTIENDA_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists(), "its password would have been shown to nobody"


def test_the_password_of_the_first_administrator_is_shown_once(data: Path) -> None:
    settings = {"admin_password": ""}
    with Served(data, settings=settings) as server:
        words = server.said.split()
        username, password = (
            words[words.index("usuario") + 1],
            words[words.index("clave", words.index("usuario")) + 1],
        )
        with Caller(server.port) as admin:
            admin.login(username, password)
            assert admin.get("/users/1-9")["tipo"] == "Administrador"
        assert server.stop() == 0
        assert server.said.count(password) == 1
        assert password not in server.complained
    with Served(data, settings=settings) as server:
        assert "clave" not in server.said
        assert password not in server.said


@needs_ipv6
@pytest.mark.parametrize("host", ["::", "0.0.0.0"])
def test_every_address_serves_both_protocols(data: Path, host: str) -> None:
    with Served(data, arguments=["--host", host]) as server:
        assert len(server.urls) == 2
        assert f"http://[::]:{server.port}" in server.urls
        for address in ("127.0.0.1", "::1"):
            with Caller(server.port, host=address) as caller:
                assert caller.ask("GET", "/salud").status == 200


def test_a_shop_of_a_newer_version_is_refused_with_a_sentence(data: Path) -> None:
    with Served(data):
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


def test_what_the_shell_does_to_people_is_noticed_by_a_server_that_runs(
    data: Path,
) -> None:
    """The promise is a second; here it is only waited for."""

    def run(*arguments: str, typed: str = "") -> None:
        done = shell("user", *arguments, "--data", data, cwd=data.parent, typed=typed)
        assert done.returncode == 0, done.stderr

    def status(caller: Caller) -> int:
        return caller.ask("GET", "/tienda").status

    with Served(data) as server, entered(server) as admin, Caller(server.port) as beto:
        n = int(admin.ask("GET", "/tienda").headers["trastienda-n"])
        run("add", "22.222.222-2", "Beto", "beto", typed="clave-de-beto\n")
        beto.login("beto", "clave-de-beto")
        assert admin.get("/users/22222222-2")["verificado"] is True
        assert int(admin.ask("GET", "/tienda").headers["trastienda-n"]) > n
        assert status(beto) == 200
        run("password", "22222222-2", typed="otra-clave\n")
        eventually(
            lambda: status(beto) == 401,
            "the end of the sessions of who has another password",
        )
        beto.login("beto", "otra-clave")
        assert status(beto) == 200
        run("deactivate", "222222222")
        eventually(
            lambda: status(beto) == 401,
            "the end of the sessions of who was deactivated",
        )
        assert admin.get("/users/22222222-2")["estado"] == "Inactivo"
        assert server.stop() == 0


def test_it_can_be_killed_at_any_moment_of_its_first_day(data: Path) -> None:
    """Each time a little later; the shop that comes of it is whole."""
    for step in range(8):
        server = Served(data)
        time.sleep(step * 0.1)
        server.kill()
        server.__exit__(None, None, None)
    with Served(data) as server, entered(server) as admin:
        assert [user["usuario"] for user in admin.every("/users")] == ["admin"]
        assert server.stop() == 0
    assert shell("verify", "--data", data, cwd=data.parent).returncode == 0

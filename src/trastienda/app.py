"""The composition root: the only module that knows every room, and puts a shop together."""

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from argon2 import PasswordHasher
from filelock import FileLock, Timeout
from msgspec import Struct

from trastienda.actions import people
from trastienda.actions import shop as shop_actions
from trastienda.config import Settings
from trastienda.domain import people as people_rules
from trastienda.domain import shop as shop_rules
from trastienda.domain.errors import Invalid, Unavailable
from trastienda.domain.people import SHELL, Role, User, UserDraft
from trastienda.domain.shop import Shop
from trastienda.live.bus import Bus
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.servers.http.app import HttpApp
from trastienda.servers.http.exchange import Desk
from trastienda.servers.http.metrics import Metrics
from trastienda.storage import database, dialects
from trastienda.storage.dialects import Connection, Engine
from trastienda.storage.transactions import Clock, Reading, Tx, reading, writing
from trastienda.wire.refusals import reason
from trastienda.writer import Writer

S = TypeVar("S")

DRAIN_S = 8
"""How long what was accepted may take to be answered when the shop stops; the promise is ten seconds."""
LOOK_FOR_FOREIGN_S = 0.25
"""How often the server looks whether another process (the shell) has written; the promise is a second."""
DATABASE_FILE = "trastienda.db"
SECRET_FILE = "secret.key"  # noqa: S105 - its name, not its content
SWITCH_S = 0.001
"""How long a thread may keep the interpreter while another waits: the writer must not hold up an answer for long."""


class StartError(Exception):
    """The shop cannot be opened; the text says why and what to do, in Spanish."""


def now_ms() -> int:
    """The clock of the house."""
    return time.time_ns() // 1_000_000


class Opened(Struct):
    """A shop's database, ready; ``admin_password`` is the one made up on the first day, to be shown once."""

    engine: Engine
    data: Path
    migrated: bool
    admin_user: str | None = None
    admin_password: str | None = None


def open_shop(settings: Settings, *, durable: bool = True) -> Opened:
    """Make the data folder if need be, migrate, and found the shop on its first day."""
    data: Path = settings["data"]
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
    except OSError as error:
        raise StartError(f"no se puede usar la carpeta {data} (TRASTIENDA_DATA): {error.strerror}") from error
    url = settings["database_url"] or database.sqlite_url(data / DATABASE_FILE)
    if not url.startswith("sqlite:"):
        raise StartError("TRASTIENDA_DATABASE_URL: esta versión guarda la tienda en SQLite solamente")
    engine = database.open_database(url, durable=durable)
    try:
        migrated = database.migrate(engine)
    except database.NewerSchemaError as error:
        raise StartError(f"la tienda de {data} la abrió antes una versión más nueva de Trastienda") from error
    except database.UnreadableError as error:
        raise StartError(f"la base de datos de {data} no se puede abrir: {error}") from error
    opened = Opened(engine, data, migrated)
    database.found_shop(engine, _page(settings))
    _first_administrator(opened, settings)
    return opened


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the shop open; raise StartError where another server has it open already."""
    lock = FileLock(data / "tienda.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StartError(f"la tienda de {data} ya está abierta por otro servidor") from error
    try:
        yield
    finally:
        lock.release()


def _page(settings: Settings) -> Shop:
    try:
        return shop_rules.checked(
            Shop(
                name=settings["shop_name"],
                rut=settings["shop_rut"],
                business=settings["shop_giro"],
                address=settings["shop_address"],
                country=settings["country"],
                currency=settings["currency"],
                timezone=settings["timezone"],
            )
        )
    except Invalid as error:
        raise StartError(f"{_VARIABLES[error.field]} {reason(error)}") from error


_VARIABLES = {
    "name": "TRASTIENDA_SHOP_NAME",
    "rut": "TRASTIENDA_SHOP_RUT",
    "business": "TRASTIENDA_SHOP_GIRO",
    "address": "TRASTIENDA_SHOP_ADDRESS",
    "country": "TRASTIENDA_COUNTRY",
    "currency": "TRASTIENDA_CURRENCY",
    "timezone": "TRASTIENDA_TIMEZONE",
}


def _first_administrator(opened: Opened, settings: Settings) -> None:
    """Create the first administrator, with the password given or one made up, where nobody has an account yet."""
    with reading_of(opened) as state:
        if people.anybody(state):
            return
    password = settings["admin_password"] or secrets.token_urlsafe(9)
    draft = UserDraft(
        rut=settings["admin_rut"],
        name="Administrador",
        username=settings["admin_user"],
        password=password,
        role=Role.ADMINISTRATOR,
    )
    try:
        draft = people.checked(draft)
    except Invalid as error:
        variable = {"username": "USER"}.get(error.field, error.field.upper())
        raise StartError(f"TRASTIENDA_ADMIN_{variable} {reason(error)}") from error
    with writing_of(opened) as tx:
        shop_actions.opened(tx)
    register(opened, draft)
    if not settings["admin_password"]:
        opened.admin_user, opened.admin_password = draft.username, password


def reading_of(shop: Opened) -> AbstractContextManager[Reading]:
    """One state of a shop, for the shell."""
    return _on_a_connection(shop, reading)


def writing_of(shop: Opened) -> AbstractContextManager[Tx]:
    """A transaction on a shop, for the shell; a server that has it open sees the outcome within a second."""
    return _on_a_connection(shop, writing)


@contextmanager
def _on_a_connection(shop: Opened, begin: Callable[[Connection, Clock], AbstractContextManager[S]]) -> Iterator[S]:
    with dialects.connect(shop.engine) as connection, begin(connection, now_ms) as state:
        yield state


def register(shop: Opened, draft: UserDraft) -> User:
    """Register somebody from the shell."""
    draft = people.checked(draft)
    password_hash = PasswordHasher().hash(draft.password)
    with writing_of(shop) as tx:
        return people.register(tx, SHELL, draft, password_hash)


def set_password(shop: Opened, rut: str, password: str) -> User:
    """Give somebody another password from the shell."""
    people_rules.check_password(password)
    password_hash = PasswordHasher().hash(password)
    with writing_of(shop) as tx:
        return people.change(tx, SHELL, rut, people.UserChange(password_hash=password_hash))


def deactivate(shop: Opened, rut: str) -> User:
    """Let somebody in no longer, from the shell."""
    with writing_of(shop) as tx:
        return people.deactivate(tx, SHELL, rut)


def _secret(data: Path, given: str | None) -> bytes:
    """Return the key that signs tokens: the one given, or one of the shop's own, made at first use."""
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = data / SECRET_FILE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    key = secrets.token_bytes(32)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return key


def bind(host: str, port: int, setting: str) -> list[socket.socket]:
    """Bind ``port`` on ``host``; every address stands for both protocols. Raises StartError naming the setting."""
    everywhere = host in {"0.0.0.0", "::", ""}  # noqa: S104 - asked for by whoever starts it
    families = [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")] if everywhere else _families(host)  # noqa: S104
    bound: list[socket.socket] = []
    for family, address in families:
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # this machine has no IPv6
            continue
        try:
            if os.name == "posix":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, bound[0].getsockname()[1] if bound else port))
        except OSError as error:
            one.close()
            if everywhere and family == socket.AF_INET6 and bound and error.errno != errno.EADDRINUSE:
                continue
            for other in bound:
                other.close()
            raise _taken(error, address, port, setting) from error
        bound.append(one)
    return bound


def _families(host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StartError(f"no se conoce la dirección «{host}»; cambie --host o TRASTIENDA_HOST") from error
    return [(socket.AddressFamily(found[0][0]), str(found[0][4][0]))]


class PortTakenError(StartError):
    """Another program listens there."""


def _taken(error: OSError, address: str, port: int, setting: str) -> StartError:
    option = f"--{setting.replace('_', '-')} o TRASTIENDA_{setting.upper()}"
    if error.errno == errno.EADDRINUSE:
        return PortTakenError(f"el puerto {port} de {address} está ocupado; elija otro con {option}")
    return StartError(f"no se puede escuchar en {address}:{port} ({error.strerror}); cambie {option} o --host")


class Running(Struct):
    """What a server that runs tells whoever started it."""

    urls: list[str]


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, since the house has its own; it tells when it listens."""

    told: Callable[[], None]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.told()


async def serve(
    opened: Opened, settings: Settings, sockets: list[socket.socket], started: Callable[[Running], None]
) -> None:
    """Serve the shop until a signal or ``salir`` on the standard input; what was accepted is committed and answered."""
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    _stop_on_word(stopping)
    async with _house(opened, settings) as (app, desk):
        server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_S,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        server.told = lambda: started(Running([_url(one) for one in sockets]))
        serving = asyncio.create_task(server.serve(sockets=sockets))
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
        desk.draining = True
        server.should_exit = True
        await serving
        stop.cancel()


def _url(one: socket.socket) -> str:
    host, port = one.getsockname()[:2]
    return f"http://[{host}]:{port}" if one.family == socket.AF_INET6 else f"http://{host}:{port}"


@asynccontextmanager
async def _house(opened: Opened, settings: Settings) -> AsyncIterator[tuple[HttpApp, Desk]]:
    """Put the rooms together, and take them apart in the order in which nothing accepted is lost."""
    reader = Reader(opened.engine, now_ms)
    bus = Bus(reader.now(lambda state: state.n))
    metrics = Metrics()
    writer = Writer(opened.engine, bus, now_ms, metrics.committed)
    metrics.watch("waiting_calls", "Calls that wait for their commit", lambda: writer.waiting)
    metrics.watch("last_announcement", "Number of the last announcement", lambda: bus.n)
    auth = Auth(reader, writer, _secret(opened.data, settings["secret_key"]), now_ms)
    desk = Desk(reader, writer, auth, metrics, now_ms)
    bus.listen(auth.hear)
    bus.listen(desk.hear)
    foreign = asyncio.create_task(_look_for_foreign(reader, writer, bus))
    try:
        yield HttpApp(desk, settings["cors_origins"]), desk
    finally:
        foreign.cancel()
        await writer.close()
        auth.close()
        reader.close()


async def _look_for_foreign(reader: Reader, writer: Writer, bus: Bus) -> None:
    """Have what another process committed announced here: a commit of ours reads it and tells it first."""
    seen = -1
    while True:
        await asyncio.sleep(LOOK_FOR_FOREIGN_S)
        counter = reader.change_counter()
        if counter != seen:
            seen = counter
            if reader.now(lambda state: state.n) > bus.n:
                with contextlib.suppress(Unavailable):
                    await writer.run(lambda tx: None)


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


def _stop_on_word(stopping: asyncio.Event) -> None:
    """Stop when the standard input says ``salir``; its end stops nothing, and in the background it is let alone."""
    loop = asyncio.get_running_loop()
    if hasattr(signal, "SIGTTIN"):
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)

    def read() -> None:
        while True:
            try:
                line = sys.stdin.readline()
            except (OSError, ValueError):
                if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
                    return
                time.sleep(1)  # in the background of a terminal; it may come to the front again
                continue
            if not line:
                return
            if line.strip().casefold() == "salir":
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(stopping.set)
                return

    if sys.stdin is not None:
        threading.Thread(target=read, name="stdin", daemon=True).start()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run the event loop, the fast one where there is one."""
    sys.setswitchinterval(SWITCH_S)
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)

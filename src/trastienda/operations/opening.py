"""A shop on the disk: its folder, its first day, and the shell's way to it."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from filelock import FileLock, Timeout
from msgspec import Struct

from trastienda.actions import people
from trastienda.actions import shop as shop_actions
from trastienda.config import Settings
from trastienda.domain import people as people_rules
from trastienda.domain import shop as shop_rules
from trastienda.domain.errors import Invalid
from trastienda.domain.people import SHELL, Role, User, UserDraft
from trastienda.domain.shop import Shop
from trastienda.operations import atomic_files
from trastienda.storage import database, dialects
from trastienda.storage.dialects import Connection, Engine
from trastienda.storage.errors import NewerSchemaError, UnreadableError
from trastienda.storage.transactions import Clock, Snapshot, Tx, read_snapshot, writing
from trastienda.wire.refusals import reason

S = TypeVar("S")

DATABASE_FILE = "trastienda.db"
KEY_BYTES = 32
_RESTORE = "reponga una copia con: trastienda restore COPIA"
LOCK_FILE = "tienda.lock"
SECRET_FILE = "secret.key"  # noqa: S105 - its name, not its content


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


@contextmanager
def _folder(data: Path) -> Iterator[None]:
    """Make the data folder if need be, and say so where it, or what is done in it here, cannot be."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except Timeout:
        raise
    except OSError as error:
        raise StartError(
            f"no se puede usar la carpeta {data} (TRASTIENDA_DATA): {error.strerror}"
        ) from error


def is_there(settings: Settings) -> bool:
    """Tell whether there is a shop to be opened; without one, opening founds it."""
    try:
        return database.is_shop(engine_of(settings))
    except UnreadableError:
        return True  # something is there, and opening it says what is wrong


def engine_of(settings: Settings, *, durable: bool = True) -> Engine:
    """Return the engine of the shop's database, whatever is there; raise StartError where the setting names none."""
    return database.open_database(
        database.sqlite_url(database_file(settings)), durable=durable
    )


def database_file(settings: Settings) -> Path:
    """Return the file in which the shop's database lies; raise StartError where the setting names none."""
    url: str = settings["database_url"]
    if not url:
        return Path(settings["data"]) / DATABASE_FILE
    if not url.startswith("sqlite:"):
        raise StartError(
            "TRASTIENDA_DATABASE_URL: esta versión guarda la tienda en SQLite solamente"
        )
    file = database.file_of(url)
    if file is None:
        raise StartError(
            "TRASTIENDA_DATABASE_URL debe nombrar un archivo: sqlite:////carpeta/tienda.db"
        )
    return file


def open_shop(settings: Settings, *, durable: bool = True) -> Opened:
    """Make the data folder if need be, migrate, and found the shop on its first day."""
    data: Path = settings["data"]
    file = database_file(settings)
    with _folder(data):
        if not settings["database_url"]:
            traces = [
                data / SECRET_FILE,
                *data.glob(f"{DATABASE_FILE}.*"),
            ]  # beside it lie those that were replaced
            if not file.exists() and any(trace.exists() for trace in traces):
                raise StartError(
                    f"en {data} falta {DATABASE_FILE}, aunque hubo una tienda; {_RESTORE}"
                )
            file.touch(mode=0o600)  # what SQLite puts beside it gets the same rights
    engine = engine_of(settings, durable=durable)
    try:
        opened = Opened(engine, data, database.migrate(engine))
        database.found_shop(engine, _page(settings))
        _first_administrator(opened, settings)
    except NewerSchemaError as error:
        raise StartError(
            f"la tienda de {data} la abrió antes una versión más nueva de Trastienda"
        ) from error
    except UnreadableError as error:
        raise StartError(
            f"la base de datos de {data} no se puede abrir: {error}; {_RESTORE} --force"
        ) from error
    return opened


def is_served(data: Path) -> bool:
    """Tell whether a server has the shop open."""
    try:
        with FileLock(data / LOCK_FILE, timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the shop open; raise StartError where another server has it open already."""
    lock = FileLock(data / LOCK_FILE)
    try:
        with _folder(data):
            lock.acquire(timeout=0)
    except Timeout as error:
        raise StartError(
            f"la tienda de {data} ya está abierta por otro servidor"
        ) from error
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
                vat_bp=int(Decimal(settings["iva"]) * 100),
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
    with reading_of(opened) as snapshot:
        if people.anybody(snapshot):
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
    password_hash = PasswordHasher().hash(draft.password)
    with writing_of(opened) as tx:
        if people.anybody(tx):  # another process was faster
            return
        shop_actions.opened(tx)
        people.register(tx, SHELL, draft, password_hash)
    if not settings["admin_password"]:
        opened.admin_user, opened.admin_password = draft.username, password


def reading_of(shop: Opened) -> AbstractContextManager[Snapshot]:
    """One state of a shop, for the shell."""
    return _on_a_connection(shop, read_snapshot)


def writing_of(shop: Opened) -> AbstractContextManager[Tx]:
    """A transaction on a shop, for the shell; a server that has it open sees the outcome within a second."""
    return _on_a_connection(shop, writing)


@contextmanager
def _on_a_connection(
    shop: Opened, begin: Callable[[Connection, Clock], AbstractContextManager[S]]
) -> Iterator[S]:
    with (
        database.readable(),
        dialects.connect(shop.engine) as connection,
        begin(connection, now_ms) as snapshot,
    ):
        yield snapshot


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
        return people.change(
            tx, SHELL, rut, people.UserChange(password_hash=password_hash)
        )


def deactivate(shop: Opened, rut: str) -> User:
    """Let somebody in no longer, from the shell."""
    with writing_of(shop) as tx:
        return people.deactivate(tx, SHELL, rut)


def signing_key(data: Path, given: str | None) -> bytes:
    """Return the key that signs tokens: the one given, or one of the shop's own, made at first use."""
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = data / SECRET_FILE
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return _new_key(path)
    if len(kept) < KEY_BYTES:
        raise StartError(
            f"{path} está dañado; bórrelo, y todos tendrán que iniciar sesión de nuevo"
        )
    return kept


def _new_key(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    atomic_files.write(path, key)
    return key

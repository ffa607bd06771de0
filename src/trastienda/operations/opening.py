"""A shop opened from its files: migrated, and founded on its first day."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from trastienda.operations import founding
from trastienda.operations.errors import StartError
from trastienda.operations.founding import Founding
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import (
    RESTORE_HINT,
    Location,
    prepare_database_file,
)
from trastienda.storage.database import (
    HEAD_REVISION,
    checked_revision,
    found_shop,
    is_shop,
    migrate,
)
from trastienda.storage.dialects import Database, database_files, open_file
from trastienda.storage.errors import (
    BusyError,
    DiskFullError,
    ForeignSchemaError,
    NewerSchemaError,
    UnreadableError,
)
from trastienda.wire.verification import foreign_part


def is_there(location: Location) -> bool:
    """Tell whether there is a shop to be opened; without one, opening founds it."""
    try:
        return is_shop(_to_be_looked_at(location))
    except (BusyError, UnreadableError):
        return True  # something is there, and opening it says what is wrong


def is_behind(location: Location) -> bool:
    """Tell whether there is a shop of an earlier version. Raises StartError."""
    database = _to_be_looked_at(location)
    if not database.is_there():
        return False
    with _reasons(location):
        return checked_revision(database) not in {None, HEAD_REVISION}


def open_shop(
    location: Location,
    new_shop: Founding,
    *,
    durable: bool = True,
    migrates: bool = False,
) -> OpenShop:
    """Open the shop, and found it on its first day.

    Makes the data folder if it is missing. A shop of an earlier version is brought up to
    date where it ``migrates``, and refused otherwise: the server of that version may have
    it open. Without ``durable`` a power cut may lose what was written. Raises StartError.
    """
    data = location.data
    prepare_database_file(location)
    _refuse_foreign_journal(location)
    database = open_file(location.database_file, durable=durable)
    with _reasons(location):
        if not migrates:
            _refuse_earlier_version(database, data)
        migrated = migrate(database)
        found_shop(database, founding.checked_page(new_shop.page))
        shop = OpenShop(database, data, migrated)
        first_login = founding.add_first_administrator(shop, new_shop)
    return replace(shop, first_login=first_login)


def look_at(location: Location) -> OpenShop:
    """Open a shop that is there to read from it; it may lie where nothing can be written.

    Raises StartError.
    """
    data = location.data
    database = _to_be_looked_at(location)
    with _reasons(location):
        _refuse_earlier_version(database, data)
    return OpenShop(database, data)


def _to_be_looked_at(location: Location) -> Database:
    """Return the shop's database, opened without writing where that is not allowed."""
    _refuse_foreign_journal(location)
    file = location.database_file
    may_write = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    return open_file(file, read_only=file.exists() and not may_write)


def _refuse_foreign_journal(location: Location) -> None:
    """Refuse a database beside which a journal lies that would have a file deleted."""
    file = location.database_file
    if database_files.has_foreign_journal(file):
        raise StartError(
            f"{file.name}-journal no es de esta tienda, y al abrirla borraría otro archivo. "
            f"No se abrió ni se cambió nada; {RESTORE_HINT} --force"
        )


def _refuse_earlier_version(
    database: Database,
    data: Path,
) -> None:
    if checked_revision(database) not in {None, HEAD_REVISION}:
        raise StartError(
            f"la tienda de {data} es de una versión anterior de Trastienda, y así no se "
            "puede leer. No se cambió nada: detén su servidor, haz una copia con "
            "«trastienda backup COPIA» y después «trastienda migrate»"
        )


@contextmanager
def _reasons(location: Location) -> Iterator[None]:
    """Turn what is wrong with a database into a StartError that says what to do."""
    data, file = location.data, location.database_file
    try:
        yield
    except NewerSchemaError as error:
        raise StartError(
            f"la tienda de {data} la abrió antes una versión más nueva de Trastienda"
        ) from error
    except ForeignSchemaError as error:
        part = foreign_part(error.kind, error.name, error.difference)
        raise StartError(
            f"la base de datos de {data} no es como la hace Trastienda: {part}. "
            f"No se abrió ni se cambió nada; {RESTORE_HINT} --force"
        ) from error
    except DiskFullError as error:
        raise StartError(
            f"el disco donde está {data} está lleno, y así la tienda no se puede abrir. "
            "Lo guardado está a salvo: libera espacio y ábrela de nuevo"
        ) from error
    except UnreadableError as error:
        log = file.with_name(f"{file.name}-wal")
        if log.exists() and not os.access(file.parent, os.W_OK):
            raise StartError(
                f"en {file.parent} no se puede escribir, y lo último de la tienda está en "
                f"{log.name}, que así no se puede leer; copia la carpeta entera a otro "
                "disco y ábrela ahí"
            ) from error
        raise StartError(
            f"la base de datos de {data} no se puede abrir: {error}; "
            f"{RESTORE_HINT} --force"
        ) from error

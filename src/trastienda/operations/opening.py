"""A shop opened from its files: migrated, and founded on its first day."""

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
from trastienda.storage.database import found_shop, is_shop, migrate
from trastienda.storage.dialects import open_file
from trastienda.storage.errors import (
    ForeignSchemaError,
    NewerSchemaError,
    UnreadableError,
)
from trastienda.wire.verification import foreign_part


def is_there(location: Location) -> bool:
    """Tell whether there is a shop to be opened; without one, opening founds it."""
    try:
        return is_shop(open_file(location.database_file))
    except UnreadableError:
        return True  # something is there, and opening it says what is wrong


def open_shop(
    location: Location, new_shop: Founding, *, durable: bool = True
) -> OpenShop:
    """Open the shop, and found it on its first day.

    Makes the data folder if it is missing and brings the schema up to date. Without
    ``durable`` a power cut may lose what was written. Raises StartError.
    """
    data = location.data
    prepare_database_file(location)
    database = open_file(location.database_file, durable=durable)
    try:
        migrated = migrate(database)
        found_shop(database, founding.checked_page(new_shop.page))
        shop = OpenShop(database, data, migrated)
        first_login = founding.add_first_administrator(shop, new_shop)
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
    except UnreadableError as error:
        raise StartError(
            f"la base de datos de {data} no se puede abrir: {error}; "
            f"{RESTORE_HINT} --force"
        ) from error
    return replace(shop, first_login=first_login)

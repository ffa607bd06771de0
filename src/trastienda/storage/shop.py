"""The shop's page and the head row: rows in; they are read with the transaction."""

import msgspec
import sqlalchemy as sa

from trastienda.domain.audit import GENESIS
from trastienda.domain.shop import Shop
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx


def update(tx: Tx, shop: Shop) -> None:
    """Write the shop's page."""
    tx.connection.execute(
        sa.update(schema.shop).values(content=msgspec.json.encode(shop).decode())
    )
    tx.__dict__.pop("shop", None)


def is_founded(connection: Connection) -> bool:
    """Tell whether the rows are there that every shop has."""
    return connection.execute(sa.select(schema.head.c.id)).first() is not None


def found(connection: Connection, shop: Shop) -> None:
    """Write the rows that every shop has from the first day."""
    counters = {f"last_{name}": 0 for name in schema.COUNTERS}
    connection.execute(
        sa.insert(schema.head), {"id": 1, "chain_hash": GENESIS, **counters}
    )
    connection.execute(
        sa.insert(schema.shop), {"id": 1, "content": msgspec.json.encode(shop).decode()}
    )
    connection.execute(
        sa.insert(schema.locations), {"id": MAIN_LOCATION_ID, "name": "Local"}
    )

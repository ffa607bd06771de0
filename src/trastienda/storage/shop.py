"""The shop's page and the head row: rows in. A transaction reads them itself."""

import msgspec
import sqlalchemy as sa

from trastienda.domain.audit import GENESIS
from trastienda.domain.shop import Shop
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx


def update(
    transaction: Tx,
    shop: Shop,
) -> None:
    """Update the shop's page."""
    content = msgspec.json.encode(shop).decode()
    transaction.connection.execute(sa.update(schema.shop).values(content=content))
    transaction.__dict__.pop("shop", None)


def is_founded(connection: Connection) -> bool:
    """Tell whether the shop has been founded."""
    head_row = connection.execute(sa.select(schema.head.c.id)).first()
    return head_row is not None


def found(
    connection: Connection,
    shop: Shop,
) -> None:
    """Add the rows that every shop has from the first day."""
    counters = {f"last_{name}": 0 for name in schema.COUNTERS}
    head = {"id": 1, "chain_hash": GENESIS, **counters}
    page = {"id": 1, "content": msgspec.json.encode(shop).decode()}
    location = {"id": MAIN_LOCATION_ID, "name": "Local"}
    connection.execute(sa.insert(schema.head), head)
    connection.execute(sa.insert(schema.shop), page)
    connection.execute(sa.insert(schema.locations), location)

"""Imports and the products that they made or changed: rows in, rows out."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from trastienda.domain.imports import Import, ImportedProduct, ImportKind
from trastienda.domain.products import Product
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import products, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_IMPORTS = schema.imports.c
_CHANGES = schema.import_changes.c
_STOCK = schema.stock.c


class ProductNow(NamedTuple):
    """A product that an import touched, and whether nothing has happened to it since."""

    product: Product
    imported: ImportedProduct
    is_untouched: bool


def add(
    transaction: Tx,
    kind: ImportKind,
    file: str,
) -> int:
    """Add an import of nothing yet, and return its number."""
    last_id = transaction.connection.execute(
        sa.select(sa.func.max(_IMPORTS.id))
    ).scalar_one()
    import_id = (last_id or 0) + 1
    row = (import_id, transaction.now_ms, kind.value, file[:255], 0, None)
    transaction.insert(schema.imports, [row])
    return import_id


def count_rows(
    transaction: Tx,
    import_id: int,
    rows: int,
) -> None:
    """Add to the rows that an import took in."""
    transaction.connection.execute(
        sa.update(schema.imports)
        .where(_IMPORTS.id == import_id)
        .values(rows=_IMPORTS.rows + rows)
    )


def add_products(
    transaction: Tx,
    import_id: int,
    imported: Sequence[ImportedProduct],
) -> None:
    """Add products that an import made or changed, each once."""
    rows = []
    for product in imported:
        before = ""
        if product.before is not None:
            before = msgspec.json.encode(product.before).decode()
        rows.append(
            (
                import_id,
                product.product_id,
                before,
                product.before_movement_id,
                product.version,
                product.last_movement_id,
            )
        )
    transaction.insert(schema.import_changes, rows)


def _import(row: Sequence[object]) -> Import:
    import_id, at_ms, kind, file, rows, undone_at_ms = row
    values = {
        "id": import_id,
        "at_ms": at_ms,
        "kind": kind,
        "file": file,
        "rows": rows,
        "undone_at_ms": undone_at_ms,
    }
    return msgspec.convert(values, Import)


def by_id(
    connection: Connection,
    import_id: int,
) -> Import | None:
    """Return the import of this number."""
    query = sa.select(schema.imports).where(_IMPORTS.id == import_id)
    row = connection.execute(query).first()
    return None if row is None else _import(row)


def newest(
    connection: Connection,
    limit: int,
) -> list[Import]:
    """Return the last imports, newest first."""
    query = sa.select(schema.imports).order_by(_IMPORTS.id.desc()).limit(limit)
    return [_import(row) for row in connection.execute(query)]


def products_now(
    connection: Connection,
    import_id: int,
) -> Iterator[ProductNow]:
    """Yield what an import made or changed, as it is now, in the order of numbers."""
    query = (
        sa.select(schema.import_changes, _STOCK.last_movement_id)
        .join(schema.stock, _STOCK.product_id == _CHANGES.product_id)
        .where(
            _CHANGES.import_id == import_id,
            _STOCK.location_id == MAIN_LOCATION_ID,
        )
        .order_by(_CHANGES.product_id)
    )
    change_rows = connection.execute(query).all()
    ids = [row[1] for row in change_rows]
    by_product_id = products.by_ids(connection, ids)
    for change_row in change_rows:
        _, product_id, before, before_id, version, movement_id, last_id = change_row
        product = by_product_id.get(product_id)
        if product is None:  # it was deleted since, so nothing of it is left
            continue
        imported = ImportedProduct(
            product_id,
            msgspec.json.decode(before, type=Product) if before else None,
            before_id,
            version,
            movement_id,
        )
        is_untouched = (product.version, last_id) == (version, movement_id)
        yield ProductNow(product, imported, is_untouched)


_LEAD_BACK = (
    sa.update(schema.import_changes)
    .where(
        _CHANGES.product_id == sa.bindparam("of_product"),
        _CHANGES.version == sa.bindparam("old_version"),
        _CHANGES.last_movement_id.is_not_distinct_from(sa.bindparam("old_id")),
    )
    .values(
        version=sa.bindparam("new_version"), last_movement_id=sa.bindparam("new_id")
    )
)


def lead_back(
    transaction: Tx,
    imported: ImportedProduct,
    version: int,
    last_movement_id: int | None,
) -> None:
    """Write that a product is as an earlier import left it, now that a later one is
    undone; so that the earlier one can be, too."""
    assert imported.before is not None
    values = {
        "of_product": imported.product_id,
        "old_version": imported.before.version,
        "old_id": imported.before_movement_id,
        "new_version": version,
        "new_id": last_movement_id,
    }
    transaction.connection.execute(_LEAD_BACK, values)


def mark_undone(
    transaction: Tx,
    import_id: int,
) -> None:
    """Write that an import was taken back now."""
    transaction.connection.execute(
        sa.update(schema.imports)
        .where(_IMPORTS.id == import_id)
        .values(undone_at_ms=transaction.now_ms)
    )

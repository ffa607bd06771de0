"""Products and their stock: rows in, rows out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from trastienda.domain import barcode
from trastienda.domain.products import Discount, Product, Unit
from trastienda.domain.text import (
    fold,
    in_one,
    searchable,
    words_in_one,
)
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import dialects, lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_UNITS = {unit.value: unit for unit in Unit}
_PRODUCTS = schema.products.c
_STOCK = schema.stock.c
SELECT_PRODUCTS = sa.select(
    _PRODUCTS.id,
    _PRODUCTS.code,
    _PRODUCTS.in_house,
    _PRODUCTS.name,
    _PRODUCTS.price_minor,
    _PRODUCTS.cost_minor,
    _PRODUCTS.cost_rest_milli,
    _STOCK.quantity_milli,
    _PRODUCTS.min_stock_milli,
    _PRODUCTS.category,
    _PRODUCTS.unit,
    _PRODUCTS.exempt,
    _PRODUCTS.active,
    _PRODUCTS.version,
    _PRODUCTS.discount_bp,
    _PRODUCTS.discount_minor,
    _PRODUCTS.discount_from_ms,
    _PRODUCTS.discount_until_ms,
    _PRODUCTS.told_until_ms,
).join_from(
    schema.products,
    schema.stock,
    sa.and_(_STOCK.product_id == _PRODUCTS.id, _STOCK.location_id == MAIN_LOCATION_ID),
)
_BY_KEY = dialects.Prepared(
    SELECT_PRODUCTS.where(_PRODUCTS.code_key == sa.bindparam("key"))
)
_WITH_KEY = SELECT_PRODUCTS.add_columns(_PRODUCTS.code_key)
_BY_KEYS = dialects.Prepared(
    _WITH_KEY.where(dialects.among(_PRODUCTS.code_key, "keys"))
)
LISTED = SELECT_PRODUCTS.where(_PRODUCTS.removed_at_ms.is_(None))
"""Without those that were deleted for good; their rows stay for their numbers and their
movements."""
_UNITS_OF = sa.select(_PRODUCTS.id, _PRODUCTS.unit).where(
    _PRODUCTS.id.in_(sa.bindparam("ids", expanding=True))
)


def _product(product_row: Sequence[Any]) -> Product:
    (
        product_id,
        code,
        in_house,
        name,
        price_minor,
        cost_minor,
        cost_rest_milli,
        stock_milli,
        min_stock_milli,
        category,
        unit,
        exempt,
        active,
        version,
        discount_bp,
        discount_minor,
        discount_from_ms,
        discount_until_ms,
        told_until_ms,
    ) = product_row

    discount = None
    if discount_from_ms is not None:
        discount = Discount(
            share_bp=discount_bp,
            amount_minor=discount_minor,
            from_ms=discount_from_ms,
            until_ms=discount_until_ms,
        )
    return Product(
        id=product_id,
        code=code,
        in_house=bool(in_house),
        name=name,
        price_minor=price_minor,
        cost_minor=cost_minor,
        cost_rest_milli=cost_rest_milli,
        stock_milli=stock_milli,
        min_stock_milli=min_stock_milli,
        category=category,
        unit=_UNITS[unit],
        exempt=bool(exempt),
        active=bool(active),
        version=version,
        discount=discount,
        told_until_ms=told_until_ms,
    )


def build(product_rows: Iterable[Sequence[Any]]) -> list[Product]:
    return [_product(row) for row in product_rows]


def by_code(
    connection: Connection,
    code: str,
) -> Product | None:
    """Return the product that ``code``, in any of its spellings, names."""
    product = by_key(connection, code)
    if product is not None:
        return product
    return barcode.named(by_codes(connection, [code]), code)


def by_key(
    connection: Connection,
    code_key: str,
) -> Product | None:
    """Return the product that stands under exactly this key.

    Nearly every code is its own key, and one row costs less to ask for than a set.
    """
    product_rows = connection.fetch(_BY_KEY, key=code_key)
    return _product(product_rows[0]) if product_rows else None


def by_codes(
    connection: Connection,
    codes: Iterable[str],
) -> dict[str, Product]:
    """Return the products that the codes name, for :func:`barcode.named`."""
    code_keys = {code_key for code in codes for code_key in barcode.keys(code)}
    product_rows = connection.fetch(_BY_KEYS, keys=dialects.array(code_keys))
    return {row[-1]: _product(row[:-1]) for row in product_rows}


def by_ids(
    connection: Connection,
    product_ids: Sequence[int],
) -> dict[int, Product]:
    """Return the products of these numbers, by number."""
    by_id = {}
    for chunk in connection.chunks(product_ids):
        query = LISTED.where(_PRODUCTS.id.in_(chunk))
        for product in build(connection.execute(query)):
            by_id[product.id] = product
    return by_id


def by_name(
    connection: Connection,
    name: str,
) -> list[Product]:
    """Return the active products of this name.

    Accents and case do not matter. Where none is written just so, neither does where
    words are joined. It looks at all products.
    """
    written = _PRODUCTS.search.startswith(searchable(name) + " ", autoescape=True)
    alike: sa.ColumnElement[bool] = sa.false()
    joined = in_one(name)
    if joined:
        alike = _PRODUCTS.search_in_one.startswith(f" {joined} ", autoescape=True)
    query = SELECT_PRODUCTS.where(
        sa.or_(written, alike), _PRODUCTS.active.is_(sa.true())
    )

    # The search begins with the name, but another name may begin alike.
    candidates = build(connection.execute(query))
    folded_name = fold(name)
    named = [product for product in candidates if fold(product.name) == folded_name]
    return named or [
        product for product in candidates if joined and in_one(product.name) == joined
    ]


def units_of(
    connection: Connection,
    product_ids: Iterable[int],
) -> dict[int, Unit]:
    """Return the units that products are sold by."""
    distinct_ids = sorted(set(product_ids))
    unit_rows = connection.execute(_UNITS_OF, {"ids": distinct_ids})
    return {product_id: _UNITS[unit] for product_id, unit in unit_rows}


def with_expired_discount(
    connection: Connection,
    now_ms: int,
    limit: int,
) -> list[Product]:
    """Return products whose discount is over, which nobody was told yet; at most ``limit``."""
    until_ms, told_until_ms = _PRODUCTS.discount_until_ms, _PRODUCTS.told_until_ms
    query = SELECT_PRODUCTS.where(
        until_ms <= now_ms,
        told_until_ms.is_distinct_from(until_ms),
    )
    query = query.order_by(_PRODUCTS.id).limit(limit)
    return build(connection.execute(query))


def with_discount_told_too_early(
    connection: Connection,
    now_ms: int,
    limit: int,
) -> list[Product]:
    """Return products whose discount was told to be over and is not, at most ``limit``.

    The clock was ahead when it was told.
    """
    until_ms = _PRODUCTS.discount_until_ms
    query = SELECT_PRODUCTS.where(
        until_ms > now_ms, _PRODUCTS.told_until_ms == until_ms
    )
    query = query.order_by(_PRODUCTS.id).limit(limit)
    return build(connection.execute(query))


def each(connection: Connection) -> Iterator[Product]:
    """Yield all products, oldest first."""
    return lists.each(connection, LISTED, [_PRODUCTS.id], build)


def _columns(product: Product) -> dict[str, Any]:
    discount = product.discount
    return {
        "in_house": product.in_house,
        "name": product.name,
        "search": searchable(f"{product.name} {product.code}")[:300],
        "search_in_one": words_in_one(product.name)[:1000],
        "price_minor": product.price_minor,
        "cost_minor": product.cost_minor,
        "cost_rest_milli": product.cost_rest_milli,
        "min_stock_milli": product.min_stock_milli,
        "category": product.category,
        "category_key": product.category and fold(product.category),
        "unit": product.unit.value,
        "exempt": product.exempt,
        "active": product.active,
        "discount_bp": discount and discount.share_bp,
        "discount_minor": discount and discount.amount_minor,
        "discount_from_ms": discount and discount.from_ms,
        "discount_until_ms": discount and discount.until_ms,
        "version": product.version,
        "told_until_ms": product.told_until_ms,
    }


def add(
    transaction: Tx,
    products: Sequence[Product],
) -> None:
    """Add products with nothing in stock; an IntegrityError where a code is taken."""
    column_order = [column.key for column in schema.products.columns]
    product_rows = []
    for product in products:
        values = _columns(product) | {
            "id": product.id,
            "code": product.code,
            "code_key": barcode.key(product.code),
            "created_at_ms": transaction.now_ms,
            "removed_at_ms": None,
        }
        product_rows.append(tuple(values[name] for name in column_order))
    transaction.insert(schema.products, product_rows)

    transaction.insert(
        schema.stock, [(product.id, MAIN_LOCATION_ID, 0, None) for product in products]
    )


_UPDATE = sa.update(schema.products).where(_PRODUCTS.id == sa.bindparam("product_id"))


def update(
    transaction: Tx,
    product: Product,
) -> None:
    """Write all of a product but its code and stock."""
    transaction.connection.execute(
        _UPDATE.values(_columns(product)), {"product_id": product.id}
    )


_REMOVE = (
    sa.update(schema.products)
    .where(_PRODUCTS.id == sa.bindparam("product_id"))
    .values(
        code_key=sa.bindparam("free_key"),
        search="",
        active=False,
        discount_bp=None,
        discount_minor=None,
        discount_from_ms=None,
        discount_until_ms=None,
        removed_at_ms=sa.bindparam("at_ms"),
    )
)


def free_key(product_id: int) -> str:
    """Return the key of a product that is gone: no code has it, for no code has a space."""
    return f" {product_id}"


def remove(
    transaction: Tx,
    product_id: int,
) -> None:
    """Take a product out of everything that is looked up, and free its code."""
    transaction.connection.execute(
        _REMOVE,
        {
            "product_id": product_id,
            "free_key": free_key(product_id),
            "at_ms": transaction.now_ms,
        },
    )

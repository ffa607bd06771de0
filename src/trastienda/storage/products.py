"""Products and their stock: rows in, rows out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from trastienda.domain import barcode
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause, Movement
from trastienda.domain.products import Discount, Product, Unit
from trastienda.domain.text import fold
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import dialects, lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx

_UNITS = {unit.value: unit for unit in Unit}
_PRODUCTS = schema.products.c
_STOCK = schema.stock.c
_SELECT = sa.select(
    _PRODUCTS.id,
    _PRODUCTS.code,
    _PRODUCTS.in_house,
    _PRODUCTS.name,
    _PRODUCTS.price_minor,
    _PRODUCTS.cost_minor,
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
).join_from(
    schema.products,
    schema.stock,
    sa.and_(_STOCK.product_id == _PRODUCTS.id, _STOCK.location_id == MAIN_LOCATION_ID),
)
_BY_KEY = dialects.Prepared(_SELECT.where(_PRODUCTS.code_key == sa.bindparam("key")))
_BY_KEYS = dialects.Prepared(_SELECT.where(dialects.among(_PRODUCTS.code_key, "keys")))
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
        stock_milli=stock_milli,
        min_stock_milli=min_stock_milli,
        category=category,
        unit=_UNITS[unit],
        exempt=bool(exempt),
        active=bool(active),
        version=version,
        discount=discount,
    )


def _build(product_rows: Iterable[Sequence[Any]]) -> list[Product]:
    return [_product(row) for row in product_rows]


def by_code(
    connection: Connection,
    code: str,
) -> Product | None:
    """Return the product that ``code`` (or its other spelling) names."""
    product_rows = connection.fetch(_BY_KEY, key=barcode.key(code))
    return _product(product_rows[0]) if product_rows else None


def by_codes(
    connection: Connection,
    codes: Iterable[str],
) -> dict[str, Product]:
    """Return the products that the codes name, by :func:`barcode.key`."""
    code_keys = {barcode.key(code) for code in codes}
    product_rows = connection.fetch(_BY_KEYS, keys=dialects.array(code_keys))

    products = {}
    for product_row in product_rows:
        product = _product(product_row)
        products[barcode.key(product.code)] = product
    return products


def by_name(
    connection: Connection,
    name: str,
) -> list[Product]:
    """Return the active products of this name.

    Neither accents nor case matter. It looks at all products.
    """
    folded_name = fold(name)
    query = _SELECT.where(
        _PRODUCTS.search.startswith(folded_name + " ", autoescape=True),
        _PRODUCTS.active.is_(sa.true()),
    )
    candidates = _build(connection.execute(query))
    return [product for product in candidates if fold(product.name) == folded_name]


def in_order_of_name(
    connection: Connection,
    search: str,
    limit: int,
) -> list[Product]:
    """Return active products, searched by name or code, in the order of their names.

    It looks at all of them.
    """
    query = lists.containing(_SELECT, _PRODUCTS.search, search or None)
    query = query.where(_PRODUCTS.active.is_(sa.true()))
    query = query.order_by(_PRODUCTS.search, _PRODUCTS.id).limit(limit)
    return _build(connection.execute(query))


def units_of(
    connection: Connection,
    product_ids: Iterable[int],
) -> dict[int, Unit]:
    """Return the units that products are sold by."""
    distinct_ids = sorted(set(product_ids))
    unit_rows = connection.execute(_UNITS_OF, {"ids": distinct_ids})
    return {product_id: _UNITS[unit] for product_id, unit in unit_rows}


def listed(
    connection: Connection,
    window: Window,
    *,
    category: str | None = None,
    below_minimum: bool | None = None,
    active: bool | None = None,
) -> Page[Product]:
    """Return a page of products, newest first, searched by name or code."""
    query = lists.containing(_SELECT, _PRODUCTS.search, window.search)
    query = lists.within(query, _PRODUCTS.created_at_ms, window)

    if category is not None:
        query = query.where(_PRODUCTS.category == category)
    if below_minimum is not None:
        below = _STOCK.quantity_milli < _PRODUCTS.min_stock_milli
        query = query.where(below if below_minimum else sa.not_(below))
    if active is not None:
        query = query.where(_PRODUCTS.active == active)
    return lists.page(connection, query, [_PRODUCTS.id], window, _build)


def with_expired_discount(
    connection: Connection,
    now_ms: int,
    limit: int,
) -> list[Product]:
    """Return products whose discount is over, at most ``limit``."""
    query = _SELECT.where(_PRODUCTS.discount_until_ms <= now_ms)
    query = query.order_by(_PRODUCTS.id).limit(limit)
    return _build(connection.execute(query))


def each(connection: Connection) -> Iterator[Product]:
    """Yield all products, oldest first."""
    return lists.each(connection, _SELECT, [_PRODUCTS.id], _build)


def _columns(product: Product) -> dict[str, Any]:
    discount = product.discount
    return {
        "in_house": product.in_house,
        "name": product.name,
        "search": fold(f"{product.name} {product.code}")[:300],
        "price_minor": product.price_minor,
        "cost_minor": product.cost_minor,
        "min_stock_milli": product.min_stock_milli,
        "category": product.category,
        "unit": product.unit.value,
        "exempt": product.exempt,
        "active": product.active,
        "discount_bp": discount and discount.share_bp,
        "discount_minor": discount and discount.amount_minor,
        "discount_from_ms": discount and discount.from_ms,
        "discount_until_ms": discount and discount.until_ms,
        "version": product.version,
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


_MOVE = dialects.SetUpdate(
    sa.update(schema.stock)
    .ordered_values(
        (_STOCK.quantity_milli, _STOCK.quantity_milli + sa.bindparam("change_milli")),
        (_STOCK.last_movement_id, sa.bindparam("movement_id")),
    )
    .where(
        _STOCK.product_id == sa.bindparam("of_product"),
        _STOCK.location_id == sa.bindparam("at_location"),
        _STOCK.quantity_milli >= sa.bindparam("least_milli"),
    ),
    ("change_milli", "movement_id", "of_product", "at_location", "least_milli"),
)
_LAST = dialects.Prepared(
    sa.select(_STOCK.product_id, _STOCK.quantity_milli, _STOCK.last_movement_id).where(
        _STOCK.location_id == MAIN_LOCATION_ID, dialects.among(_STOCK.product_id, "ids")
    )
)


class Ledger:
    """Stock changes of one call, gathered in order and written as two sets.

    The sets are the guarded updates and the movements. The balance of each movement is
    worked out in memory, from what the stock rows say at first touch.
    """

    def __init__(
        self,
        transaction: Tx,
        product_ids: Iterable[int],
    ) -> None:
        self._tx = transaction
        self._balance_milli: dict[int, int] = {}
        self._last_id: dict[int, int | None] = {}
        self._change_milli: dict[int, int] = {}
        self._lowest_milli: dict[int, int] = {}
        self._movement_rows: list[tuple[Any, ...]] = []

        ids = dialects.array(set(product_ids))
        for product_id, quantity_milli, last_id in transaction.connection.fetch(
            _LAST, ids=ids
        ):
            self._balance_milli[product_id] = quantity_milli
            self._last_id[product_id] = last_id

    def balance(self, product_id: int) -> int:
        """Return what is left of a product after the moves so far, in thousandths."""
        return self._balance_milli[product_id]

    def change(self, product_id: int) -> int:
        """Return by how much the stock of a product was changed, in thousandths."""
        return self._change_milli.get(product_id, 0)

    @property
    def touched(self) -> list[int]:
        """The products moved, in order of first move."""
        return list(self._change_milli)

    def move(
        self,
        product_id: int,
        quantity_milli: int,
        cause: Cause,
        reference_id: int | None,
        user_id: int | None,
        reason: str | None = None,
    ) -> None:
        """Add to the stock of a product, or take from it where the quantity is negative."""
        balance_milli = self._balance_milli[product_id] + quantity_milli
        movement_id = self._tx.take("movement")
        self._movement_rows.append(
            (
                movement_id,
                product_id,
                MAIN_LOCATION_ID,
                quantity_milli,
                balance_milli,
                cause.value,
                reference_id,
                self._last_id[product_id],
                self._tx.now_ms,
                user_id,
                reason,
            )
        )
        self._balance_milli[product_id] = balance_milli
        self._last_id[product_id] = movement_id

        # The stock must bear the lowest point on the way, not only the sum of the moves.
        change_milli = self._change_milli.get(product_id, 0) + quantity_milli
        self._change_milli[product_id] = change_milli
        self._lowest_milli[product_id] = min(
            self._lowest_milli.get(product_id, 0), change_milli
        )

    def write(self) -> None:
        """Write the stock and the movements.

        Raises Conflict where there is less than was read: somebody took it meanwhile.
        """
        sets = [
            (
                change_milli,
                self._last_id[product_id],
                product_id,
                MAIN_LOCATION_ID,
                -self._lowest_milli[product_id],
            )
            for product_id, change_milli in sorted(self._change_milli.items())
        ]
        if sets:
            updated = self._tx.connection.update_set(_MOVE, sets)
            if updated != len(sets):
                raise Conflict
        self._tx.insert(schema.movements, self._movement_rows)


def movements_of(
    connection: Connection,
    product_id: int,
    window: Window,
) -> Page[Movement]:
    """Return a page of a product's ledger, newest first.

    It is read along the line from each movement to the one before.
    """
    movements = schema.movements.c
    start = sa.select(_STOCK.last_movement_id).where(
        _STOCK.product_id == product_id, _STOCK.location_id == MAIN_LOCATION_ID
    )
    if window.cursor is not None:
        (last_seen_id,) = lists.cursor_key(window.cursor, 1)
        start = sa.select(movements.previous_id).where(
            movements.id == last_seen_id, movements.product_id == product_id
        )

    line = (
        sa.select(schema.movements)
        .where(movements.id == start.scalar_subquery())
        .cte("line", recursive=True)
    )
    older = sa.select(schema.movements).join(line, movements.id == line.c.previous_id)
    if window.from_ms is not None:
        older = older.where(line.c.at_ms >= window.from_ms)
    line = line.union_all(older)

    query = lists.within(sa.select(line), line.c.at_ms, window)
    if window.search:
        words = window.search.strip()
        query = query.where(line.c.reason.icontains(words, autoescape=True))
    query = query.limit(window.limit + 1)

    movement_rows = connection.execute(query).all()

    def build(rows: lists.Rows) -> list[Movement]:
        return [_movement(row) for row in rows]

    return lists.cut(movement_rows, [line.c.id], window, build)


_MOVEMENTS = sa.select(schema.movements, _PRODUCTS.code, _PRODUCTS.name).join_from(
    schema.movements, schema.products, _PRODUCTS.id == schema.movements.c.product_id
)


def each_movement(
    connection: Connection,
    window: Window,
) -> Iterator[tuple[Movement, str, str]]:
    """Yield the stock ledgers of all products as they grew.

    Each movement comes with its product's code and name.
    """

    def build(rows: lists.Rows) -> list[tuple[Movement, str, str]]:
        return [(_movement(row), row.code, row.name) for row in rows]

    movements = schema.movements.c
    query = lists.within(_MOVEMENTS, movements.at_ms, window)
    return lists.each(connection, query, [movements.id], build)


def _movement(row: lists.Row) -> Movement:
    return Movement(
        id=row.id,
        product_id=row.product_id,
        quantity_milli=row.quantity_milli,
        balance_milli=row.balance_milli,
        cause=Cause(row.cause),
        reference_id=row.reference_id,
        at_ms=row.at_ms,
        user_id=row.user_id,
        reason=row.reason,
    )

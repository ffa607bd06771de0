"""The ledger of stock: what moved, why, and what was left; rows in, rows out."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause, Movement
from trastienda.domain.quantities import MILLI
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.storage import dialects, lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx

_PRODUCTS = schema.products.c
_STOCK = schema.stock.c
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
        stock_rows = transaction.connection.fetch(_LAST, ids=ids)
        for product_id, quantity_milli, last_id in stock_rows:
            self._balance_milli[product_id] = quantity_milli
            self._last_id[product_id] = last_id

    def balance(self, product_id: int) -> int:
        """Return what is left of a product after the moves so far, in thousandths."""
        return self._balance_milli[product_id]

    def change(self, product_id: int) -> int:
        """Return by how much the stock of a product was changed, in thousandths."""
        return self._change_milli.get(product_id, 0)

    def last_movement_id(self, product_id: int) -> int | None:
        """Return the last movement of a product; None where nothing ever moved it."""
        return self._last_id[product_id]

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


def sold_in_parts(connection: Connection, product_id: int) -> bool:
    """Tell whether a part of a unit was ever sold, or came back.

    It is read along the line of the product's own movements, as :func:`movements_of` does.
    """
    movements = schema.movements.c
    last = sa.select(_STOCK.last_movement_id).where(
        _STOCK.product_id == product_id, _STOCK.location_id == MAIN_LOCATION_ID
    )
    columns = movements.previous_id, movements.cause, movements.quantity_milli
    newest = sa.select(*columns).where(movements.id == last.scalar_subquery())
    line = newest.cte("line", recursive=True)
    older = sa.select(*columns).join(line, movements.id == line.c.previous_id)
    line = line.union_all(older)

    causes = [Cause.SALE.value, Cause.RETURN.value]
    parts = sa.select(sa.literal(1)).where(
        line.c.cause.in_(causes),
        line.c.quantity_milli % MILLI != 0,
    )
    return connection.execute(parts.select_from(line).limit(1)).first() is not None


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
        (last_seen_id,) = lists.cursor_key(window.cursor, [movements.id])
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


def has_history(
    connection: Connection,
    product_id: int,
) -> bool:
    """Return whether anything but its opening ever moved a product."""
    movements = schema.movements.c
    last_id = sa.select(_STOCK.last_movement_id).where(
        _STOCK.product_id == product_id, _STOCK.location_id == MAIN_LOCATION_ID
    )
    # The opening is the first of a ledger, so the last is it where there is no other.
    moved = sa.select(movements.id).where(
        movements.id == last_id.scalar_subquery(),
        sa.or_(
            movements.cause != Cause.OPENING.value,
            movements.previous_id.is_not(None),
        ),
    )
    return connection.execute(moved).first() is not None


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

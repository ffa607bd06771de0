"""Clause 1: the stock of each product is the sum of its movements.

Each movement stands on the one before.
"""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.movements import Cause
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.domain.verification import DOCUMENTS, STOCK, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.verification.documents import unreadable
from trastienda.storage.verification.streams import Books, each_by_key, raw_rows

_MOVEMENTS = schema.movements.c
_STOCK = schema.stock.c
_AUDIT = schema.audit.c
_WALK = sa.select(
    _MOVEMENTS.id,
    _MOVEMENTS.product_id,
    _MOVEMENTS.location_id,
    _MOVEMENTS.quantity_milli,
    _MOVEMENTS.balance_milli,
    _MOVEMENTS.previous_id,
    _MOVEMENTS.cause,
)
_CAUSES = frozenset(cause.value for cause in Cause)
_NOTHING = (0, None)


def broken_stock(books: Books) -> Iterator[Broken]:
    """Yield movements that do not continue the one before of the same product.

    Then yield stock that is not the sum of its movements.
    """
    last_at: dict[tuple[int, int], tuple[int, int | None]] = {}
    for movement in each_by_key(books, _WALK, _MOVEMENTS.id):
        (
            movement_id,
            product_id,
            location_id,
            quantity_milli,
            balance_milli,
            previous_id,
            cause,
        ) = movement
        place = (product_id, location_id)
        before_milli, before_id = last_at.get(place, _NOTHING)
        expected_milli = before_milli + quantity_milli
        if (expected_milli, before_id) != (balance_milli, previous_id):
            row = (STOCK, "movements", movement_id)
            broken = differs(*row, "balance_milli", expected_milli, balance_milli)
            if broken is None:
                broken = differs(*row, "previous_id", before_id, previous_id)
            if broken is not None:
                yield broken

        if balance_milli < 0 or quantity_milli == 0:
            yield Broken(STOCK, "movements", movement_id, Reason.BELOW_ZERO)
        if cause not in _CAUSES:
            field = {"field": "cause"}
            yield Broken(STOCK, "movements", movement_id, Reason.UNREADABLE, field)
        last_at[place] = (balance_milli, movement_id)
    yield from _broken_balances(books, last_at)


def _broken_balances(
    books: Books,
    last_at: dict[tuple[int, int], tuple[int, int | None]],
) -> Iterator[Broken]:
    """Yield stock that is not what the last movement left, and stock that is not there."""
    without_stock = set(books.codes)
    query = sa.select(
        _STOCK.product_id,
        _STOCK.location_id,
        _STOCK.quantity_milli,
        _STOCK.last_movement_id,
    ).order_by(_STOCK.product_id, _STOCK.location_id)
    for stock_row in raw_rows(books.connection, query):
        product_id, location_id, quantity_milli, last_id = stock_row
        row = (STOCK, "stock", f"{product_id}/{location_id}")
        left_milli, expected_id = last_at.pop((product_id, location_id), _NOTHING)

        if quantity_milli < 0:
            yield Broken(*row, Reason.BELOW_ZERO)
        if broken := differs(*row, "quantity_milli", left_milli, quantity_milli):
            yield broken
        if broken := differs(*row, "last_movement_id", expected_id, last_id):
            yield broken

        if location_id == MAIN_LOCATION_ID:
            without_stock.discard(product_id)

    for product_id, location_id in sorted(last_at):
        yield Broken(STOCK, "stock", f"{product_id}/{location_id}", Reason.MISSING)
    for product_id in sorted(without_stock):
        yield Broken(STOCK, "stock", f"{product_id}/{MAIN_LOCATION_ID}", Reason.MISSING)


_HISTORY = sa.select(
    _MOVEMENTS.id,
    _MOVEMENTS.product_id,
    _MOVEMENTS.quantity_milli,
    _MOVEMENTS.at_ms,
    _MOVEMENTS.user_id,
    _MOVEMENTS.reference_id,
    _MOVEMENTS.reason,
).where(_MOVEMENTS.cause == Cause.HISTORY.value)


def broken_history(books: Books) -> Iterator[Broken]:
    """Yield movements that balance no import, and products that imports left changed.

    To be asked when all documents are through.
    """
    for movement in each_by_key(books, _HISTORY, _MOVEMENTS.id):
        movement_id, product_id, quantity_milli, *author, reference_id, reason = (
            movement
        )
        books.count_imported(product_id, quantity_milli)
        is_of_import = tuple(author) in books.imports
        if not is_of_import or reference_id is not None or reason is not None:
            yield Broken(DOCUMENTS, "movements", movement_id, Reason.MOVED_ALONE)

    for product_id, quantity_milli in books.imported_milli.items():
        if quantity_milli:
            data = {"quantity_milli": quantity_milli}
            yield Broken(DOCUMENTS, "products", product_id, Reason.NOT_BALANCED, data)


class _Count(Struct):
    product: int
    before: int
    after: int
    reason: str | None = None
    opening: bool = False


_CORRECTIONS = sa.select(
    _MOVEMENTS.id,
    _MOVEMENTS.product_id,
    _MOVEMENTS.quantity_milli,
    _MOVEMENTS.balance_milli,
    _MOVEMENTS.at_ms,
    _MOVEMENTS.user_id,
    _MOVEMENTS.reason,
    _MOVEMENTS.cause,
    _MOVEMENTS.reference_id,
).where(_MOVEMENTS.cause.in_([Cause.CORRECTION.value, Cause.OPENING.value]))
_COUNT_REGISTROS = sa.select(
    _AUDIT.id, _AUDIT.at_ms, _AUDIT.user_id, _AUDIT.detail
).where(_AUDIT.action == Action.STOCK_CORRECTED.value)


def broken_corrections(books: Books) -> Iterator[Broken]:
    """Yield corrections without their audit row, and the other way round.

    Both stand in the order of time.
    """
    registros = each_by_key(books, _COUNT_REGISTROS, _AUDIT.id)
    for movement in each_by_key(books, _CORRECTIONS, _MOVEMENTS.id):
        registro = next(registros, None)
        if registro is None:
            yield Broken(DOCUMENTS, "movements", movement[0], Reason.NOT_AUDITED)
            continue

        audit_id, at_ms, user_id, detail_text = registro
        try:
            count = msgspec.json.decode(detail_text, type=_Count)
        except msgspec.DecodeError:
            yield unreadable("audit", audit_id, "detail")
            continue

        cause = Cause.OPENING if count.opening else Cause.CORRECTION
        expected = {
            "product_id": count.product,
            "quantity_milli": count.after - count.before,
            "balance_milli": count.after,
            "at_ms": at_ms,
            "user_id": user_id,
            "reason": count.reason,
            "cause": cause.value,
            "reference_id": None,
        }
        movement_id, *stored = movement
        row = (DOCUMENTS, "movements", movement_id)
        fields = zip(expected.items(), stored, strict=True)
        for (field, expected_value), value in fields:
            broken = differs(*row, field, expected_value, value)
            if broken is not None:
                yield broken
                break

    for registro in registros:
        yield Broken(DOCUMENTS, "audit", registro[0], Reason.AUDITED_ALONE)

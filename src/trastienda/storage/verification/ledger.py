"""Clause 1: the stock of each product is the sum of its movements, and each movement stands on the one before."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.movements import Cause
from trastienda.domain.tills import MAIN_LOCATION_ID
from trastienda.domain.verification import DOCUMENTS, STOCK, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, Row, by_key, raw_rows

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
    """Yield movements that do not continue the one before of the same product, and stock that is not their sum."""
    last: dict[tuple[int, int], tuple[int, int | None]] = {}
    for block in by_key(books.connection, _WALK, _MOVEMENTS.id):
        for (
            movement_id,
            product_id,
            location_id,
            quantity_milli,
            balance_milli,
            previous_id,
            cause,
        ) in block:
            place = (product_id, location_id)
            before_milli, before_id = last.get(place, _NOTHING)
            if (before_milli + quantity_milli, before_id) != (
                balance_milli,
                previous_id,
            ):
                expected_milli = before_milli + quantity_milli
                broken = differs(
                    STOCK,
                    "movements",
                    movement_id,
                    "balance_milli",
                    expected_milli,
                    balance_milli,
                )
                if broken := broken or differs(
                    STOCK,
                    "movements",
                    movement_id,
                    "previous_id",
                    before_id,
                    previous_id,
                ):
                    yield broken
            if balance_milli < 0 or quantity_milli == 0:
                yield Broken(STOCK, "movements", movement_id, Reason.BELOW_ZERO)
            if cause not in _CAUSES:
                yield Broken(
                    STOCK,
                    "movements",
                    movement_id,
                    Reason.UNREADABLE,
                    {"field": "cause"},
                )
            last[place] = (balance_milli, movement_id)
    yield from _broken_balances(books, last)


def _broken_balances(
    books: Books,
    last: dict[tuple[int, int], tuple[int, int | None]],
) -> Iterator[Broken]:
    without = set(books.codes)
    query = sa.select(
        _STOCK.product_id,
        _STOCK.location_id,
        _STOCK.quantity_milli,
        _STOCK.last_movement_id,
    ).order_by(_STOCK.product_id, _STOCK.location_id)
    for product_id, location_id, quantity_milli, last_id in raw_rows(
        books.connection, query
    ):
        row = f"{product_id}/{location_id}"
        sum_milli, expected_id = last.pop((product_id, location_id), _NOTHING)
        if quantity_milli < 0:
            yield Broken(STOCK, "stock", row, Reason.BELOW_ZERO)
        if broken := differs(
            STOCK, "stock", row, "quantity_milli", sum_milli, quantity_milli
        ):
            yield broken
        if broken := differs(
            STOCK, "stock", row, "last_movement_id", expected_id, last_id
        ):
            yield broken
        if location_id == MAIN_LOCATION_ID:
            without.discard(product_id)
    for product_id, location_id in sorted(last):
        yield Broken(STOCK, "stock", f"{product_id}/{location_id}", Reason.MISSING)
    for product_id in sorted(without):
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
    """Yield movements that balance no import, and products whose stock imported documents changed.

    To be asked when all documents are through.
    """
    for block in by_key(books.connection, _HISTORY, _MOVEMENTS.id):
        for (
            movement_id,
            product_id,
            quantity_milli,
            at_ms,
            user_id,
            reference_id,
            reason,
        ) in block:
            books.count_imported(product_id, quantity_milli)
            if (at_ms, user_id) not in books.imports or (reference_id, reason) != (
                None,
                None,
            ):
                yield Broken(DOCUMENTS, "movements", movement_id, Reason.MOVED_ALONE)
    for product_id, quantity_milli in books.imported_milli.items():
        if quantity_milli:
            yield Broken(
                DOCUMENTS,
                "products",
                product_id,
                Reason.NOT_BALANCED,
                {"quantity_milli": quantity_milli},
            )


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
    """Yield corrections without their audit row, and the other way round; both stand in the order of time."""
    counts = (
        row
        for block in by_key(books.connection, _COUNT_REGISTROS, _AUDIT.id)
        for row in block
    )
    for block in by_key(books.connection, _CORRECTIONS, _MOVEMENTS.id):
        for movement in block:
            told = next(counts, None)
            if told is None:
                yield Broken(DOCUMENTS, "movements", movement[0], Reason.NOT_AUDITED)
            elif broken := _broken_correction(movement, told):
                yield broken
    for told in counts:
        yield Broken(DOCUMENTS, "audit", told[0], Reason.AUDITED_ALONE)


def _broken_correction(
    movement: Row,
    told: Row,
) -> Broken | None:
    try:
        count = msgspec.json.decode(told[3], type=_Count)
    except msgspec.DecodeError:
        return Broken(
            DOCUMENTS, "audit", told[0], Reason.UNREADABLE, {"field": "detail"}
        )
    cause = Cause.OPENING if count.opening else Cause.CORRECTION
    expected = (
        count.product,
        count.after - count.before,
        count.after,
        told[1],
        told[2],
        count.reason,
        cause.value,
        None,
    )
    for column, must, is_ in zip(
        _CORRECTIONS.selected_columns[1:], expected, movement[1:], strict=True
    ):
        if broken := differs(
            DOCUMENTS, "movements", movement[0], column.key or "", must, is_
        ):
            return broken
    return None

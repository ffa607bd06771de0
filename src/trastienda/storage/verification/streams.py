"""Rows in the order of their keys, a block at a time, and rows that follow documents in the documents' order."""

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.movements import Cause
from trastienda.storage import schema

BLOCK = 1000
"""Rows, or documents, read at once: a megabyte or two, and enough to make the statement itself cost nothing."""

RANGE: tuple[sa.BindParameter[int], sa.BindParameter[int]] = (
    sa.bindparam("first"),
    sa.bindparam("last"),
)
"""The ends of a block of numbers, both in it."""

Row = Sequence[Any]
T = TypeVar("T")


class Books:
    """One state of the shop under proof, and what one walk over it leaves for the next."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.imported_milli: dict[int, int] = {}
        """By product, what imported documents moved and what balanced it: zero in the end."""
        self.imports: set[tuple[int, int | None]] = set()
        """When and by whom documents were imported: one for each transaction that did."""
        self.fingerprints: dict[str, array[int]] = {}
        """By table, the first eight bytes of each document's fingerprint, in the order of ids from 1."""

    @cached_property
    def head(self) -> dict[str, Any]:
        """The head row by column; empty where there is none."""
        row = self.connection.execute(sa.select(schema.head)).mappings().first()
        return {} if row is None else dict(row)

    @cached_property
    def codes(self) -> dict[int, str]:
        """The code of each product."""
        products = schema.products.c
        return {
            row[0]: row[1]
            for row in rows(self.connection, sa.select(products.id, products.code))
        }

    @cached_property
    def created_ms(self) -> dict[int, int]:
        """When each product was made."""
        products = schema.products.c
        return {
            row[0]: row[1]
            for row in rows(
                self.connection, sa.select(products.id, products.created_at_ms)
            )
        }

    def last(self, counter: str) -> int:
        """Return the last number that ``counter`` gave."""
        return int(self.head[f"last_{counter}"])

    def imported(self, product_id: int, quantity_milli: int) -> None:
        """Note what an imported document moved, or what balanced it."""
        self.imported_milli[product_id] = (
            self.imported_milli.get(product_id, 0) + quantity_milli
        )


def rows(
    connection: sa.Connection, query: sa.Select[Any], **values: object
) -> Sequence[Row]:
    """Return the rows of a query as the driver gives them: a tenth of the whole proof would go into wrapping them."""
    return connection.execute(query, values).cursor.fetchall()


def by_key(
    connection: sa.Connection, query: sa.Select[Any], key: sa.Column[int]
) -> Iterator[Sequence[Row]]:
    """Yield the rows of ``query`` in blocks, in the order of ``key``, which is their first column and unique."""
    after = query.where(key > sa.bindparam("after")).order_by(key).limit(BLOCK)
    block = rows(connection, query.order_by(key).limit(BLOCK))
    while block:
        yield block
        block = (
            rows(connection, after, after=block[-1][0]) if len(block) == BLOCK else ()
        )


def blocks_of(last_id: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of each block of the numbers from 1 to ``last_id``."""
    for first in range(1, last_id + 1, BLOCK):
        yield first, min(first + BLOCK - 1, last_id)


class Follower(Generic[T]):
    """What follows documents in the order of their ids: taken document by document, and never left over."""

    def __init__(self, groups: Iterator[tuple[int, T]]) -> None:
        self._groups = groups
        self._head = next(groups, None)

    def take(self, document_id: int) -> T | None:
        """Return what belongs to this document, if anything does."""
        head = self._head
        if head is None or head[0] != document_id:
            return None
        self._head = next(self._groups, None)
        return head[1]

    def stray(self, document_id: int | None = None) -> T | None:
        """Return what belongs to no document: what stands before ``document_id``, or is left when all are through."""
        head = self._head
        if head is None or (document_id is not None and head[0] >= document_id):
            return None
        return head[1]


_M = schema.movements.c
MOVEMENT = (
    _M.id,
    _M.reference_id,
    _M.product_id,
    _M.quantity_milli,
    _M.at_ms,
    _M.user_id,
    _M.location_id,
    _M.reason,
)


def moved(connection: sa.Connection, cause: Cause) -> Follower[list[Row]]:
    """Return the movements of a cause, followed by the document that they refer to."""
    query = sa.select(*MOVEMENT).where(_M.cause == cause.value)
    stream = (row for block in by_key(connection, query, _M.id) for row in block)
    groups = groupby(stream, key=itemgetter(1))
    return Follower(
        (-1 if reference is None else reference, list(group))
        for reference, group in groups
    )


class Told(Struct, frozen=True):
    """An audit row that tells of a document."""

    id: int
    at_ms: int
    user_id: int | None
    action: str
    sha256: str


class _Detail(Struct):
    sale: int = 0
    return_: int = msgspec.field(name="return", default=0)
    purchase: int = 0
    sha256: str = ""


_A = schema.audit.c
_TELLS_OF = {
    "sales": ((Action.SALE, Action.SALE_IMPORTED), "sale"),
    "returns": ((Action.RETURN, Action.RETURN_IMPORTED), "return_"),
    "purchases": ((Action.PURCHASE,), "purchase"),
}


def told(connection: sa.Connection, table: str) -> Follower[Told]:
    """Return the audit rows that tell of the documents of ``table``, followed by their numbers."""
    actions, field = _TELLS_OF[table]
    number = msgspec.json.Decoder(_Detail)
    query = sa.select(_A.id, _A.at_ms, _A.user_id, _A.action, _A.detail).where(
        _A.action.in_([action.value for action in actions])
    )

    def groups() -> Iterator[tuple[int, Told]]:
        for block in by_key(connection, query, _A.id):
            for row_id, at_ms, user_id, action, text in block:
                try:
                    detail = number.decode(text)
                except msgspec.DecodeError:
                    detail = _Detail()
                yield (
                    getattr(detail, field),
                    Told(row_id, at_ms, user_id, action, detail.sha256),
                )

    return Follower(groups())

"""Rows in the order of their keys, a block at a time.

Beside them, rows that follow documents in the documents' order.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.movements import Cause
from trastienda.storage import schema
from trastienda.storage.dialects import Connection

BLOCK = 1000
"""Rows read at once: a megabyte or two, and enough to make the statement itself cost nothing."""
DOCUMENTS = 1000
"""The same of documents with their rows. Where one of them is in doubt, all of these are walked."""

RANGE: tuple[sa.BindParameter[int], sa.BindParameter[int]] = (
    sa.bindparam("first"),
    sa.bindparam("last"),
)
"""The ends of a block of numbers, both in it."""

Row = Sequence[Any]
T = TypeVar("T")


class Books:
    """One state of the shop under proof, and what one check leaves for the next."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.reach: Callable[[float], None] = lambda share: None
        """Is told now and then which share of the check is done."""
        self.imported_milli: dict[int, int] = {}
        """By product, what imported documents moved and what balanced it: zero in the end."""
        self.imports: set[tuple[int, int | None]] = set()
        """When and by whom documents were imported: one for each transaction that did."""
        self.fingerprints: dict[str, array[int]] = {}
        """By table, the first eight bytes of each document's fingerprint, by id."""
        self.versions: dict[str, bytearray] = {}
        """By table, the form of each document's fingerprint, by id; 0 while it is not known."""

    @cached_property
    def head(self) -> dict[str, Any]:
        """The head row by column; empty where there is none."""
        head_rows = self.connection.execute(sa.select(schema.head))
        head_row = head_rows.mappings().first()
        return {} if head_row is None else dict(head_row)

    @cached_property
    def codes(self) -> dict[int, str]:
        """The code of each product."""
        products = schema.products.c
        query = sa.select(products.id, products.code)
        product_rows = raw_rows(self.connection, query)
        return {row[0]: row[1] for row in product_rows}

    @cached_property
    def created_ms(self) -> dict[int, int]:
        """When each product was made."""
        products = schema.products.c
        query = sa.select(products.id, products.created_at_ms)
        product_rows = raw_rows(self.connection, query)
        return {row[0]: row[1] for row in product_rows}

    def last(self, counter: str) -> int:
        """Return the last number that ``counter`` gave."""
        return int(self.head[f"last_{counter}"])

    def count_imported(
        self,
        product_id: int,
        quantity_milli: int,
    ) -> None:
        """Add what an imported document moved, or what balanced it."""
        before_milli = self.imported_milli.get(product_id, 0)
        self.imported_milli[product_id] = before_milli + quantity_milli


def raw_rows(
    connection: Connection,
    query: sa.Executable,
    **values: object,
) -> Sequence[Row]:
    """Return the rows of a query as the driver gives them.

    Wrapping them would take a tenth of the whole proof.
    """
    result = connection.execute(query, values)
    return result.cursor.fetchall()


def by_key(
    books: Books,
    query: sa.Select[Any],
    key: sa.Column[int],
) -> Iterator[Sequence[Row]]:
    """Yield the rows of ``query`` in blocks, in the order of ``key``.

    The key is their first column, which is unique.
    """
    first = query.order_by(key).limit(BLOCK)
    after = first.where(key > sa.bindparam("after"))
    block = raw_rows(books.connection, first)
    highest_key = 0
    if len(block) == BLOCK:
        ((highest_key,),) = raw_rows(books.connection, sa.select(sa.func.max(key)))
    while block:
        yield block
        if len(block) < BLOCK:
            return
        last_key = block[-1][0]
        books.reach(last_key / highest_key)
        block = raw_rows(books.connection, after, after=last_key)


def each_by_key(
    books: Books,
    query: sa.Select[Any],
    key: sa.Column[int],
) -> Iterator[Row]:
    """Yield the rows of :func:`by_key` one by one."""
    for block in by_key(books, query, key):
        yield from block


def blocks_of(
    books: Books,
    last_id: int,
) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of each block of the numbers from 1 to ``last_id``."""
    for first in range(1, last_id + 1, DOCUMENTS):
        last = min(first + DOCUMENTS - 1, last_id)
        yield first, last
        books.reach(last / last_id)


class Follower(Generic[T]):
    """What belongs to documents, in the order of their ids.

    It is taken document by document until none is left.
    """

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
        """Return what belongs to no document.

        That is what comes before ``document_id``, or is left at the end.
        """
        head = self._head
        if head is None or (document_id is not None and head[0] >= document_id):
            return None
        return head[1]


class MovementRow(Struct, frozen=True, gc=False):
    """A movement of a document."""

    id: int
    reference_id: int | None
    product_id: int
    quantity_milli: int
    at_ms: int
    user_id: int | None
    location_id: int
    reason: str | None


_MOVEMENTS = schema.movements.c
_SELECT_MOVEMENTS = sa.select(
    *[_MOVEMENTS[name] for name in MovementRow.__struct_fields__]
)


def movements_of(
    books: Books,
    cause: Cause,
    after_id: int,
) -> Follower[list[MovementRow]]:
    """Return the movements of a cause, grouped by the document that they refer to.

    ``after_id``: those after this one.
    """
    of_cause = _SELECT_MOVEMENTS.where(_MOVEMENTS.cause == cause.value)
    query = of_cause.where(_MOVEMENTS.id > after_id)
    rows = each_by_key(books, query, _MOVEMENTS.id)

    def groups() -> Iterator[tuple[int, list[MovementRow]]]:
        movements = (MovementRow(*row) for row in rows)
        for reference_id, group in groupby(movements, attrgetter("reference_id")):
            # A movement that refers to nothing comes before every document.
            document_id = -1 if reference_id is None else reference_id
            yield document_id, list(group)

    return Follower(groups())


class DocumentRegistro(Struct, frozen=True):
    """The registro of a document."""

    id: int
    at_ms: int
    user_id: int | None
    action: str
    sha256: str
    version: int
    """The form of the fingerprint."""


class Detail(Struct):
    """What the registro of a document, or of a new product, says of it."""

    sale: int = 0
    return_: int = msgspec.field(name="return", default=0)
    purchase: int = 0
    product: int = 0
    code: str = ""
    sha256: str = ""
    version: int = 1
    """The first registros name none."""


_AUDIT = schema.audit.c
_REGISTROS_OF = {
    "sales": ((Action.SALE, Action.SALE_IMPORTED), "sale"),
    "returns": ((Action.RETURN, Action.RETURN_IMPORTED), "return_"),
    "purchases": ((Action.PURCHASE,), "purchase"),
}
"""By table, the actions that make its documents, and the field of the detail that has
their number."""


def registros_of(
    books: Books,
    table: str,
    after_id: int,
) -> Follower[DocumentRegistro]:
    """Return the registros of the documents of ``table``, by the documents' numbers.

    ``after_id``: those after this one.
    """
    actions, number_field = _REGISTROS_OF[table]
    action_names = [action.value for action in actions]
    query = sa.select(
        _AUDIT.id, _AUDIT.at_ms, _AUDIT.user_id, _AUDIT.action, _AUDIT.detail
    ).where(_AUDIT.action.in_(action_names), _AUDIT.id > after_id)
    rows = each_by_key(books, query, _AUDIT.id)
    decoder = msgspec.json.Decoder(Detail)

    def groups() -> Iterator[tuple[int, DocumentRegistro]]:
        for audit_id, at_ms, user_id, action, detail_text in rows:
            try:
                detail = decoder.decode(detail_text)
            except msgspec.DecodeError:
                detail = Detail()  # it has number 0, which no document has

            author = (audit_id, at_ms, user_id, action)
            registro = DocumentRegistro(*author, detail.sha256, detail.version)
            yield getattr(detail, number_field), registro

    return Follower(groups())

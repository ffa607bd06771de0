"""What every document has beside its sums: its audit row with its fingerprint, and its movements."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from trastienda.domain.audit import digest
from trastienda.domain.movements import Cause
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage.verification.streams import (
    Books,
    Follower,
    Row,
    Told,
    moved,
    told,
)

_IMPORTED = frozenset({"sale_imported", "return_imported"})
_PREFIX = 16
"""Hex digits of a fingerprint that are kept: eight bytes."""


def prefix_of(sha256: str) -> int:
    """Return the part of a fingerprint that is kept in memory."""
    return int(sha256[:_PREFIX], 16)


class Trace:
    """The audit rows and the movements of one table's documents, walked beside them."""

    def __init__(
        self, books: Books, table: sa.Table, counter: str, cause: Cause
    ) -> None:
        self._books = books
        self._table = table.name
        self._told: Follower[Told] = told(books.connection, table.name)
        self._moved: Follower[list[Row]] = moved(books.connection, cause)
        self._fingerprints = books.fingerprints[table.name] = array(
            "Q", bytes(8 * (books.last(counter) + 1))
        )

    def broken(
        self,
        document_id: int,
        content: bytes,
        at_ms: int,
        imported: bool,
        moves: Sequence[tuple[int, int]],
        location_id: int | None = None,
    ) -> Broken | None:
        """Return what is wrong around a document; ``moves`` is what it must have moved: product and quantity."""
        if (stray := self._told.stray(document_id)) is not None:
            return Broken(DOCUMENTS, "audit", stray.id, Reason.AUDITED_ALONE)
        audit = self._told.take(document_id)
        if audit is None or (audit.action in _IMPORTED) != imported:
            return Broken(DOCUMENTS, self._table, document_id, Reason.NOT_AUDITED)
        sha256 = digest(content)
        if audit.sha256 != sha256:
            return Broken(
                DOCUMENTS,
                self._table,
                document_id,
                Reason.FINGERPRINT,
                {"audit": audit.id},
            )
        self._fingerprints[document_id] = prefix_of(sha256)
        if imported:
            self._books.imports.add((audit.at_ms, audit.user_id))
        if at_ms != audit.at_ms and not imported:  # an imported one keeps its own day
            return differs(
                DOCUMENTS, self._table, document_id, "at_ms", audit.at_ms, at_ms
            )
        return self._broken_moves(document_id, audit, imported, moves, location_id)

    def _broken_moves(
        self,
        document_id: int,
        audit: Told,
        imported: bool,
        moves: Sequence[tuple[int, int]],
        location_id: int | None,
    ) -> Broken | None:
        if stray := self._moved.stray(document_id):
            return Broken(DOCUMENTS, "movements", stray[0][0], Reason.MOVED_ALONE)
        found = self._moved.take(document_id) or ()
        expected = (audit.at_ms, audit.user_id, location_id, None)
        carried = []
        for (
            movement_id,
            _,
            product_id,
            quantity_milli,
            at_ms,
            user_id,
            place_id,
            reason,
        ) in found:
            if (at_ms, user_id, place_id if location_id else None, reason) != expected:
                return Broken(
                    DOCUMENTS,
                    "movements",
                    movement_id,
                    Reason.MOVED_OTHERWISE,
                    {"audit": audit.id},
                )
            carried.append((product_id, quantity_milli))
        if carried != moves and _sums(carried) != _sums(moves):
            return Broken(DOCUMENTS, self._table, document_id, Reason.NOT_MOVED)
        if imported:
            for product_id, quantity_milli in carried:
                self._books.imported(product_id, quantity_milli)
        return None

    def leftover(self) -> Iterator[Broken]:
        """Yield what tells of documents that are not there, when all are through."""
        if (audit := self._told.stray()) is not None:
            yield Broken(DOCUMENTS, "audit", audit.id, Reason.AUDITED_ALONE)
        if found := self._moved.stray():
            yield Broken(DOCUMENTS, "movements", found[0][0], Reason.MOVED_ALONE)


def _sums(moves: Iterable[tuple[int, int]]) -> dict[int, int]:
    sums: defaultdict[int, int] = defaultdict(int)
    for product_id, quantity_milli in moves:
        sums[product_id] += quantity_milli
    return {
        product_id: quantity_milli
        for product_id, quantity_milli in sums.items()
        if quantity_milli
    }


def broken_position(
    table: str, document_id: int, positions: Iterable[int]
) -> Broken | None:
    """Return the first line whose position does not follow the one before it, counted from 0."""
    for expected, found in enumerate(positions):
        if found != expected:
            return Broken(DOCUMENTS, table, f"{document_id}/{expected}", Reason.MISSING)
    return None


def broken_code(
    books: Books, table: str, row: str, product_id: int, code: str
) -> Broken | None:
    """Return a line as broken whose code is not that of its product; a code never changes."""
    return differs(DOCUMENTS, table, row, "code", books.codes.get(product_id), code)

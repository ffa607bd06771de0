"""What every document has beside its sums: its registro with its fingerprint, and its movements."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

from trastienda.domain.audit import digest
from trastienda.domain.fingerprints import Fingerprints
from trastienda.domain.movements import Cause
from trastienda.domain.tills import Till
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage.verification.streams import (
    Books,
    DocumentRegistro,
    Follower,
    MovementRow,
    movements_of,
    registros_of,
)

_IMPORTED = frozenset({"sale_imported", "return_imported"})
_PREFIX = 16
"""Hex digits of a fingerprint that are kept: eight bytes."""

Moves = Sequence[tuple[int, int]]
"""Products and quantities, in thousandths."""


def prefix_of(sha256: str) -> int:
    """Return the part of a fingerprint that is kept in memory."""
    digits = sha256[:_PREFIX]
    return int(digits, 16)


class Document(Protocol):
    """A sale, a return or a purchase."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def at_ms(self) -> int:
        """Its moment."""

    @property
    def till(self) -> Till:
        """Where it was made."""

    @property
    def lines(self) -> Sequence[Any]:
        """Its lines."""


D = TypeVar("D", bound=Document)


class Trace(Generic[D]):
    """The registros and the movements of one table's documents, walked beside them."""

    def __init__(
        self,
        books: Books,
        table: sa.Table,
        counter: str,
        cause: Cause,
        fingerprints: Fingerprints[D],
    ) -> None:
        self._books = books
        self._table = table.name
        self._cause = cause
        self._fingerprints = fingerprints
        self.audit_id = 0
        """The last registro of the documents that are through."""
        self.movement_id = 0
        """The last of their movements."""

        count = books.last(counter) + 1
        self._prefixes = books.fingerprints[table.name] = array("Q", bytes(8 * count))
        self._versions = books.versions[table.name] = bytearray(count)

    @cached_property
    def _registros(self) -> Follower[DocumentRegistro]:
        return registros_of(self._books, self._table, self.audit_id)

    @cached_property
    def _movements(self) -> Follower[list[MovementRow]]:
        return movements_of(self._books, self._cause, self.movement_id)

    def pass_over(
        self,
        first_id: int,
        digests: Sequence[str],
        audit_id: int,
        movement_id: int,
    ) -> None:
        """Go on behind documents that were proven at once, numbered from ``first_id``.

        ``digests`` are their fingerprints, of the current form; ``audit_id`` and
        ``movement_id`` the last that belong to them.
        """
        vars(self).pop("_registros", None)
        vars(self).pop("_movements", None)
        self.audit_id = audit_id
        self.movement_id = movement_id

        end = first_id + len(digests)
        self._prefixes[first_id:end] = array("Q", map(prefix_of, digests))
        self._versions[first_id:end] = bytes([self._fingerprints.current]) * len(
            digests
        )

    def broken(
        self,
        document: D,
        moves: Moves,
        *,
        imported: bool = False,
    ) -> Broken | None:
        """Return what is wrong around a document; ``moves`` is what it must have moved."""
        stray = self._registros.stray(document.id)
        if stray is not None:
            return Broken(DOCUMENTS, "audit", stray.id, Reason.AUDITED_ALONE)
        registro = self._registros.take(document.id)
        if registro is None or (registro.action in _IMPORTED) != imported:
            return self._broken(document, Reason.NOT_AUDITED)
        self.audit_id = registro.id

        broken = self._broken_fingerprint(document, registro)
        if broken is not None:
            return broken

        if imported:
            self._books.imports.add((registro.at_ms, registro.user_id))
        elif document.at_ms != registro.at_ms:  # an imported one keeps its own day
            difference = (registro.at_ms, document.at_ms)
            return differs(DOCUMENTS, self._table, document.id, "at_ms", *difference)
        return self._broken_moves(document, registro, imported, moves)

    def _broken(
        self,
        document: D,
        reason: Reason,
        **data: object,
    ) -> Broken:
        return Broken(DOCUMENTS, self._table, document.id, reason, data)

    def _broken_fingerprint(
        self,
        document: D,
        registro: DocumentRegistro,
    ) -> Broken | None:
        version = registro.version
        if version not in self._fingerprints:
            field = {"field": "version"}
            return Broken(DOCUMENTS, "audit", registro.id, Reason.UNREADABLE, field)

        sha256 = digest(self._fingerprints.content(document, version))
        is_same = sha256 == registro.sha256
        if not is_same or not self._fingerprints.covers(document, version):
            return self._broken(document, Reason.FINGERPRINT, audit=registro.id)

        self._prefixes[document.id] = prefix_of(sha256)
        self._versions[document.id] = version
        return None

    def _broken_moves(
        self,
        document: D,
        registro: DocumentRegistro,
        imported: bool,
        moves: Moves,
    ) -> Broken | None:
        stray = self._movements.stray(document.id)
        if stray:
            return Broken(DOCUMENTS, "movements", stray[0].id, Reason.MOVED_ALONE)

        location_id = document.till.location_id
        expected = (registro.at_ms, registro.user_id, location_id, None)
        moved = []
        for row in self._movements.take(document.id) or ():
            if (row.at_ms, row.user_id, row.location_id, row.reason) != expected:
                where = {"audit": registro.id}
                reason = Reason.MOVED_OTHERWISE
                return Broken(DOCUMENTS, "movements", row.id, reason, where)
            moved.append((row.product_id, row.quantity_milli))
            self.movement_id = row.id

        # Summing takes time, and mostly the moves are the same one by one.
        if moved != moves and _sums(moved) != _sums(moves):
            return self._broken(document, Reason.NOT_MOVED)

        if imported:
            for product_id, quantity_milli in moved:
                self._books.count_imported(product_id, quantity_milli)
        return None

    def leftover(self) -> Iterator[Broken]:
        """Yield what belongs to documents that are not there, when all are through."""
        registro = self._registros.stray()
        if registro is not None:
            yield Broken(DOCUMENTS, "audit", registro.id, Reason.AUDITED_ALONE)
        movements = self._movements.stray()
        if movements:
            yield Broken(DOCUMENTS, "movements", movements[0].id, Reason.MOVED_ALONE)


def _sums(moves: Moves) -> dict[int, int]:
    """Return the sum by product, without those that come to nothing."""
    sums: defaultdict[int, int] = defaultdict(int)
    for product_id, quantity_milli in moves:
        sums[product_id] += quantity_milli

    return {
        product_id: sum_milli for product_id, sum_milli in sums.items() if sum_milli
    }


def broken_position(
    table: str,
    document_id: int,
    positions: Iterable[int],
) -> Broken | None:
    """Return the first line whose position does not follow the one before it.

    Positions count from 0.
    """
    for expected, position in enumerate(positions):
        if position != expected:
            return Broken(DOCUMENTS, table, f"{document_id}/{expected}", Reason.MISSING)
    return None


def broken_code(
    books: Books,
    table: str,
    row: str,
    product_id: int,
    code: str,
) -> Broken | None:
    """Return a line as broken whose code is not that of its product.

    A code never changes.
    """
    product_code = books.codes.get(product_id)
    return differs(DOCUMENTS, table, row, "code", product_code, code)


def unreadable(
    table: str,
    row: int | str,
    field: str,
) -> Broken:
    """Return a row as broken that has a value which cannot be read."""
    return Broken(DOCUMENTS, table, row, Reason.UNREADABLE, {"field": field})

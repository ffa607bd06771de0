"""Clause 4: what is only ever added to. Numbers without gap, and the chain of hashes."""

import contextlib
from collections.abc import Iterator, Mapping

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain import audit as trail
from trastienda.domain.audit import Action, AuditRow
from trastienda.domain.verification import DOCUMENTS, TRAIL, WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, each_by_key

_COUNTED = (
    (TRAIL, schema.audit, "audit"),
    (TRAIL, schema.movements, "movement"),
    (DOCUMENTS, schema.sales, "sale"),
    (DOCUMENTS, schema.returns, "return"),
    (DOCUMENTS, schema.purchases, "purchase"),
    (WHOLE, schema.products, "product"),
    (WHOLE, schema.users, "user"),
)


class _Leap(Struct):
    known_n: int
    n: int


def broken_numbers(books: Books) -> Iterator[Broken]:
    """Yield the first number of each counted table that is missing, or one too many.

    Counted are the tables whose last number the head names.
    """
    if not books.head:
        yield Broken(WHOLE, "head", 1, Reason.MISSING)
        return
    shop_row = books.connection.execute(sa.select(schema.shop.c.id)).first()
    if shop_row is None:
        yield Broken(WHOLE, "shop", 1, Reason.MISSING)
        return

    for clause, table, counter in _COUNTED:
        last = books.last(counter)
        yield from _broken_count(books, clause, table, table.c.id, 1, last)

    # Old announcements are pruned from the front, the last one never.
    n = schema.journal.c.n
    first_n = books.connection.execute(sa.select(sa.func.min(n))).scalar_one()
    last_n = books.last("n")
    lowest_n = max(1, first_n or last_n)

    # Where a shop was restored from a copy, the numbers of announcements leap.
    audit = schema.audit.c
    restored = audit.action == Action.SHOP_RESTORED.value
    restorals = books.connection.execute(sa.select(audit.detail).where(restored))
    leaps = {}
    for (detail_text,) in restorals:
        with contextlib.suppress(msgspec.DecodeError):  # the chain names such a row
            leap = msgspec.json.decode(detail_text, type=_Leap)
            leaps[leap.known_n] = leap.n

    yield from _broken_count(books, TRAIL, schema.journal, n, lowest_n, last_n, leaps)


def _broken_count(
    books: Books,
    clause: int,
    table: sa.Table,
    key: sa.Column[int],
    first: int,
    last: int,
    leaps: Mapping[int, int] = {},
) -> Iterator[Broken]:
    """Yield the numbers that are missing from ``first`` to ``last``, or too many.

    ``leaps`` name the numbers after which some were never given, and the next that was.
    """
    connection = books.connection
    leaps = {before: after for before, after in leaps.items() if before >= first}
    skipped = [(before + 1, after - 1) for before, after in leaps.items()]

    # Three counts and a look into the leaps tell whether the whole table need be walked.
    total = sa.select(sa.func.count()).select_from(table)
    count = connection.execute(total).scalar_one()
    lowest = connection.execute(sa.select(sa.func.min(key))).scalar_one()
    highest = connection.execute(sa.select(sa.func.max(key))).scalar_one()
    never_given = sum(end - start + 1 for start, end in skipped)
    expected_count = last - first + 1 - never_given
    is_whole = (count, lowest, highest) == (expected_count, first, last)
    is_empty = count == 0 and last < first

    has_strays = False
    if skipped:
        in_leap = sa.or_(*(key.between(start, end) for start, end in skipped))
        stray = connection.execute(sa.select(key).where(in_leap).limit(1)).first()
        has_strays = stray is not None
    if is_empty or (is_whole and not has_strays):
        return

    expected = first
    for (number,) in each_by_key(books, sa.select(key), key):
        if number > expected and expected <= last:
            yield Broken(clause, table.name, expected, Reason.MISSING)
        elif number != expected or number > last:
            yield Broken(clause, table.name, number, Reason.UNCOUNTED)
        expected = leaps.get(number, number + 1)
    yield Broken(clause, table.name, expected, Reason.MISSING)


def broken_chain(books: Books) -> Iterator[Broken]:
    """Yield the audit rows whose hash is not that of their content and the row before."""
    last_hash = trail.GENESIS
    forgotten_until_id = books.head["addresses_until_id"]
    query = sa.select(schema.audit)
    for columns in each_by_key(books, query, schema.audit.c.id):
        audit_row = AuditRow(*columns)
        expected_hash = trail.chain(last_hash, audit_row.canonical)
        is_linked = audit_row.previous_hash == last_hash
        if not is_linked or audit_row.hash != expected_hash:
            yield Broken(TRAIL, "audit", audit_row.id, Reason.CHAIN)
        last_hash = audit_row.hash

        is_forgotten = audit_row.id <= forgotten_until_id
        if not audit_row.has_right_origin(is_forgotten=is_forgotten):
            yield Broken(TRAIL, "audit", audit_row.id, Reason.ORIGIN)

    if last_hash != books.head["chain_hash"]:
        yield Broken(TRAIL, "head", 1, Reason.CHAIN_END)

"""Clause 4: what is only ever added to. Numbers without gap, and the chain of hashes."""

from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain import audit as trail
from trastienda.domain.verification import DOCUMENTS, TRAIL, WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verify.streams import Books, by_key

_COUNTED = (
    (TRAIL, schema.audit, "audit"),
    (TRAIL, schema.movements, "movement"),
    (DOCUMENTS, schema.sales, "sale"),
    (DOCUMENTS, schema.returns, "return"),
    (DOCUMENTS, schema.purchases, "purchase"),
    (WHOLE, schema.products, "product"),
    (WHOLE, schema.users, "user"),
)


def broken_numbers(books: Books) -> Iterator[Broken]:
    """Yield the first number that is missing of each table whose rows the head counts, or is one too many."""
    if not books.head:
        yield Broken(WHOLE, "head", 1, Reason.MISSING)
        return
    if books.connection.execute(sa.select(schema.shop.c.id)).first() is None:
        yield Broken(WHOLE, "shop", 1, Reason.MISSING)
        return
    for clause, table, counter in _COUNTED:
        yield from _broken_count(books, clause, table, table.c.id, 1, books.last(counter))
    n = schema.journal.c.n
    first = books.connection.execute(sa.select(sa.func.min(n))).scalar_one()
    # old rows are pruned from the front, the last one never
    yield from _broken_count(books, TRAIL, schema.journal, n, max(1, first or books.last("n")), books.last("n"))


def _broken_count(
    books: Books, clause: int, table: sa.Table, key: sa.Column[int], first: int, last: int
) -> Iterator[Broken]:
    connection = books.connection
    count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    lowest = connection.execute(sa.select(sa.func.min(key))).scalar_one()
    highest = connection.execute(sa.select(sa.func.max(key))).scalar_one()
    if (count, lowest, highest) == (last - first + 1, first, last) or (count == 0 and last < first):
        return
    expected = first
    for block in by_key(connection, sa.select(key), key):
        for (number,) in block:
            if number != expected or number > last:
                missing = number > expected and expected <= last
                reason = Reason.MISSING if missing else Reason.UNCOUNTED
                yield Broken(clause, table.name, expected if missing else number, reason)
            expected = number + 1
    yield Broken(clause, table.name, expected, Reason.MISSING)


def broken_chain(books: Books) -> Iterator[Broken]:
    """Yield the audit rows whose hash is not that of their content and of the row before."""
    last_hash = trail.GENESIS
    for block in by_key(books.connection, sa.select(schema.audit), schema.audit.c.id):
        for row_id, at_ms, user_id, action, origin, detail, previous_hash, own_hash in block:
            content = trail.canonical(row_id, at_ms, user_id, action, origin, detail)
            if previous_hash != last_hash or own_hash != trail.chain(last_hash, content):
                yield Broken(TRAIL, "audit", row_id, Reason.CHAIN)
            last_hash = own_hash
    if last_hash != books.head["chain_hash"]:
        yield Broken(TRAIL, "head", 1, Reason.CHAIN_END)

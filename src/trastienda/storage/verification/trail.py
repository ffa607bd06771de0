"""Clause 4: what is only ever added to. Numbers without gap, and the chain of hashes."""

import contextlib
from collections.abc import Iterator, Mapping

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain import audit as trail
from trastienda.domain.audit import Action
from trastienda.domain.verification import DOCUMENTS, TRAIL, WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, by_key

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


def _leaps(books: Books) -> dict[int, int]:
    """Return where the numbers of announcements leap, by the last one before: where a shop was restored from a copy."""
    found = {}
    query = sa.select(schema.audit.c.detail).where(
        schema.audit.c.action == Action.SHOP_RESTORED.value
    )
    for (text,) in books.connection.execute(query):
        with contextlib.suppress(msgspec.DecodeError):  # the chain names such a row
            leap = msgspec.json.decode(text, type=_Leap)
            found[leap.known_n] = leap.n
    return found


def broken_numbers(books: Books) -> Iterator[Broken]:
    """Yield the first number that is missing of each table whose rows the head counts, or is one too many."""
    if not books.head:
        yield Broken(WHOLE, "head", 1, Reason.MISSING)
        return
    if books.connection.execute(sa.select(schema.shop.c.id)).first() is None:
        yield Broken(WHOLE, "shop", 1, Reason.MISSING)
        return
    for clause, table, counter in _COUNTED:
        yield from _broken_count(
            books, clause, table, table.c.id, 1, books.last(counter)
        )
    n = schema.journal.c.n
    first = books.connection.execute(sa.select(sa.func.min(n))).scalar_one()
    # old rows are pruned from the front, the last one never
    lowest = max(1, first or books.last("n"))
    yield from _broken_count(
        books, TRAIL, schema.journal, n, lowest, books.last("n"), _leaps(books)
    )


def _broken_count(
    books: Books,
    clause: int,
    table: sa.Table,
    key: sa.Column[int],
    first: int,
    last: int,
    leaps: Mapping[int, int] = {},
) -> Iterator[Broken]:
    connection = books.connection
    leaps = {before: after for before, after in leaps.items() if before >= first}
    count = connection.execute(
        sa.select(sa.func.count()).select_from(table)
    ).scalar_one()
    lowest = connection.execute(sa.select(sa.func.min(key))).scalar_one()
    highest = connection.execute(sa.select(sa.func.max(key))).scalar_one()
    wanted = (
        last - first + 1 - sum(after - before - 1 for before, after in leaps.items())
    )
    inside = sa.or_(
        sa.false(),
        *(key.between(before + 1, after - 1) for before, after in leaps.items()),
    )
    strays = leaps and connection.execute(sa.select(key).where(inside).limit(1)).first()
    if ((count, lowest, highest) == (wanted, first, last) and not strays) or (
        count == 0 and last < first
    ):
        return
    expected = first
    for block in by_key(connection, sa.select(key), key):
        for (number,) in block:
            if number != expected or number > last:
                missing = number > expected and expected <= last
                reason = Reason.MISSING if missing else Reason.UNCOUNTED
                yield Broken(
                    clause, table.name, expected if missing else number, reason
                )
            expected = leaps.get(number, number + 1)
    yield Broken(clause, table.name, expected, Reason.MISSING)


def broken_chain(books: Books) -> Iterator[Broken]:
    """Yield the audit rows whose hash is not that of their content and of the row before."""
    last_hash = trail.GENESIS
    for block in by_key(books.connection, sa.select(schema.audit), schema.audit.c.id):
        for (
            row_id,
            at_ms,
            user_id,
            action,
            origin,
            detail,
            previous_hash,
            own_hash,
        ) in block:
            content = trail.canonical(row_id, at_ms, user_id, action, origin, detail)
            if previous_hash != last_hash or own_hash != trail.chain(
                last_hash, content
            ):
                yield Broken(TRAIL, "audit", row_id, Reason.CHAIN)
            last_hash = own_hash
    if last_hash != books.head["chain_hash"]:
        yield Broken(TRAIL, "head", 1, Reason.CHAIN_END)

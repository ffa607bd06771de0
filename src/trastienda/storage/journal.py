"""The journal: every event in the order of commit, to be told again to whoever was away."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from trastienda.domain.events import SUBJECT_OF, Audience, Code, Event, Kind
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection

_JOURNAL = schema.journal.c
KEY = (_JOURNAL.n,)
"""What a cursor through the journal holds."""
_AFTER = dialects.Prepared(
    sa.select(schema.journal)
    .where(_JOURNAL.n > sa.bindparam("after"))
    .order_by(_JOURNAL.n)
    .limit(sa.bindparam("limit"))
)


def after(
    connection: Connection,
    n: int,
    limit: int,
) -> Sequence[Event]:
    """Return the events after number ``n``, at most ``limit``, in the order of commit."""
    return [_event(*row) for row in connection.fetch(_AFTER, after=n, limit=limit)]


def _event(
    n: int,
    at_ms: int,
    kind: str,
    audience: str,
    subject: str,
) -> Event:
    return Event(
        n=n,
        kind=Kind(kind),
        at_ms=at_ms,
        audience=msgspec.json.decode(audience, type=Audience),
        subject=msgspec.json.decode(subject, type=SUBJECT_OF[Kind(kind)]),
    )


_OF_KINDS_AFTER = dialects.Prepared(
    sa.select(schema.journal)
    .where(
        _JOURNAL.n > sa.bindparam("after"),
        dialects.among(_JOURNAL.kind, "kinds"),
    )
    .order_by(_JOURNAL.n)
    .limit(sa.bindparam("limit"))
)


def after_of_kinds(
    connection: Connection,
    n: int,
    kinds: Collection[Kind],
    limit: int,
) -> Sequence[Event]:
    """Return the events of some kinds after number ``n``, as :func:`after` does."""
    rows = connection.fetch(
        _OF_KINDS_AFTER,
        after=n,
        kinds=dialects.array(sorted(kinds)),
        limit=limit,
    )
    return [_event(*row) for row in rows]


_OF_PRODUCTS = {
    Kind.PRODUCT,
    Kind.PRODUCT_DELETED,
    Kind.STOCK,
    Kind.DISCOUNT_EXPIRED,
}
"""Kinds whose subject is a product, or a part of one, with its code."""
_SUBJECTS_AFTER = dialects.Prepared(
    sa.select(_JOURNAL.n, _JOURNAL.kind, _JOURNAL.subject)
    .where(_JOURNAL.n > sa.bindparam("after"))
    .order_by(_JOURNAL.n)
    .limit(sa.bindparam("limit"))
)
_CODE = msgspec.json.Decoder(Code)


def product_codes(
    connection: Connection,
    n: int,
    limit: int,
) -> list[tuple[int, str | None]]:
    """Return the numbers of the events after ``n``, at most ``limit``, in their order.

    Beside each stands the code of the product that it is about; None where it is not
    about a product as the list shows it.
    """
    rows = connection.fetch(_SUBJECTS_AFTER, after=n, limit=limit)
    return [
        (n, _CODE.decode(subject).code if kind in _OF_PRODUCTS else None)
        for n, kind, subject in rows
    ]


_ROW = dialects.Prepared(sa.select(_JOURNAL.n).where(_JOURNAL.n == sa.bindparam("n")))
_FIRST = dialects.Prepared(sa.select(_JOURNAL.n).order_by(_JOURNAL.n).limit(1))


def knows(
    connection: Connection,
    n: int,
) -> bool:
    """Tell whether everything that was announced after number ``n`` can be told from here.

    It cannot where the number was never given, where it was given after the copy that the
    shop was restored from, or so long ago that its row is gone. Whoever comes with such a
    number needs a fresh snapshot.
    """
    if n == 0:
        first = connection.fetch(_FIRST)
        return not first or first[0][0] == 1
    return bool(connection.fetch(_ROW, n=n))


def leap(
    connection: Connection,
    n: int,
) -> int:
    """Have the next announcement get a number after ``n``, if it would not anyway.

    Return the last number known so far.
    """
    last_n = schema.head.c.last_n
    known_n = int(connection.execute(sa.select(last_n)).scalar_one())
    behind = sa.update(schema.head).where(last_n < n)
    connection.execute(behind.values(last_n=n))
    return known_n

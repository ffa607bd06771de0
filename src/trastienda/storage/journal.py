"""The journal: every event in the order of commit, to be told again to whoever was away."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from trastienda.domain.events import SUBJECT_OF, Audience, Event, Kind
from trastienda.storage import schema

_J = schema.journal.c
_AFTER = sa.select(schema.journal).where(_J.n > sa.bindparam("after")).order_by(_J.n).limit(sa.bindparam("limit"))


def after(connection: sa.Connection, n: int, limit: int) -> Sequence[Event]:
    """Return the events after number ``n``, at most ``limit``, in the order of commit."""
    return [
        Event(
            n=row.n,
            kind=Kind(row.kind),
            at_ms=row.at_ms,
            audience=msgspec.json.decode(row.audience, type=Audience),
            subject=msgspec.json.decode(row.subject, type=SUBJECT_OF[Kind(row.kind)]),
        )
        for row in connection.execute(_AFTER, {"after": n, "limit": limit})
    ]

"""The journal: every event in the order of commit, to be told again to whoever was away."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from trastienda.domain.events import SUBJECT_OF, Audience, Event, Kind
from trastienda.storage import dialects, schema

_J = schema.journal.c
_AFTER = dialects.Prepared(
    sa.select(schema.journal).where(_J.n > sa.bindparam("after")).order_by(_J.n).limit(sa.bindparam("limit"))
)


def after(connection: sa.Connection, n: int, limit: int) -> Sequence[Event]:
    """Return the events after number ``n``, at most ``limit``, in the order of commit."""
    return [
        Event(
            n=n,
            kind=Kind(kind),
            at_ms=at_ms,
            audience=msgspec.json.decode(audience, type=Audience),
            subject=msgspec.json.decode(subject, type=SUBJECT_OF[Kind(kind)]),
        )
        for n, at_ms, kind, audience, subject in _AFTER(connection, after=n, limit=limit)
    ]

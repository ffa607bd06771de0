"""Sanctions in force: rows in, rows out."""

from collections.abc import Collection

import sqlalchemy as sa

from trastienda.domain.aliases import alias_key
from trastienda.domain.moderation import Sanction, SanctionKind
from trastienda.domain.people import Actor
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_SANCTIONS = schema.sanctions.c
_COLUMNS = (_SANCTIONS.target, _SANCTIONS.kind, _SANCTIONS.label, _SANCTIONS.until_ms)
# A mute sorts after a ban, so ordered backwards the ban comes last and wins its target's key.
_BY_TARGET = dialects.Prepared(
    sa.select(*_COLUMNS)
    .where(dialects.among(_SANCTIONS.target, "targets"))
    .order_by(_SANCTIONS.kind.desc())
)
_ALL = sa.select(*_COLUMNS).order_by(_SANCTIONS.at_ms)


def add(
    transaction: Tx,
    sanction: Sanction,
    actor: Actor,
) -> None:
    """Add a sanction for each of its targets, in place of one of the same kind.

    Sanctions that have run out are deleted at the same time.
    """
    same_kind = sa.and_(
        _SANCTIONS.kind == sanction.kind.value, _SANCTIONS.target.in_(sanction.targets)
    )
    run_out = _SANCTIONS.until_ms <= transaction.now_ms
    transaction.connection.execute(
        sa.delete(schema.sanctions).where(sa.or_(same_kind, run_out))
    )
    label_key = alias_key(sanction.label)
    rows = [
        (
            target,
            sanction.kind.value,
            sanction.label,
            label_key,
            sanction.until_ms,
            transaction.now_ms,
            actor.user_id,
        )
        for target in dict.fromkeys(sanction.targets)
    ]
    transaction.insert(schema.sanctions, rows)


def by_target(
    connection: Connection,
    targets: Collection[str],
) -> dict[str, Sanction]:
    """Return the sanction on each of these keys, a ban before a mute; some may have run out."""
    rows = connection.fetch(_BY_TARGET, targets=dialects.array(targets))
    return {
        target: Sanction(SanctionKind(kind), (target,), label, until_ms)
        for target, kind, label, until_ms in rows
    }


def delete(
    transaction: Tx,
    label: str,
    targets: Collection[str],
) -> list[str]:
    """Delete the sanctions with this label or on these keys.

    Return the keys they were on.
    """
    connection = transaction.connection
    has_label = _SANCTIONS.label_key == alias_key(label)
    lifted = sa.or_(has_label, _SANCTIONS.target.in_(list(targets)))

    query = sa.select(_SANCTIONS.target).where(lifted).distinct()
    lifted_targets = [row.target for row in connection.execute(query)]
    connection.execute(sa.delete(schema.sanctions).where(lifted))
    return lifted_targets


def list_(connection: Connection) -> list[Sanction]:
    """Return every sanction, oldest first; some may have run out."""
    return [
        Sanction(SanctionKind(row.kind), (row.target,), row.label, row.until_ms)
        for row in connection.execute(_ALL)
    ]

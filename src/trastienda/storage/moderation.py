"""Sanctions in force: rows in, rows out."""

from collections.abc import Collection

import sqlalchemy as sa

from trastienda.domain.aliases import alias_key
from trastienda.domain.chat import Sanction, SanctionKind
from trastienda.domain.people import Actor
from trastienda.storage import dialects, schema
from trastienda.storage.transactions import Tx

_S = schema.sanctions.c
_AMONG = dialects.Prepared(
    sa.select(_S.target, _S.kind, _S.label, _S.until_ms)
    .where(dialects.among(_S.target, "targets"))
    .order_by(_S.kind.desc())
)
_LIST = sa.select(_S.target, _S.kind, _S.label, _S.until_ms).order_by(_S.at_ms)


def impose(tx: Tx, sanction: Sanction, by: Actor) -> None:
    """Keep a sanction for each of its targets; one of the same kind that they had gives way to it."""
    same = sa.and_(_S.kind == sanction.kind.value, _S.target.in_(sanction.targets))
    over = _S.until_ms <= tx.now_ms  # those that have run out go with it
    tx.connection.execute(sa.delete(schema.sanctions).where(sa.or_(same, over)))
    key = alias_key(sanction.label)
    tx.insert(
        schema.sanctions,
        [
            (
                target,
                sanction.kind.value,
                sanction.label,
                key,
                sanction.until_ms,
                tx.now_ms,
                by.user_id,
            )
            for target in dict.fromkeys(sanction.targets)
        ],
    )


def on(connection: sa.Connection, targets: Collection[str]) -> dict[str, Sanction]:
    """Return the sanction on each of these keys, a ban before a mute; some may have run out."""
    rows = _AMONG(connection, targets=dialects.array(targets))
    return {
        target: Sanction(SanctionKind(kind), (target,), label, until_ms)
        for target, kind, label, until_ms in rows
    }


def lift(tx: Tx, label: str, targets: Collection[str]) -> list[str]:
    """Lift the sanctions that were imposed under this label or on these keys; return the keys that were meant."""
    meant = sa.or_(_S.label_key == alias_key(label), _S.target.in_(list(targets)))
    found = [
        row.target
        for row in tx.connection.execute(sa.select(_S.target).where(meant).distinct())
    ]
    tx.connection.execute(sa.delete(schema.sanctions).where(meant))
    return found


def listed(connection: sa.Connection) -> list[Sanction]:
    """Return every sanction that is kept, oldest first."""
    return [
        Sanction(SanctionKind(row.kind), (row.target,), row.label, row.until_ms)
        for row in connection.execute(_LIST)
    ]

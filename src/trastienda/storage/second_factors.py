"""Second factors and recovery codes: rows in, rows out."""

from collections.abc import Iterable

import sqlalchemy as sa

from trastienda.domain.second_factors import SecondFactor
from trastienda.storage import schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_FACTORS = schema.second_factors.c
_CODES = schema.recovery_codes.c


def find(
    connection: Connection,
    user_id: int,
) -> SecondFactor | None:
    """Return a user's second factor, confirmed or not."""
    query = sa.select(schema.second_factors).where(_FACTORS.user_id == user_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    return SecondFactor(
        user_id=row.user_id,
        secret=row.secret,
        confirmed_at_ms=row.confirmed_at_ms,
        last_step=row.last_step,
    )


def add(
    transaction: Tx,
    factor: SecondFactor,
) -> None:
    """Add a user's second factor."""
    row = (factor.user_id, factor.secret, factor.confirmed_at_ms, factor.last_step)
    transaction.insert(schema.second_factors, [row])


def confirm(
    transaction: Tx,
    user_id: int,
) -> None:
    """Have a second factor be asked for from now on."""
    factor = sa.update(schema.second_factors).where(_FACTORS.user_id == user_id)
    transaction.connection.execute(factor.values(confirmed_at_ms=transaction.now_ms))


def claim_step(
    transaction: Tx,
    user_id: int,
    step: int,
) -> bool:
    """Use up the code of a step and of all before it; False where it was used already."""
    unused = sa.update(schema.second_factors).where(
        _FACTORS.user_id == user_id,
        _FACTORS.last_step < step,
    )
    claimed = transaction.connection.execute(unused.values(last_step=step))
    return claimed.rowcount == 1


def delete(
    transaction: Tx,
    user_id: int,
) -> None:
    """Delete a user's second factor, with its recovery codes."""
    for table in (schema.recovery_codes, schema.second_factors):
        statement = sa.delete(table).where(table.c.user_id == user_id)
        transaction.connection.execute(statement)


def add_recovery_codes(
    transaction: Tx,
    user_id: int,
    hashes: Iterable[str],
) -> None:
    """Add the hashes of recovery codes."""
    rows = [(user_id, code_hash, None) for code_hash in hashes]
    transaction.insert(schema.recovery_codes, rows)


def claim_recovery_code(
    transaction: Tx,
    user_id: int,
    code_hash: str,
) -> bool:
    """Use up a recovery code; False where it was used before, or is none of the user's."""
    unused = sa.update(schema.recovery_codes).where(
        _CODES.user_id == user_id,
        _CODES.hash == code_hash,
        _CODES.used_at_ms.is_(None),
    )
    claimed = transaction.connection.execute(
        unused.values(used_at_ms=transaction.now_ms)
    )
    return claimed.rowcount == 1


def recovery_codes_left(
    connection: Connection,
    user_id: int,
) -> int:
    """Return how many recovery codes of a user are unused."""
    query = sa.select(sa.func.count()).where(
        _CODES.user_id == user_id,
        _CODES.used_at_ms.is_(None),
    )
    return int(connection.execute(query).scalar_one())

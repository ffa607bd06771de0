"""API keys: rows in, rows out. Of a secret the shop has the hash alone."""

import sqlalchemy as sa

from trastienda.domain.api_keys import ApiKey
from trastienda.domain.people import Role
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_KEYS = schema.api_keys.c
_SELECT = sa.select(schema.api_keys)


def _key(row: lists.Row) -> ApiKey:
    return ApiKey(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        role=Role(row.role),
        networks=tuple(row.networks.split()),
        until_ms=row.until_ms,
        created_at_ms=row.created_at_ms,
        used_at_ms=row.used_at_ms,
    )


def add(
    transaction: Tx,
    key: ApiKey,
    secret_hash: str,
) -> None:
    """Add a key; an IntegrityError where its name is taken."""
    row = {
        "id": key.id,
        "user_id": key.user_id,
        "name": key.name,
        "role": key.role.value,
        "networks": " ".join(key.networks),
        "secret_hash": secret_hash,
        "until_ms": key.until_ms,
        "created_at_ms": key.created_at_ms,
        "used_at_ms": key.used_at_ms,
    }
    transaction.connection.execute(sa.insert(schema.api_keys), row)


def everything(connection: Connection) -> list[ApiKey]:
    """Return all keys, newest first."""
    query = _SELECT.order_by(_KEYS.created_at_ms.desc(), _KEYS.id)
    return [_key(row) for row in connection.execute(query)]


def find(
    connection: Connection,
    key_id: str,
) -> ApiKey | None:
    """Return the key with this id."""
    row = connection.execute(_SELECT.where(_KEYS.id == key_id)).first()
    return None if row is None else _key(row)


def by_secret(
    connection: Connection,
    secret_hash: str,
) -> ApiKey | None:
    """Return the key of a secret."""
    query = _SELECT.where(_KEYS.secret_hash == secret_hash)
    row = connection.execute(query).first()
    return None if row is None else _key(row)


def note_use(
    transaction: Tx,
    key_id: str,
) -> None:
    """Note that a key is used now."""
    query = sa.update(schema.api_keys).where(_KEYS.id == key_id)
    transaction.connection.execute(query.values(used_at_ms=transaction.now_ms))


def delete(
    transaction: Tx,
    key_id: str,
) -> None:
    """Delete a key."""
    query = sa.delete(schema.api_keys).where(_KEYS.id == key_id)
    transaction.connection.execute(query)

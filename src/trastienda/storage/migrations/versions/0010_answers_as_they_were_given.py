"""Answers are kept as they were given, with a digest and the registro of what was done."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.migrations import shop_connection

revision = "0010"
down_revision = "0009"

SEALED = (
    "user_id",
    "route",
    "key",
    "fingerprint",
    "result",
    "at_ms",
    "audit_id",
    "digest",
)


def upgrade() -> None:
    """Add the columns; answers that are there keep what they have, and have neither."""
    shop_connection().unseal("idempotency_keys")
    op.add_column("idempotency_keys", sa.Column("audit_id", sa.BigInteger()))
    op.add_column("idempotency_keys", sa.Column("digest", sa.String(64)))
    shop_connection().seal("idempotency_keys", SEALED)

"""Notifications of users, and administrators found by an index."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import LINKED, only_where

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table and the index; nobody has been told anything yet."""
    op.create_index(op.f("ix_users_role"), "users", ["role"])
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("text", sa.String(8192), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        **LINKED,
    )
    op.create_index("ix_notifications_user_id_id", "notifications", ["user_id", "id"])
    op.create_index(
        "ix_notifications_unseen",
        "notifications",
        ["user_id", "id"],
        **only_where("seen_at_ms IS NULL"),
    )

"""Sums of the days that are over, and tasks that run once a day."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import CLUSTERED, only_where

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what the reports and the daily tasks need."""
    op.add_column(
        "head",
        sa.Column(
            "summed_until_ms", sa.BigInteger(), server_default="0", nullable=False
        ),
    )
    op.create_index(
        "ix_payments_later", "payments", ["at_ms"], **only_where("call > 0")
    )
    op.create_table(
        "day_summaries",
        sa.Column("from_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(16777215), nullable=False),
        sa.PrimaryKeyConstraint("from_ms", "until_ms", name=op.f("pk_day_summaries")),
        **CLUSTERED,
    )
    op.create_table(
        "task_days",
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task", "day", name=op.f("pk_task_days")),
        **CLUSTERED,
    )

"""What each user was called, and from when on."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import CLUSTERED

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the names; those of today have held from the beginning, as nobody knows better."""
    op.create_table(
        "user_names",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_names_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "from_ms", name=op.f("pk_user_names")),
        **CLUSTERED,
    )
    op.execute("INSERT INTO user_names SELECT id, 0, name FROM users")

"""What each import made and changed, and products that are deleted for good."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import CLUSTERED, LINKED

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the imports to come; of those that were, nobody knows any more."""
    op.add_column("products", sa.Column("removed_at_ms", sa.BigInteger()))
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("undone_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        **LINKED,
    )
    op.create_table(
        "import_changes",
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Text(16777215), nullable=False),
        sa.Column("before_movement_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("last_movement_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_import_changes_import_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_import_changes_product_id"),
        ),
        sa.PrimaryKeyConstraint(
            "import_id", "product_id", name=op.f("pk_import_changes")
        ),
        **CLUSTERED,
    )

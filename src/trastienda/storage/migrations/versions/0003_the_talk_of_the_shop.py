"""Rooms and what is said in them, private messages, marks of what was read, and moderation."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import CLUSTERED, LINKED, only_where
from trastienda.storage.migrations import shop_connection

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what the chat keeps."""
    op.create_table(
        "rooms",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("name", name=op.f("uq_rooms_name")),
        **LINKED,
    )
    op.create_table(
        "messages",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("alias", sa.String(255), nullable=False),
        sa.Column("text", sa.String(8192), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(200), nullable=True),
        sa.Column("edited_at_ms", sa.BigInteger(), nullable=True),
        sa.Column(
            "deleted",
            sa.Boolean(create_constraint=True, name="deleted"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_messages_room_id")
        ),
        sa.PrimaryKeyConstraint("room_id", "seq", name=op.f("pk_messages")),
        **CLUSTERED,
    )
    op.create_index(
        "uq_messages_client_id",
        "messages",
        ["client_id", "sender"],
        unique=True,
        **only_where("client_id IS NOT NULL"),
    )
    _create_what_members_have()
    shop_connection().create_text_index("message_texts")


def _create_what_members_have() -> None:
    op.create_table(
        "private_messages",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("alias", sa.String(255), nullable=False),
        sa.Column("recipient", sa.String(255), nullable=False),
        sa.Column("recipient_alias", sa.String(255), nullable=False),
        sa.Column("text", sa.String(8192), nullable=False),
        sa.Column("client_id", sa.String(200), nullable=True),
        sa.Column("delivered_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_messages")),
        **LINKED,
    )
    op.create_index(
        "uq_private_messages_client_id",
        "private_messages",
        ["client_id", "sender"],
        unique=True,
        **only_where("client_id IS NOT NULL"),
    )
    op.create_index(
        "ix_private_messages_waiting",
        "private_messages",
        ["recipient"],
        unique=False,
        **only_where("delivered_at_ms IS NULL"),
    )
    op.create_table(
        "read_marks",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_read_marks_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_read_marks_room_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "room_id", name=op.f("pk_read_marks")),
        **CLUSTERED,
    )
    op.create_table(
        "sanctions",
        sa.Column("target", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(255), nullable=False),
        sa.Column("label_key", sa.String(255), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sanctions_user_id")
        ),
        sa.PrimaryKeyConstraint("target", "kind", name=op.f("pk_sanctions")),
        **CLUSTERED,
    )
    op.create_index(
        op.f("ix_sanctions_label_key"), "sanctions", ["label_key"], unique=False
    )

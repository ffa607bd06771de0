"""The first shop."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.dialects import CLUSTERED, LINKED, only_where
from trastienda.storage.migrations import shop_connection

revision = "0001"
down_revision = None

SEALED = {
    "audit": (
        "id",
        "at_ms",
        "user_id",
        "action",
        "origin",
        "detail",
        "previous_hash",
        "hash",
    ),
    "idempotency_keys": ("user_id", "route", "key", "fingerprint", "result", "at_ms"),
    "movements": (
        "id",
        "product_id",
        "location_id",
        "quantity_milli",
        "balance_milli",
        "cause",
        "reference_id",
        "previous_id",
        "at_ms",
        "user_id",
        "reason",
    ),
    "payments": (
        "sale_id",
        "call",
        "position",
        "method",
        "amount_minor",
        "change_minor",
        "rounding_minor",
        "at_ms",
        "user_id",
    ),
    "purchase_lines": (
        "purchase_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "cost_minor",
    ),
    "purchases": ("id", "at_ms", "buyer_id", "supplier", "document", "total_minor"),
    "return_lines": (
        "return_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "total_minor",
        "cost_minor",
        "exempt",
    ),
    "returns": (
        "id",
        "sale_id",
        "origin_number",
        "at_ms",
        "seller_id",
        "reason",
        "net_minor",
        "vat_minor",
        "exempt_minor",
        "total_minor",
        "rounding_minor",
        "method",
        "refund_minor",
        "debt_reduced_minor",
        "restock",
    ),
    "sale_lines": (
        "sale_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "unit_price_minor",
        "discount_minor",
        "total_minor",
        "cost_minor",
        "exempt",
    ),
    "sales": (
        "id",
        "folio",
        "origin_number",
        "at_ms",
        "location_id",
        "seller_id",
        "buyer_id",
        "customer_rut",
        "net_minor",
        "vat_minor",
        "exempt_minor",
        "total_minor",
        "rounding_minor",
        "change_minor",
        "vat_bp",
    ),
}


def upgrade() -> None:
    op.create_table(
        "head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_folio", sa.BigInteger(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("last_sale", sa.BigInteger(), nullable=False),
        sa.Column("last_return", sa.BigInteger(), nullable=False),
        sa.Column("last_purchase", sa.BigInteger(), nullable=False),
        sa.Column("last_movement", sa.BigInteger(), nullable=False),
        sa.Column("last_product", sa.BigInteger(), nullable=False),
        sa.Column("last_user", sa.BigInteger(), nullable=False),
        sa.Column("last_audit", sa.BigInteger(), nullable=False),
        sa.Column("last_key", sa.BigInteger(), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
        **LINKED,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(length=16777215), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "user_id", "route", "key", name=op.f("pk_idempotency_keys")
        ),
        **LINKED,
    )
    op.create_table(
        "journal",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.Text(length=16777215), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_journal")),
        **LINKED,
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        **LINKED,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("code_key", sa.String(length=48), nullable=False),
        sa.Column(
            "in_house",
            sa.Boolean(create_constraint=True, name="in_house"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("search", sa.String(length=300), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("min_stock_milli", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("unit", sa.String(length=2), nullable=False),
        sa.Column(
            "exempt", sa.Boolean(create_constraint=True, name="exempt"), nullable=False
        ),
        sa.Column(
            "active", sa.Boolean(create_constraint=True, name="active"), nullable=False
        ),
        sa.Column("discount_bp", sa.BigInteger(), nullable=True),
        sa.Column("discount_minor", sa.BigInteger(), nullable=True),
        sa.Column("discount_from_ms", sa.BigInteger(), nullable=True),
        sa.Column("discount_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('un', 'kg', 'g', 'l', 'ml', 'm')", name=op.f("ck_products_unit")
        ),
        sa.CheckConstraint("cost_minor >= 0", name=op.f("ck_products_cost")),
        sa.CheckConstraint("min_stock_milli >= 0", name=op.f("ck_products_min_stock")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_products_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("code_key", name=op.f("uq_products_code_key")),
        **LINKED,
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(length=16777215), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shop_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        **LINKED,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rut", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("username_key", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column(
            "active", sa.Boolean(create_constraint=True, name="active"), nullable=False
        ),
        sa.Column(
            "verified",
            sa.Boolean(create_constraint=True, name="verified"),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "role IN ('administrator', 'cashier', 'customer')",
            name=op.f("ck_users_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("rut", name=op.f("uq_users_rut")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
        **LINKED,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.Text(length=16777215), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_audit_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        **LINKED,
    )
    op.create_index(op.f("ix_audit_at_ms"), "audit", ["at_ms"], unique=False)
    op.create_table(
        "movements",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("balance_milli", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("reference_id", sa.BigInteger(), nullable=True),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.CheckConstraint(
            "balance_milli >= 0", name=op.f("ck_movements_never_below_zero")
        ),
        sa.CheckConstraint("quantity_milli <> 0", name=op.f("ck_movements_moves")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_movements_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_movements_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_movements_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        **LINKED,
    )
    op.create_table(
        "purchases",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("buyer_id", sa.BigInteger(), nullable=True),
        sa.Column("supplier", sa.String(length=255), nullable=False),
        sa.Column("document", sa.String(length=255), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["users.id"], name=op.f("fk_purchases_buyer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        **LINKED,
    )
    op.create_index(op.f("ix_purchases_at_ms"), "purchases", ["at_ms"], unique=False)
    op.create_table(
        "sales",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("folio", sa.BigInteger(), nullable=True),
        sa.Column("origin_number", sa.String(length=64), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("seller_id", sa.BigInteger(), nullable=True),
        sa.Column("buyer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_rut", sa.String(length=12), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("exempt_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_bp", sa.BigInteger(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(folio IS NULL) <> (origin_number IS NULL)",
            name=op.f("ck_sales_one_number"),
        ),
        sa.CheckConstraint("owed_minor >= 0", name=op.f("ck_sales_owed")),
        sa.CheckConstraint(
            "total_minor = net_minor + vat_minor + exempt_minor",
            name=op.f("ck_sales_total"),
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["users.id"], name=op.f("fk_sales_buyer_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_sales_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["users.id"], name=op.f("fk_sales_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("folio", name=op.f("uq_sales_folio")),
        sa.UniqueConstraint("origin_number", name=op.f("uq_sales_origin_number")),
        **LINKED,
    )
    op.create_index(op.f("ix_sales_at_ms"), "sales", ["at_ms"], unique=False)
    op.create_index(
        "ix_sales_buyer",
        "sales",
        ["buyer_id", "at_ms"],
        unique=False,
        **only_where("buyer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_customer",
        "sales",
        ["customer_rut", "at_ms"],
        unique=False,
        **only_where("customer_rut IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_owed",
        "sales",
        ["at_ms"],
        unique=False,
        **only_where("owed_minor > 0"),
    )
    op.create_index("ix_sales_seller", "sales", ["seller_id", "at_ms"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        **LINKED,
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "stock",
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("location_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("last_movement_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "quantity_milli >= 0", name=op.f("ck_stock_never_below_zero")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_stock_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_product_id")
        ),
        sa.PrimaryKeyConstraint("product_id", "location_id", name=op.f("pk_stock")),
        **CLUSTERED,
    )
    op.create_table(
        "payments",
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sales.id"], name=op.f("fk_payments_sale_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_payments_user_id")
        ),
        sa.PrimaryKeyConstraint(
            "sale_id", "call", "position", name=op.f("pk_payments")
        ),
        **CLUSTERED,
    )
    op.create_table(
        "purchase_lines",
        sa.Column("purchase_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity_milli > 0", name=op.f("ck_purchase_lines_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_purchase_lines_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchases.id"],
            name=op.f("fk_purchase_lines_purchase_id"),
        ),
        sa.PrimaryKeyConstraint(
            "purchase_id", "position", name=op.f("pk_purchase_lines")
        ),
        **CLUSTERED,
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_tokens")),
        **LINKED,
    )
    op.create_index(
        op.f("ix_refresh_tokens_session_id"),
        "refresh_tokens",
        ["session_id"],
        unique=False,
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=True),
        sa.Column("origin_number", sa.String(length=64), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seller_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("exempt_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("debt_reduced_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "restock",
            sa.Boolean(create_constraint=True, name="restock"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "refund_minor + debt_reduced_minor = total_minor + rounding_minor",
            name=op.f("ck_returns_given_back"),
        ),
        sa.CheckConstraint(
            "total_minor = net_minor + vat_minor + exempt_minor",
            name=op.f("ck_returns_total"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sales.id"], name=op.f("fk_returns_sale_id")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["users.id"], name=op.f("fk_returns_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("origin_number", name=op.f("uq_returns_origin_number")),
        **LINKED,
    )
    op.create_index(op.f("ix_returns_at_ms"), "returns", ["at_ms"], unique=False)
    op.create_index(op.f("ix_returns_sale_id"), "returns", ["sale_id"], unique=False)
    op.create_table(
        "sale_lines",
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "exempt", sa.Boolean(create_constraint=True, name="exempt"), nullable=False
        ),
        sa.CheckConstraint("quantity_milli > 0", name=op.f("ck_sale_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_sale_lines_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sales.id"], name=op.f("fk_sale_lines_sale_id")
        ),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_sale_lines")),
        **CLUSTERED,
    )
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "exempt", sa.Boolean(create_constraint=True, name="exempt"), nullable=False
        ),
        sa.CheckConstraint("quantity_milli > 0", name=op.f("ck_return_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_return_lines_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id")
        ),
        sa.PrimaryKeyConstraint("return_id", "position", name=op.f("pk_return_lines")),
        **CLUSTERED,
    )

    for table, columns in SEALED.items():
        shop_connection().seal(table, columns)

"""The tables.

Money is in minor units, quantities are in thousandths, and times in milliseconds since
1970 UTC.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
)

from trastienda.storage.dialects import CLUSTERED, LINKED, only_where

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def _number(
    name: str,
    default: int | None = 0,
    **more: object,
) -> Column[int]:
    return Column(name, BigInteger, nullable=default is None, **more)  # type: ignore[arg-type]


def _cost_rest() -> Column[int]:
    """What a cost is above its column in minor units, in thousandths of one."""
    return Column("cost_rest_milli", BigInteger, nullable=False, server_default="0")


def _text(
    name: str,
    length: int = 255,
    *,
    null: bool = False,
) -> Column[str]:
    return Column(name, String(length), nullable=null)


def _long_text(name: str) -> Column[str]:
    # a sale of 500 lines is some 150 kB of JSON
    return Column(name, Text(2**24 - 1), nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=True, name=name), nullable=False)


def _to(
    name: str,
    target: str,
    *,
    null: bool = False,
) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(target), nullable=null)


def _till_device_and_shift() -> tuple[Column[Any], ...]:
    device = _text("device", 64, null=True)
    shift_id = _number("shift_id", None)
    return device, shift_id


def _till() -> tuple[Column[Any], ...]:
    # The location is always there. It may be null only because these tables had rows before
    # they had locations, and SQLite adds no reference that may not.
    location_id = _to("location_id", "locations.id", null=True)
    return location_id, *_till_device_and_shift()


COUNTERS = (
    "folio",
    "n",
    "sale",
    "return",
    "purchase",
    "movement",
    "product",
    "user",
    "audit",
    "key",
)
"""What the head row counts; each names the last number given."""

head = Table(
    "head",
    metadata,
    _id(),
    *(_number(f"last_{name}") for name in COUNTERS),
    _text("chain_hash", 64),
    Column("summed_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("addresses_until_id", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("id = 1", name="one_row"),
    **LINKED,
)

shop = Table(
    "shop",
    metadata,
    _id(),
    _long_text("content"),
    CheckConstraint("id = 1", name="one_row"),
    **LINKED,
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("rut", String(12), nullable=False, unique=True),
    _text("name"),
    _text("username"),
    Column("username_key", String(255), nullable=False, unique=True),
    _text("email", 254, null=True),
    Column("role", String(16), nullable=False, index=True),
    _flag("active"),
    _flag("verified"),
    _text("password_hash"),
    _number("created_at_ms"),
    _number("version"),
    # Since when the password has to be changed: it is not one that its user chose.
    _number("must_change_since_ms", None),
    CheckConstraint("role IN ('administrator', 'cashier', 'customer')", name="role"),
    **LINKED,
)

# What each user was called from when on, the first name from the beginning: what was done is
# shown under the name of then.
user_names = Table(
    "user_names",
    metadata,
    Column(
        "user_id",
        BigInteger,
        ForeignKey("users.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    _text("name"),
    **CLUSTERED,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    _to("user_id", "users.id"),
    _number("created_at_ms"),
    _number("expires_at_ms"),
    _number("revoked_at_ms", None),
    # When it was last begun or refreshed; None for one of before this was kept.
    _number("used_at_ms", None),
    _text("address", 64, null=True),
    _text("program", 200, null=True),
    Index(None, "user_id"),
    **LINKED,
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("session_id", String(32), ForeignKey("sessions.id"), nullable=False),
    _number("created_at_ms"),
    _number("used_at_ms", None),
    Index(None, "session_id"),
    **LINKED,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    _to("user_id", "users.id"),
    Column("name", String(40), nullable=False, unique=True),
    _text("role", 16),
    # Networks with a space between them; empty: from anywhere.
    _text("networks", 1000),
    Column("secret_hash", String(64), nullable=False, unique=True),
    _number("until_ms", None),
    _number("created_at_ms"),
    _number("used_at_ms", None),
    CheckConstraint("role IN ('administrator', 'cashier', 'customer')", name="role"),
    **LINKED,
)

# Addresses of other systems. ``kinds`` are of announcements, with a space between them; null is
# all but talk. ``progress`` is JSON: how far each has got, which is written behind the deliveries.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(16), primary_key=True),
    _to("user_id", "users.id"),
    Column("url", String(2000), nullable=False, unique=True),
    _text("kinds", 1000, null=True),
    _text("off", 16, null=True),
    _text("secret"),
    _text("previous_secret", null=True),
    _number("previous_until_ms", None),
    _number("created_at_ms"),
    _number("version"),
    _text("progress", 2000),
    **LINKED,
)

second_factors = Table(
    "second_factors",
    metadata,
    Column(
        "user_id",
        BigInteger,
        ForeignKey("users.id"),
        primary_key=True,
        autoincrement=False,
    ),
    _text("secret", 32),
    # Since when it is asked for; None until its user has shown a code of it.
    _number("confirmed_at_ms", None),
    _number("last_step"),
    **CLUSTERED,
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column(
        "user_id",
        BigInteger,
        ForeignKey("users.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("hash", String(64), primary_key=True),
    _number("used_at_ms", None),
    **CLUSTERED,
)

locations = Table("locations", metadata, _id(), _text("name"), **LINKED)

products = Table(
    "products",
    metadata,
    _id(),
    _text("code", 48),
    Column("code_key", String(48), nullable=False, unique=True),
    _flag("in_house"),
    _text("name"),
    _text("search", 300),
    Column("search_in_one", String(1000), nullable=False, server_default=""),
    _number("price_minor"),
    _number("cost_minor"),
    _number("min_stock_milli"),
    _text("category", null=True),
    _text("unit", 2),
    _flag("exempt"),
    _flag("active"),
    _number("discount_bp", None),
    _number("discount_minor", None),
    _number("discount_from_ms", None),
    _number("discount_until_ms", None),
    _number("created_at_ms"),
    _number("version"),
    _cost_rest(),
    _number("removed_at_ms", None),
    Column("told_until_ms", BigInteger),
    Column("category_key", String(255), index=True),
    CheckConstraint("price_minor >= 0", name="price"),
    CheckConstraint("cost_minor >= 0", name="cost"),
    CheckConstraint("min_stock_milli >= 0", name="min_stock"),
    CheckConstraint("unit IN ('un', 'kg', 'g', 'l', 'ml', 'm')", name="unit"),
    **LINKED,
)

stock = Table(
    "stock",
    metadata,
    Column(
        "product_id",
        BigInteger,
        ForeignKey("products.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "location_id",
        BigInteger,
        ForeignKey("locations.id"),
        primary_key=True,
        autoincrement=False,
    ),
    _number("quantity_milli"),
    _number("last_movement_id", None),
    CheckConstraint("quantity_milli >= 0", name="never_below_zero"),
    **CLUSTERED,
)

# Each movement names the one before it of the same product, so that a ledger is read along
# that line from the stock row. An index by product would cost every sale a page of the disk
# for each line, the more the larger the shop.
movements = Table(
    "movements",
    metadata,
    _id(),
    _to("product_id", "products.id"),
    _to("location_id", "locations.id"),
    _number("quantity_milli"),
    _number("balance_milli"),
    _text("cause", 16),
    _number("reference_id", None),
    _number("previous_id", None),
    _number("at_ms"),
    _to("user_id", "users.id", null=True),
    _text("reason", 2000, null=True),
    CheckConstraint("balance_milli >= 0", name="never_below_zero"),
    CheckConstraint("quantity_milli <> 0", name="moves"),
    **LINKED,
)

sales = Table(
    "sales",
    metadata,
    _id(),
    Column("folio", BigInteger, nullable=True, unique=True),
    Column("origin_number", String(64), nullable=True, unique=True),
    _number("at_ms"),
    _to("location_id", "locations.id"),
    _to("seller_id", "users.id", null=True),
    _to("buyer_id", "users.id", null=True),
    _text("customer_rut", 12, null=True),
    _number("net_minor"),
    _number("vat_minor"),
    _number("exempt_minor"),
    _number("total_minor"),
    _number("rounding_minor"),
    _number("change_minor"),
    _number("vat_bp"),
    _number("owed_minor"),
    *_till_device_and_shift(),
    CheckConstraint("(folio IS NULL) <> (origin_number IS NULL)", name="one_number"),
    CheckConstraint("owed_minor >= 0", name="owed"),
    CheckConstraint("total_minor = net_minor + vat_minor + exempt_minor", name="total"),
    Index(None, "at_ms"),
    Index("ix_sales_seller", "seller_id", "at_ms"),
    Index(
        "ix_sales_customer",
        "customer_rut",
        "at_ms",
        **only_where("customer_rut IS NOT NULL"),
    ),
    Index(
        "ix_sales_buyer",
        "buyer_id",
        "at_ms",
        **only_where("buyer_id IS NOT NULL"),
    ),
    Index("ix_sales_owed", "at_ms", **only_where("owed_minor > 0")),
    **LINKED,
)

sale_lines = Table(
    "sale_lines",
    metadata,
    Column(
        "sale_id",
        BigInteger,
        ForeignKey("sales.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _to("product_id", "products.id"),
    _text("code", 48),
    _text("name"),
    _number("quantity_milli"),
    _number("unit_price_minor"),
    _number("discount_minor"),
    _number("total_minor"),
    _number("cost_minor"),
    _flag("exempt"),
    Column("reductions", Text(2**24 - 1), nullable=False, server_default=""),
    _cost_rest(),
    CheckConstraint("quantity_milli > 0", name="quantity"),
    **CLUSTERED,
)

# Settlement 0 is the sale itself, 1 and on are the later settlings of its debt. Change and
# rounding of a settling stand on its first row, those of the sale in the sale.
payments = Table(
    "payments",
    metadata,
    Column(
        "sale_id",
        BigInteger,
        ForeignKey("sales.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("settlement_no", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _text("method", 16),
    _number("amount_minor"),
    _number("change_minor"),
    _number("rounding_minor"),
    _number("at_ms"),
    _to("user_id", "users.id", null=True),
    CheckConstraint("amount_minor >= 0", name="amount"),
    Index("ix_payments_later", "at_ms", **only_where("settlement_no > 0")),
    **CLUSTERED,
)

returns = Table(
    "returns",
    metadata,
    _id(),
    _to("sale_id", "sales.id", null=True),
    Column("origin_number", String(64), nullable=True, unique=True),
    _number("at_ms"),
    _to("seller_id", "users.id", null=True),
    _text("reason", 2000),
    _number("net_minor"),
    _number("vat_minor"),
    _number("exempt_minor"),
    _number("total_minor"),
    _number("rounding_minor"),
    _text("method", 16),
    _number("refund_minor"),
    _number("debt_reduced_minor"),
    _flag("restock"),
    *_till(),
    Column("refunds", Text(2**24 - 1), nullable=False, server_default=""),
    CheckConstraint("total_minor = net_minor + vat_minor + exempt_minor", name="total"),
    CheckConstraint(
        "refund_minor + debt_reduced_minor = total_minor + rounding_minor",
        name="given_back",
    ),
    Index(None, "at_ms"),
    Index(None, "sale_id"),
    **LINKED,
)

return_lines = Table(
    "return_lines",
    metadata,
    Column(
        "return_id",
        BigInteger,
        ForeignKey("returns.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _to("product_id", "products.id"),
    _text("code", 48),
    _text("name"),
    _number("quantity_milli"),
    _number("total_minor"),
    _number("cost_minor"),
    _flag("exempt"),
    _cost_rest(),
    CheckConstraint("quantity_milli > 0", name="quantity"),
    **CLUSTERED,
)

purchases = Table(
    "purchases",
    metadata,
    _id(),
    _number("at_ms"),
    _to("buyer_id", "users.id", null=True),
    _text("supplier"),
    _text("document", null=True),
    _number("total_minor"),
    *_till(),
    Index(None, "at_ms"),
    **LINKED,
)

purchase_lines = Table(
    "purchase_lines",
    metadata,
    Column(
        "purchase_id",
        BigInteger,
        ForeignKey("purchases.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _to("product_id", "products.id"),
    _text("code", 48),
    _text("name"),
    _number("quantity_milli"),
    _number("cost_minor"),
    _cost_rest(),
    _number("given_total_minor", None),
    CheckConstraint("quantity_milli > 0", name="quantity"),
    **CLUSTERED,
)

# Not in the order of its key: keys come at random, and a row in the middle of a large tree
# costs a page of the disk.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("route", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    _text("fingerprint", 64),
    _long_text("result"),
    _number("at_ms"),
    Column("audit_id", BigInteger),
    _text("digest", 64, null=True),
    **LINKED,
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _number("at_ms"),
    _to("user_id", "users.id", null=True),
    _text("action", 64),
    _text("origin", 128),
    _long_text("detail"),
    _text("previous_hash", 64),
    _text("hash", 64),
    _text("origin_salt", 32, null=True),
    _text("origin_seal", 64, null=True),
    Index(None, "at_ms"),
    **LINKED,
)

journal = Table(
    "journal",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    _number("at_ms"),
    _text("kind", 16),
    _text("audience", 255),
    _long_text("subject"),
    **LINKED,
)

# What each day that is over came to, so that a report of years reads days and not sales. It
# is only a shortcut: what is not here is summed from the rows themselves. The earliest moment
# that is free of such days is head.summed_until_ms.
day_summaries = Table(
    "day_summaries",
    metadata,
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("until_ms", BigInteger, primary_key=True, autoincrement=False),
    _long_text("content"),
    **CLUSTERED,
)

# A task that runs once a day, over all nodes and restarts: whoever gets the row in does it.
task_days = Table(
    "task_days",
    metadata,
    Column("task", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    _number("at_ms"),
    **CLUSTERED,
)

# What a file brought in at one time, so that it can be taken back as one.
imports = Table(
    "imports",
    metadata,
    _id(),
    _number("at_ms"),
    _text("kind", 16),
    _text("file"),
    _number("rows"),
    _number("undone_at_ms", None),
    **LINKED,
)

# ``before`` is the product as it was, as JSON; empty for one that the import made. The version
# and the last movement are those that the import left, or that undoing a later one led back to.
import_changes = Table(
    "import_changes",
    metadata,
    Column(
        "import_id",
        BigInteger,
        ForeignKey("imports.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "product_id",
        BigInteger,
        ForeignKey("products.id"),
        primary_key=True,
        autoincrement=False,
    ),
    _long_text("before"),
    _number("before_movement_id", None),
    _number("version"),
    _number("last_movement_id", None),
    **CLUSTERED,
)

rooms = Table(
    "rooms",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    _number("last_seq"),
    _number("at_ms"),
    Column("forgotten_seq", BigInteger, nullable=False, server_default="0"),
    _number("archived_at_ms", None),
    **LINKED,
)

# ``sender`` is a member's key: an account's, a guest's, or the shop's own. What is searched
# in is kept beside these rows, by the database's own means (see dialects).
messages = Table(
    "messages",
    metadata,
    Column(
        "room_id",
        BigInteger,
        ForeignKey("rooms.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _number("at_ms"),
    _text("sender"),
    _text("alias"),
    _text("text", 8192),
    _text("kind", 32),
    _text("client_id", 200, null=True),
    _number("edited_at_ms", None),
    _flag("deleted"),
    Index(
        "uq_messages_client_id",
        "client_id",
        "sender",
        unique=True,
        **only_where("client_id IS NOT NULL"),
    ),
    **CLUSTERED,
)

private_messages = Table(
    "private_messages",
    metadata,
    _id(),
    _number("at_ms"),
    _text("sender"),
    _text("alias"),
    _text("recipient"),
    _text("recipient_alias"),
    _text("text", 8192),
    _text("client_id", 200, null=True),
    _number("delivered_at_ms", None),
    Index(
        "uq_private_messages_client_id",
        "client_id",
        "sender",
        unique=True,
        **only_where("client_id IS NOT NULL"),
    ),
    Index(
        "ix_private_messages_waiting",
        "recipient",
        **only_where("delivered_at_ms IS NULL"),
    ),
    **LINKED,
)

read_marks = Table(
    "read_marks",
    metadata,
    Column(
        "user_id",
        BigInteger,
        ForeignKey("users.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "room_id",
        BigInteger,
        ForeignKey("rooms.id"),
        primary_key=True,
        autoincrement=False,
    ),
    _number("seq"),
    **CLUSTERED,
)

# What each user is told. The text of what the shop noticed is JSON, and has no title.
notifications = Table(
    "notifications",
    metadata,
    _id(),
    _to("user_id", "users.id"),
    _number("at_ms"),
    _text("topic", 16),
    _text("title", 100),
    _text("text", 8192),
    _number("seen_at_ms", None),
    Index("ix_notifications_user_id_id", "user_id", "id"),
    Index(
        "ix_notifications_unseen",
        "user_id",
        "id",
        **only_where("seen_at_ms IS NULL"),
    ),
    **LINKED,
)

# Who may not speak, or not come in: a row for each member and address meant by it.
sanctions = Table(
    "sanctions",
    metadata,
    Column("target", String(255), primary_key=True),
    Column("kind", String(16), primary_key=True),
    _text("label"),
    _text("label_key"),
    _number("until_ms", None),
    _number("at_ms"),
    _to("user_id", "users.id", null=True),
    Index(None, "label_key"),
    **CLUSTERED,
)

SEALED: dict[str, tuple[str, ...]] = {
    "audit": ("origin", "origin_salt"),
    "idempotency_keys": (),
    "movements": (),
    "payments": (),
    "purchase_lines": (),
    "purchases": (),
    "return_lines": (),
    "returns": (),
    "sale_lines": (),
    "sales": ("owed_minor",),
}
"""Tables whose rows are only ever added, and the columns that may change all the same."""

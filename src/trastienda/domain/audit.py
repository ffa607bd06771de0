"""The audit trail: rows that are only ever added, each holding the hash of the one before."""

import enum
import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

GENESIS = "0" * 64
"""The hash before the first row."""


class Action(enum.StrEnum):
    """What was done. NOTE is what staff add by hand, with a name of their own in its detail."""

    SHOP_CREATED = "shop_created"
    SHOP_CHANGED = "shop_changed"
    SHOP_RESTORED = "shop_restored"
    USER_REGISTERED = "user_registered"
    USER_CHANGED = "user_changed"
    USER_DEACTIVATED = "user_deactivated"
    PRODUCT_CREATED = "product_created"
    PRODUCT_CHANGED = "product_changed"
    PRODUCT_RETIRED = "product_retired"
    PRODUCT_DELETED = "product_deleted"
    IMPORT_UNDONE = "import_undone"
    STOCK_CORRECTED = "stock_corrected"
    SALE = "sale"
    SALE_IMPORTED = "sale_imported"
    PAYMENT = "payment"
    RETURN = "return"
    RETURN_IMPORTED = "return_imported"
    PURCHASE = "purchase"
    DISCOUNTS_EXPIRED = "discounts_expired"
    MESSAGE_DELETED = "message_deleted"
    MEMBER_KICKED = "member_kicked"
    MEMBER_MUTED = "member_muted"
    MEMBER_BANNED = "member_banned"
    MEMBER_UNBANNED = "member_unbanned"
    NOTE = "note"


class AuditRow(Struct, frozen=True):
    """One row. ``detail`` is JSON text; ``canonical`` over all but the hashes is what is hashed."""

    id: int
    at_ms: int
    user_id: int | None
    action: str
    origin: str
    detail: str
    previous_hash: str
    hash: str


def canonical(
    row_id: int,
    at_ms: int,
    user_id: int | None,
    action: str,
    origin: str,
    detail: str,
) -> bytes:
    """Return the bytes that a row's hash covers: a JSON array of its columns in this
    order, without spaces.
    """
    return msgspec.json.encode((row_id, at_ms, user_id, action, origin, detail))


def chain(
    previous_hash: str,
    content: bytes,
) -> str:
    """Return the hash of a row: SHA-256 over the hash before it (64 hex digits) and its
    canonical bytes.
    """
    return hashlib.sha256(previous_hash.encode() + content).hexdigest()


def detail_text(detail: dict[str, Any]) -> str:
    """Return the detail as it is kept: JSON without spaces."""
    return msgspec.json.encode(detail).decode()


def digest(content: bytes) -> str:
    """Return the fingerprint that a row keeps of the document that it is about."""
    return hashlib.sha256(content).hexdigest()


def changed_fields(
    before: Struct,
    after: Struct,
    names: Iterable[str],
) -> dict[str, object]:
    """Return the fields of these names that differ, with what they are now."""
    return {
        name: getattr(after, name)
        for name in names
        if getattr(after, name) != getattr(before, name)
    }

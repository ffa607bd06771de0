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
    RUT_RELEASED = "rut_released"
    SESSIONS_ENDED = "sessions_ended"
    KEY_MADE = "key_made"
    KEY_WITHDRAWN = "key_withdrawn"
    WEBHOOK_MADE = "webhook_made"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_STOPPED = "webhook_stopped"
    WEBHOOK_REMOVED = "webhook_removed"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
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
    ROOM_ARCHIVED = "room_archived"
    ROOM_REOPENED = "room_reopened"
    MEMBER_KICKED = "member_kicked"
    MEMBER_MUTED = "member_muted"
    MEMBER_BANNED = "member_banned"
    MEMBER_UNBANNED = "member_unbanned"
    NOTIFIED = "notified"
    NOTE = "note"


class AuditRow(Struct, frozen=True):
    """One row. ``detail`` is JSON text; ``canonical`` is what is hashed.

    ``origin`` is where the call came from. If that is an address, the hash covers its
    seal, made with ``origin_salt``, so that address and salt can be forgotten.
    """

    id: int
    at_ms: int
    user_id: int | None
    action: str
    origin: str
    detail: str
    previous_hash: str
    hash: str
    origin_salt: str | None
    origin_seal: str | None

    @property
    def canonical(self) -> bytes:
        """The bytes that the row's hash covers."""
        return canonical(
            self.id,
            self.at_ms,
            self.user_id,
            self.action,
            self.origin_seal or self.origin,
            self.detail,
        )

    def has_right_origin(self, *, is_forgotten: bool) -> bool:
        """Tell whether the address is the one that was sealed, or gone if forgotten."""
        if self.origin_seal is None:
            return self.origin_salt is None
        if is_forgotten or self.origin_salt is None:
            return is_forgotten and (self.origin, self.origin_salt) == ("", None)
        return seal_origin(self.origin, self.origin_salt) == self.origin_seal


def canonical(
    row_id: int,
    at_ms: int,
    user_id: int | None,
    action: str,
    origin: str,
    detail: str,
) -> bytes:
    """Return the bytes that a row's hash covers: a JSON array of these in this order,
    without spaces. ``origin`` is the origin itself, or its seal where it has one.
    """
    return msgspec.json.encode((row_id, at_ms, user_id, action, origin, detail))


def names_an_address(origin: str) -> bool:
    """Tell whether an origin holds a network address, which is forgotten one day."""
    return "." in origin or ":" in origin


def seal_origin(
    origin: str,
    salt: str,
) -> str:
    """Return the seal of an origin: SHA-256 over the salt and the origin, in hex.

    Once the salt is gone nobody can find the address by trying all that there are.
    """
    return hashlib.sha256(f"{salt}{origin}".encode()).hexdigest()


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

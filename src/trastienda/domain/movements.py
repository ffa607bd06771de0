"""Movements: every change of a product's stock, its cause, and the balance after it."""

import enum

from msgspec import Struct


class Cause(enum.StrEnum):
    """Why stock moved."""

    OPENING = "opening"
    SALE = "sale"
    RETURN = "return"
    PURCHASE = "purchase"
    CORRECTION = "correction"
    HISTORY = "history"
    """Balances imported past sales, so that they change no stock."""


class Movement(Struct, frozen=True, kw_only=True):
    """One row of the stock ledger. ``reference_id`` is the sale, return or purchase
    that moved it.
    """

    id: int
    product_id: int
    quantity_milli: int
    balance_milli: int
    cause: Cause
    reference_id: int | None
    at_ms: int
    user_id: int | None
    reason: str | None


class StockLevel(Struct, frozen=True, gc=False):
    """The stock of a product after a change."""

    code: str
    stock_milli: int

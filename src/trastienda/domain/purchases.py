"""Purchases: what a supplier brought, and what it cost."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from trastienda.domain.people import Person
from trastienda.domain.quantities import amount


class PurchaseOrderLine(Struct, frozen=True, gc=False):
    """So much of this code, at ``cost_minor`` a unit, net of the tax."""

    code: str
    quantity_milli: int
    cost_minor: int


class PurchaseOrder(Struct, frozen=True, kw_only=True):
    """What came, from whom, with which document."""

    supplier: str
    document: str | None = None
    lines: Sequence[PurchaseOrderLine]


class PurchaseLine(Struct, frozen=True, gc=False):
    """A line as bought."""

    product_id: int
    code: str
    name: str
    quantity_milli: int
    cost_minor: int

    @property
    def total_minor(self) -> int:
        """What the line came to, rounded half up."""
        return amount(self.quantity_milli, self.cost_minor)


class Purchase(Struct, frozen=True, kw_only=True):
    """A purchase. Σ lines = total."""

    id: int
    at_ms: int
    buyer_id: int | None
    buyer: Person | None
    supplier: str
    document: str | None
    lines: tuple[PurchaseLine, ...]
    total_minor: int


def content(purchase: Purchase) -> bytes:
    """Return what can never change of a purchase: what the audit trail keeps the fingerprint of."""
    return msgspec.json.encode(
        (
            purchase.id,
            purchase.at_ms,
            purchase.buyer_id,
            purchase.supplier,
            purchase.document,
            purchase.total_minor,
            purchase.lines,
        )
    )

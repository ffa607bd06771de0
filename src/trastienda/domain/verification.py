"""Proof of the books: what always holds of a sale and its returns, and how a row that
breaks it is named.

The clauses are those of what the shop promises: 1 stock, 2 documents, 3 numbers and
keys, 4 the trail, 5 nothing half there.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from trastienda.domain.attributes import tuple_getter
from trastienda.domain.money import divide_half_up, split_vat
from trastienda.domain.payments import Method, Payment
from trastienda.domain.quantities import amount
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale, SaleLine
from trastienda.domain.shop import MAX_VAT_BP

STOCK, DOCUMENTS, NUMBERS, TRAIL, WHOLE = 1, 2, 3, 4, 5


class Reason(enum.StrEnum):
    """What is wrong with a row."""

    MISSING = "missing"
    UNCOUNTED = "uncounted"
    DIFFERS = "differs"
    ORPHAN = "orphan"
    UNREADABLE = "unreadable"
    BELOW_ZERO = "below_zero"
    NOT_AUDITED = "not_audited"
    AUDITED_ALONE = "audited_alone"
    FINGERPRINT = "fingerprint"
    NOT_MOVED = "not_moved"
    MOVED_ALONE = "moved_alone"
    MOVED_OTHERWISE = "moved_otherwise"
    NOT_BALANCED = "not_balanced"
    TOO_MUCH_RETURNED = "too_much_returned"
    FOLIO = "folio"
    CHAIN = "chain"
    CHAIN_END = "chain_end"
    ORIGIN = "origin"
    KEY_ALONE = "key_alone"
    KEY_TWICE = "key_twice"
    SUMS = "sums"
    HASH = "hash"
    OVERHEARD = "overheard"
    DATABASE = "database"


class Difference(enum.StrEnum):
    """How a part of a database differs from what it must be."""

    ADDED = "added"
    MISSING = "missing"
    CHANGED = "changed"


class Broken(Struct, frozen=True):
    """A row that is not as it must be: which clause it breaks, where it stands, and why."""

    clause: int
    table: str
    row: int | str
    """Its key, the parts divided by slashes."""
    reason: Reason
    data: dict[str, Any] = {}


def differs(
    clause: int,
    table: str,
    row: int | str,
    field: str,
    expected: object,
    stored: object,
) -> Broken | None:
    """Return the row as broken unless a field of it is what it must be."""
    if expected == stored:
        return None
    data = {"field": field, "expected": expected, "found": stored}
    return Broken(clause, table, row, Reason.DIFFERS, data)


class DocumentRow(Struct, frozen=True):
    """A row of a document that is looked at."""

    table: str
    row: int | str

    def broken(self, reason: Reason, **data: object) -> Broken:
        """Return it as broken."""
        return Broken(DOCUMENTS, self.table, self.row, reason, data)

    def differs(
        self,
        field: str,
        expected: object,
        stored: object,
    ) -> Broken | None:
        """Return it as broken unless a field of it is what it must be."""
        return differs(DOCUMENTS, self.table, self.row, field, expected, stored)


class Settling(Struct, frozen=True):
    """One call that settled debt of a sale: what was paid, when and by whom."""

    settlement_no: int
    payments: tuple[Payment, ...]
    change_minor: int
    rounding_minor: int
    at_ms: int
    user_id: int | None

    @property
    def given_minor(self) -> int:
        """Money that stayed in the till."""
        paid_minor = sum(payment.amount_minor for payment in self.payments)
        return paid_minor - self.change_minor

    @property
    def covered_minor(self) -> int:
        """Debt that it brought down."""
        return self.given_minor - self.rounding_minor


def broken_sale(sale: Sale) -> Broken | None:
    """Return what does not add up in a sale as sold: its lines, its total and tax, and
    how it was paid.
    """
    row = DocumentRow("sales", sale.id)
    if not sale.lines:
        return row.broken(Reason.MISSING, part="sale_lines")

    total_minor = exempt_minor = 0
    for position, line in enumerate(sale.lines):
        broken = _broken_sale_line(f"{sale.id}/{position}", line)
        if broken is not None:
            return broken
        total_minor += line.total_minor
        if line.exempt:
            exempt_minor += line.total_minor

    if not 0 <= sale.vat_bp <= MAX_VAT_BP:
        return row.broken(Reason.UNREADABLE, field="vat_bp")
    net_minor, vat_minor = split_vat(total_minor - exempt_minor, sale.vat_bp)
    paid_minor = sum([payment.amount_minor for payment in sale.payments])
    kept_minor = paid_minor - sale.change_minor
    return (
        row.differs("total_minor", total_minor, sale.total_minor)
        or row.differs("exempt_minor", exempt_minor, sale.exempt_minor)
        or row.differs("net_minor", net_minor, sale.net_minor)
        or row.differs("vat_minor", vat_minor, sale.vat_minor)
        or row.differs("paid", total_minor + sale.rounding_minor, kept_minor)
    )


def _broken_sale_line(
    place: str,
    line: SaleLine,
) -> Broken | None:
    list_minor = amount(line.quantity_milli, line.unit_price_minor)
    discount_minor = list_minor - line.total_minor
    if line.discount_minor != discount_minor:
        row = DocumentRow("sale_lines", place)
        return row.differs("discount_minor", discount_minor, line.discount_minor)

    if line.quantity_milli <= 0:
        return DocumentRow("sale_lines", place).broken(Reason.BELOW_ZERO)

    if line.reductions:  # lines of before causes were recorded have none
        reduced_minor = sum(reduction.amount_minor for reduction in line.reductions)
        row = DocumentRow("sale_lines", place)
        return row.differs("reductions", discount_minor, reduced_minor)
    return None


def broken_debt(
    sale: Sale,
    settlings: Sequence[Settling],
    returns: Iterable[Return],
) -> Broken | None:
    """Return what is wrong with the money still owed of a sale, whose ``owed_minor`` is
    that of now.
    """
    owed_minor = 0
    for payment in sale.payments:
        if payment.method is Method.OWED:
            owed_minor += payment.amount_minor

    for number, settling in enumerate(settlings, start=1):
        settlement_no = settling.settlement_no
        row = DocumentRow("payments", f"{sale.id}/{settlement_no}/0")
        broken = row.differs("settlement_no", number, settlement_no)
        if broken is not None:
            return broken
        if settling.covered_minor < 0 or settling.change_minor < 0:
            return row.broken(Reason.BELOW_ZERO)
        if any(payment.method is Method.OWED for payment in settling.payments):
            return row.broken(Reason.UNREADABLE, field="method")
        owed_minor -= settling.covered_minor

    owed_minor -= sum(item.debt_reduced_minor for item in returns)
    row = DocumentRow("sales", sale.id)
    if owed_minor < 0:
        return row.broken(Reason.BELOW_ZERO)
    return row.differs("owed_minor", owed_minor, sale.owed_minor)


def broken_return(item: Return) -> Broken | None:
    """Return what does not add up in a return by itself: its lines, its total and tax,
    and what was given.
    """
    row = DocumentRow("returns", item.id)
    if not item.lines:
        return row.broken(Reason.MISSING, part="return_lines")
    if item.refund_minor < 0 or item.debt_reduced_minor < 0:
        return row.broken(Reason.BELOW_ZERO)

    total_minor = sum(line.total_minor for line in item.lines)
    exempt_minor = sum(line.total_minor for line in item.lines if line.exempt)
    split_minor = item.net_minor + item.vat_minor + item.exempt_minor
    given_minor = item.refund_minor + item.debt_reduced_minor
    to_give_minor = total_minor + item.rounding_minor
    money_minor = sum(refund.amount_minor for refund in item.money)
    return (
        row.differs("total_minor", total_minor, item.total_minor)
        or row.differs("exempt_minor", exempt_minor, item.exempt_minor)
        or row.differs("net_minor", total_minor, split_minor)
        or row.differs("refund_minor", to_give_minor, given_minor)
        or row.differs("refunds", item.refund_minor, money_minor)
    )


def broken_returns(
    sale: Sale,
    settlings: Iterable[Settling],
    returns: Sequence[Return],
) -> Broken | None:
    """Return what is wrong with what came back of a sale, oldest first: each amount,
    and never more than the sale.
    """
    back_milli: defaultdict[int, int] = defaultdict(int)
    taxable_minor = net_minor = total_minor = refund_minor = 0
    for item in returns:
        broken = _broken_return_lines(sale, item, back_milli)
        if broken is not None:
            return broken

        row = DocumentRow("returns", item.id)
        total_minor += item.total_minor
        if total_minor > sale.total_minor:
            return row.broken(Reason.TOO_MUCH_RETURNED, sale=sale.id)

        taxable_minor += item.total_minor - item.exempt_minor
        expected_minor = split_vat(taxable_minor, sale.vat_bp)[0] - net_minor
        if item.origin_number is None and item.net_minor != expected_minor:
            return row.differs("net_minor", expected_minor, item.net_minor)
        net_minor += item.net_minor
        refund_minor += item.refund_minor

    paid_minor = -sale.change_minor
    for payment in sale.payments:
        if payment.method is not Method.OWED:
            paid_minor += payment.amount_minor
    paid_minor += sum(settling.given_minor for settling in settlings)
    if refund_minor > paid_minor:
        row = DocumentRow("returns", returns[-1].id)
        return row.broken(Reason.TOO_MUCH_RETURNED, sale=sale.id)
    return None


_FROZEN = tuple_getter(
    ("product_id", "code", "name", "cost_minor", "cost_rest_milli", "exempt")
)
"""What a line that comes back has of the line that was sold."""


def _broken_return_lines(
    sale: Sale,
    item: Return,
    back_milli: dict[int, int],
) -> Broken | None:
    """Check each line against the sale's, and count it in ``back_milli``."""
    for line in item.lines:
        row = DocumentRow("return_lines", f"{item.id}/{line.position}")
        if not 0 <= line.position < len(sale.lines):
            return row.broken(Reason.ORPHAN, parent="sale_lines")

        sold = sale.lines[line.position]
        frozen = _FROZEN(sold)
        stored = _FROZEN(line)
        if frozen != stored:
            return row.differs("line", frozen, stored)

        before_milli = back_milli[line.position]
        now_milli = before_milli + line.quantity_milli
        back_milli[line.position] = now_milli
        if line.quantity_milli <= 0 or now_milli > sold.quantity_milli:
            return row.broken(Reason.TOO_MUCH_RETURNED, sale=sale.id)

        before_minor = _share_minor(sold, before_milli)
        share_minor = _share_minor(sold, now_milli) - before_minor
        is_imported = item.origin_number is not None  # it may have had its own price
        if not is_imported and line.total_minor != share_minor:
            return row.differs("total_minor", share_minor, line.total_minor)
    return None


def _share_minor(
    sold: SaleLine,
    quantity_milli: int,
) -> int:
    """Return what so much of a line came to."""
    return divide_half_up(sold.total_minor * quantity_milli, sold.quantity_milli)

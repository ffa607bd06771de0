"""Proof of the books: what always holds of a sale and of what came back of it, and how a row that breaks it is named.

The clauses are those of what the shop promises: 1 stock, 2 documents, 3 numbers and keys, 4 the trail, 5 nothing half
there.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

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
    KEY_ALONE = "key_alone"
    KEY_TWICE = "key_twice"
    SUMS = "sums"
    DATABASE = "database"


class Broken(Struct, frozen=True):
    """The first row that is not as it must be: which clause it breaks, where it stands, and why."""

    clause: int
    table: str
    row: int | str
    reason: Reason
    data: dict[str, Any] = {}


def differs(
    clause: int, table: str, row: int | str, field: str, expected: object, found: object
) -> Broken | None:
    """Return the row as broken unless a field of it is what it must be."""
    if expected == found:
        return None
    return Broken(
        clause,
        table,
        row,
        Reason.DIFFERS,
        {"field": field, "expected": expected, "found": found},
    )


class Settling(Struct, frozen=True):
    """One call that settled debt of a sale: what was paid, when and by whom."""

    call: int
    payments: tuple[Payment, ...]
    change_minor: int
    rounding_minor: int
    at_ms: int
    user_id: int | None

    @property
    def given_minor(self) -> int:
        """Money that stayed in the till."""
        return sum(one.amount_minor for one in self.payments) - self.change_minor

    @property
    def covered_minor(self) -> int:
        """Debt that it brought down."""
        return self.given_minor - self.rounding_minor


def broken_sale(sale: Sale) -> Broken | None:
    """Return what does not add up in a sale as sold: Σ lines = total, its split, and how it was paid."""
    if not sale.lines:
        return Broken(
            DOCUMENTS, "sales", sale.id, Reason.MISSING, {"part": "sale_lines"}
        )
    total_minor = exempt_minor = 0
    for line in sale.lines:
        total_minor += line.total_minor
        if line.exempt:
            exempt_minor += line.total_minor
        if (
            line.discount_minor
            != amount(line.quantity_milli, line.unit_price_minor) - line.total_minor
        ):
            return _broken_line(sale, line)
        if line.quantity_milli <= 0:
            return Broken(
                DOCUMENTS, "sale_lines", _line_id(sale, line), Reason.BELOW_ZERO
            )
    if not 0 <= sale.vat_bp <= MAX_VAT_BP:
        return Broken(
            DOCUMENTS, "sales", sale.id, Reason.UNREADABLE, {"field": "vat_bp"}
        )
    net_minor, vat_minor = split_vat(total_minor - exempt_minor, sale.vat_bp)
    if (total_minor, net_minor, vat_minor, exempt_minor) != (
        sale.total_minor,
        sale.net_minor,
        sale.vat_minor,
        sale.exempt_minor,
    ):
        return (
            differs(
                DOCUMENTS,
                "sales",
                sale.id,
                "total_minor",
                total_minor,
                sale.total_minor,
            )
            or differs(
                DOCUMENTS,
                "sales",
                sale.id,
                "exempt_minor",
                exempt_minor,
                sale.exempt_minor,
            )
            or differs(
                DOCUMENTS, "sales", sale.id, "net_minor", net_minor, sale.net_minor
            )
            or differs(
                DOCUMENTS, "sales", sale.id, "vat_minor", vat_minor, sale.vat_minor
            )
        )
    paid_minor = sum([one.amount_minor for one in sale.payments]) - sale.change_minor
    return differs(
        DOCUMENTS,
        "sales",
        sale.id,
        "paid",
        total_minor + sale.rounding_minor,
        paid_minor,
    )


def _line_id(sale: Sale, line: SaleLine) -> str:
    return f"{sale.id}/{sale.lines.index(line)}"


def _broken_line(sale: Sale, line: SaleLine) -> Broken | None:
    expected_minor = (
        amount(line.quantity_milli, line.unit_price_minor) - line.total_minor
    )
    row = _line_id(sale, line)
    return differs(
        DOCUMENTS,
        "sale_lines",
        row,
        "discount_minor",
        expected_minor,
        line.discount_minor,
    )


def broken_debt(
    sale: Sale, settlings: Sequence[Settling], returns: Iterable[Return]
) -> Broken | None:
    """Return what is wrong with the money still owed of a sale, whose ``owed_minor`` is that of now."""
    owed_minor = sum(
        [one.amount_minor for one in sale.payments if one.method is Method.OWED]
    )
    for number, settling in enumerate(settlings, start=1):
        row = f"{sale.id}/{settling.call}/0"
        if broken := differs(DOCUMENTS, "payments", row, "call", number, settling.call):
            return broken
        if settling.covered_minor < 0 or settling.change_minor < 0:
            return Broken(DOCUMENTS, "payments", row, Reason.BELOW_ZERO)
        if any(one.method is Method.OWED for one in settling.payments):
            return Broken(
                DOCUMENTS, "payments", row, Reason.UNREADABLE, {"field": "method"}
            )
        owed_minor -= settling.covered_minor
    owed_minor -= sum(one.debt_reduced_minor for one in returns)
    if owed_minor < 0:
        return Broken(DOCUMENTS, "sales", sale.id, Reason.BELOW_ZERO)
    return differs(
        DOCUMENTS, "sales", sale.id, "owed_minor", owed_minor, sale.owed_minor
    )


def broken_return(one: Return) -> Broken | None:
    """Return what does not add up in a return: Σ lines = total = its split, refund and debt = total + rounding."""
    if not one.lines:
        return Broken(
            DOCUMENTS, "returns", one.id, Reason.MISSING, {"part": "return_lines"}
        )
    if one.refund_minor < 0 or one.debt_reduced_minor < 0:
        return Broken(DOCUMENTS, "returns", one.id, Reason.BELOW_ZERO)
    total_minor = sum(line.total_minor for line in one.lines)
    exempt_minor = sum(line.total_minor for line in one.lines if line.exempt)
    split_minor = one.net_minor + one.vat_minor + one.exempt_minor
    given_minor = one.refund_minor + one.debt_reduced_minor
    return (
        differs(
            DOCUMENTS, "returns", one.id, "total_minor", total_minor, one.total_minor
        )
        or differs(
            DOCUMENTS, "returns", one.id, "exempt_minor", exempt_minor, one.exempt_minor
        )
        or differs(DOCUMENTS, "returns", one.id, "net_minor", total_minor, split_minor)
        or differs(
            DOCUMENTS,
            "returns",
            one.id,
            "refund_minor",
            total_minor + one.rounding_minor,
            given_minor,
        )
    )


def broken_returns(
    sale: Sale, settlings: Iterable[Settling], returns: Sequence[Return]
) -> Broken | None:
    """Return what is wrong with what came back of a sale, oldest first: each amount, and never more than the sale."""
    back_milli: defaultdict[int, int] = defaultdict(int)
    taxable_minor = net_minor = total_minor = refund_minor = 0
    for one in returns:
        if broken := _broken_back_lines(sale, one, back_milli):
            return broken
        taxable_minor += one.total_minor - one.exempt_minor
        net_minor += one.net_minor
        total_minor += one.total_minor
        refund_minor += one.refund_minor
        if total_minor > sale.total_minor:
            return Broken(
                DOCUMENTS,
                "returns",
                one.id,
                Reason.TOO_MUCH_RETURNED,
                {"sale": sale.id},
            )
        net_now_minor = (
            one.net_minor + split_vat(taxable_minor, sale.vat_bp)[0] - net_minor
        )
        if one.origin_number is None and one.net_minor != net_now_minor:
            return differs(
                DOCUMENTS, "returns", one.id, "net_minor", net_now_minor, one.net_minor
            )
    paid_minor = sum(
        payment.amount_minor
        for payment in sale.payments
        if payment.method is not Method.OWED
    )
    paid_minor += (
        sum(settling.given_minor for settling in settlings) - sale.change_minor
    )
    if refund_minor > paid_minor:
        return Broken(
            DOCUMENTS,
            "returns",
            returns[-1].id,
            Reason.TOO_MUCH_RETURNED,
            {"sale": sale.id},
        )
    return None


def _broken_back_lines(
    sale: Sale, one: Return, back_milli: dict[int, int]
) -> Broken | None:
    """Check each line against the sale's; an imported return may have had a price of its own."""
    for line in one.lines:
        row = f"{one.id}/{line.position}"
        if not 0 <= line.position < len(sale.lines):
            return Broken(
                DOCUMENTS, "return_lines", row, Reason.ORPHAN, {"parent": "sale_lines"}
            )
        sold = sale.lines[line.position]
        frozen = (sold.product_id, sold.code, sold.name, sold.cost_minor, sold.exempt)
        found = (line.product_id, line.code, line.name, line.cost_minor, line.exempt)
        if frozen != found:
            return differs(DOCUMENTS, "return_lines", row, "line", frozen, found)
        before_milli = back_milli[line.position]
        now_milli = back_milli[line.position] = before_milli + line.quantity_milli
        if line.quantity_milli <= 0 or now_milli > sold.quantity_milli:
            return Broken(
                DOCUMENTS,
                "return_lines",
                row,
                Reason.TOO_MUCH_RETURNED,
                {"sale": sale.id},
            )
        shares = [
            divide_half_up(sold.total_minor * milli, sold.quantity_milli)
            for milli in (now_milli, before_milli)
        ]
        if one.origin_number is None and line.total_minor != shares[0] - shares[1]:
            return differs(
                DOCUMENTS,
                "return_lines",
                row,
                "total_minor",
                shares[0] - shares[1],
                line.total_minor,
            )
    return None

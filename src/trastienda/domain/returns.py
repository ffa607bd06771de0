"""Returns: what comes back of a sale, and what is given for it.

Each amount is the sale's amount for all units returned so far, less what earlier
returns gave. So the returns of a whole sale add up to it, however they are divided.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from trastienda.domain import barcode
from trastienda.domain.errors import ExcessiveReturn, Invalid, Shortage, UnknownProducts
from trastienda.domain.fingerprints import Fingerprints, Form
from trastienda.domain.money import CashRounding, divide_half_up, split_vat
from trastienda.domain.orders import check_line_count
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Person
from trastienda.domain.products import Unit
from trastienda.domain.quantities import check_sellable
from trastienda.domain.refunds import MoneyDue, check_methods, divide
from trastienda.domain.sales import OrderLine, Sale
from trastienda.domain.tills import MAIN_TILL, Till


class ReturnOrder(Struct, frozen=True, kw_only=True):
    """What comes back of a sale."""

    lines: Sequence[OrderLine] | None = None
    """None means all that is left of it."""
    reason: str
    method: Method = Method.CASH
    """How the money is given back, all of it."""
    refunds: Sequence[Payment] | None = None
    """How much of it by which method; None means all by ``method``."""
    restock: bool = True
    """False: it came back damaged, and does not go on the shelf."""
    till: Till = MAIN_TILL


class ReturnLine(Struct, frozen=True, gc=False):
    """What comes back of one line of the sale."""

    position: int
    """Of the sale's line; of its own, where the sale is not known."""
    product_id: int
    code: str
    name: str
    quantity_milli: int
    total_minor: int
    """Its part of the line's total."""
    cost_minor: int
    exempt: bool
    cost_rest_milli: int = 0


class Return(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A return. Σ lines = total = net + vat + exempt; refund + debt reduced = total + rounding."""

    id: int
    sale_id: int | None
    """None of an imported return whose sale is not known."""
    at_ms: int
    seller_id: int | None
    """The member of staff who took it; None where a customer gave it back alone."""
    seller: Person | None
    reason: str
    lines: tuple[ReturnLine, ...]
    net_minor: int
    vat_minor: int
    exempt_minor: int
    total_minor: int
    rounding_minor: int
    """What is given back beyond the total; below 0 where it is less: cash is rounded, and
    of what was never paid nothing is given."""
    method: Method
    """How the money was given back; the first of ``refunds`` where it was by several."""
    refund_minor: int
    """The money given back."""
    debt_reduced_minor: int
    """The part that was still owed and no longer is."""
    restock: bool = True
    origin_number: str | None = None
    """The number of an imported return in the program that it comes from."""
    till: Till = MAIN_TILL
    refunds: tuple[Payment, ...] = ()
    """How much was given back by which method, where it was by several."""

    @property
    def money(self) -> tuple[Payment, ...]:
        """The money that was given back, by method."""
        if self.refunds:
            return self.refunds
        return (Payment(self.method, self.refund_minor),) if self.refund_minor else ()

    @property
    def payments(self) -> tuple[Payment, ...]:
        """How it was given back: debt that is no longer owed first, then money."""
        if not self.debt_reduced_minor:
            return self.money
        return (Payment(Method.OWED, self.debt_reduced_minor), *self.money)


class ReturnOfSale(Struct, frozen=True):
    """A return, and what a table of documents tells of the sale that it takes back."""

    document: Return
    sale_number: str | None = None
    """The number under which the sale is exported; None where the sale is not known."""
    customer_rut: str | None = None
    """Who bought it, if that is known."""


_FIRST_FORM = Form(
    fields=(
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
    line_fields=(
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "total_minor",
        "cost_minor",
        "exempt",
    ),
)
_WITH_TILL = Form((*_FIRST_FORM.fields, "till"), _FIRST_FORM.line_fields)
_WITH_REFUNDS = Form((*_WITH_TILL.fields, "refunds"), _FIRST_FORM.line_fields)
_WITH_FINER_COST = Form(
    _WITH_REFUNDS.fields, (*_FIRST_FORM.line_fields, "cost_rest_milli")
)
FINGERPRINTS: Fingerprints[Return] = Fingerprints(
    Return,
    ReturnLine,
    _FIRST_FORM,
    _WITH_TILL,
    _WITH_REFUNDS,
    _WITH_FINER_COST,
)


class Returned(Struct, frozen=True):
    """What earlier returns of a sale gave, summed."""

    quantity_milli: Mapping[int, int]
    """By the position of the sale's line."""
    total_minor: int = 0
    exempt_minor: int = 0
    net_minor: int = 0
    given_minor: int = 0
    """Refunds and debt reduced."""
    refunded_minor: Mapping[Method, int] = {}
    """The money, by method."""

    @property
    def refund_minor(self) -> int:
        """The money, by whatever method."""
        return sum(self.refunded_minor.values())


def sum_up(returns: Iterable[Return]) -> Returned:
    """Return what these returns of one sale gave, summed."""
    quantity_milli: defaultdict[int, int] = defaultdict(int)
    refunded_minor: defaultdict[Method, int] = defaultdict(int)
    total_minor = exempt_minor = net_minor = given_minor = 0
    for earlier in returns:
        for line in earlier.lines:
            quantity_milli[line.position] += line.quantity_milli
        total_minor += earlier.total_minor
        exempt_minor += earlier.exempt_minor
        net_minor += earlier.net_minor
        given_minor += earlier.debt_reduced_minor + earlier.refund_minor
        for refund in earlier.money:
            refunded_minor[refund.method] += refund.amount_minor
    return Returned(
        dict(quantity_milli),
        total_minor,
        exempt_minor,
        net_minor,
        given_minor,
        dict(refunded_minor),
    )


class ReturnNumbers(Struct, frozen=True):
    """What a return is known by: its number, its moment, and who took it."""

    id: int
    at_ms: int
    seller_id: int | None
    seller: Person | None


def decide(
    sale: Sale,
    order: ReturnOrder,
    returned: Returned,
    units: Mapping[int, Unit],
    rounding: CashRounding,
    numbers: ReturnNumbers,
) -> Return:
    """Return what ``order`` brings back of ``sale``; ``units`` are those of its products.

    Raises ExcessiveReturn, UnknownProducts (a code that the sale does not have),
    ExcessiveRefund or Invalid.
    """
    check_methods(order.method, order.refunds)
    lines = lines_back(sale, order, returned, units)
    total_minor = sum(line.total_minor for line in lines)
    exempt_minor = sum(line.total_minor for line in lines if line.exempt)

    taxable_before_minor = returned.total_minor - returned.exempt_minor
    taxable_minor = taxable_before_minor + total_minor - exempt_minor
    net_minor = split_vat(taxable_minor, sale.vat_bp)[0] - returned.net_minor

    debt_minor, money = due(sale, returned, total_minor)
    refunds = divide(money, order.method, order.refunds, rounding)
    refund_minor = sum(refund.amount_minor for refund in refunds)
    return Return(
        id=numbers.id,
        sale_id=sale.id,
        at_ms=numbers.at_ms,
        seller_id=numbers.seller_id,
        seller=numbers.seller,
        reason=order.reason,
        lines=lines,
        net_minor=net_minor,
        vat_minor=total_minor - exempt_minor - net_minor,
        exempt_minor=exempt_minor,
        total_minor=total_minor,
        rounding_minor=debt_minor + refund_minor - total_minor,
        method=refunds[0].method,
        refund_minor=refund_minor,
        debt_reduced_minor=debt_minor,
        restock=order.restock,
        till=order.till,
        refunds=refunds if len(refunds) > 1 else (),
    )


def lines_back(
    sale: Sale,
    order: ReturnOrder,
    returned: Returned,
    units: Mapping[int, Unit],
) -> tuple[ReturnLine, ...]:
    """Return the lines that come back, in the order of the sale's."""
    left_milli = {
        position: line.quantity_milli - returned.quantity_milli.get(position, 0)
        for position, line in enumerate(sale.lines)
    }
    if order.lines is not None:
        asked_milli = _sum_up_order(sale, order.lines, units)
        back_milli = _divide(sale, asked_milli, left_milli, units)
    elif any(left_milli.values()):
        back_milli = {place: milli for place, milli in left_milli.items() if milli}
    else:
        excesses = [
            Shortage(
                line.code, line.name, units[line.product_id], line.quantity_milli, 0
            )
            for line in sale.lines
        ]
        raise ExcessiveReturn(excesses)

    lines = []
    for position, quantity_milli in sorted(back_milli.items()):
        line = sale.lines[position]
        before_milli = returned.quantity_milli.get(position, 0)
        so_far_milli = before_milli + quantity_milli
        before_minor = divide_half_up(
            line.total_minor * before_milli, line.quantity_milli
        )
        so_far_minor = divide_half_up(
            line.total_minor * so_far_milli, line.quantity_milli
        )
        return_line = ReturnLine(
            position=position,
            product_id=line.product_id,
            code=line.code,
            name=line.name,
            quantity_milli=quantity_milli,
            total_minor=so_far_minor - before_minor,
            cost_minor=line.cost_minor,
            exempt=line.exempt,
            cost_rest_milli=line.cost_rest_milli,
        )
        lines.append(return_line)
    return tuple(lines)


def _sum_up_order(
    sale: Sale,
    lines: Sequence[OrderLine],
    units: Mapping[int, Unit],
) -> dict[str, int]:
    """Return the quantity of each code of the sale, in thousandths; a code may be
    spelled otherwise there.
    """
    check_line_count(lines)
    sold = {barcode.key(line.code): line for line in sale.lines}
    sold |= {line.code: line for line in sale.lines}
    unknown = [line.code for line in lines if barcode.named(sold, line.code) is None]
    if unknown:
        raise UnknownProducts(list(dict.fromkeys(unknown)))

    asked_milli: dict[str, int] = {}
    for position, line in enumerate(lines):
        field = f"lines[{position}].quantity"
        quantity_milli = line.quantity_milli
        if quantity_milli is None:
            raise Invalid(field, "required")

        sale_line = sold.get(line.code) or sold[barcode.key(line.code)]
        by_unit = units[sale_line.product_id] is Unit.PIECE
        check_sellable(quantity_milli, by_unit=by_unit, field=field)
        before_milli = asked_milli.get(sale_line.code, 0)
        asked_milli[sale_line.code] = before_milli + quantity_milli
    return asked_milli


def _divide(
    sale: Sale,
    asked_milli: Mapping[str, int],
    left_milli: Mapping[int, int],
    units: Mapping[int, Unit],
) -> dict[int, int]:
    """Divide what comes back of each code among the sale's lines of that code, the
    first lines first.

    An imported sale may have several. Raises ExcessiveReturn, naming every code of
    which less is left.
    """
    back_milli: dict[int, int] = {}
    lines_by_code = {line.code: line for line in sale.lines}
    excesses = []
    for code, quantity_milli in asked_milli.items():
        rest_milli = quantity_milli
        for position, line in enumerate(sale.lines):
            part_milli = min(rest_milli, left_milli[position])
            if line.code != code or not part_milli:
                continue
            back_milli[position] = part_milli
            rest_milli -= part_milli
        if rest_milli:
            line = lines_by_code[code]
            unit = units[line.product_id]
            left = quantity_milli - rest_milli
            excesses.append(Shortage(code, line.name, unit, quantity_milli, left))
    if excesses:
        raise ExcessiveReturn(excesses)
    return back_milli


def due(
    sale: Sale,
    returned: Returned,
    total_minor: int,
) -> tuple[int, MoneyDue]:
    """Return what goes off the debt for a return of ``total_minor`` more, and the money.

    What is owed goes first. When all has come back, what was given back is what was to be
    paid, to the peso; never more than was paid.
    """
    total_so_far_minor = returned.total_minor + total_minor
    if total_so_far_minor == sale.total_minor:
        total_so_far_minor += sale.rounding_minor
    due_minor = max(0, total_so_far_minor - returned.given_minor)
    debt_minor = min(sale.owed_minor, due_minor)

    debt_before_minor = returned.given_minor - returned.refund_minor
    to_pay_minor = sale.total_minor + sale.rounding_minor
    paid_minor = to_pay_minor - sale.owed_minor - debt_before_minor
    in_till_minor = max(0, paid_minor - returned.refund_minor)

    left_minor: defaultdict[Method, int] = defaultdict(int)
    for payment in sale.payments:
        left_minor[payment.method] += payment.amount_minor
    for method, refunded_minor in returned.refunded_minor.items():
        left_minor[method] -= refunded_minor

    due_minor = min(due_minor - debt_minor, in_till_minor)
    return debt_minor, MoneyDue(due_minor, in_till_minor, left_minor)

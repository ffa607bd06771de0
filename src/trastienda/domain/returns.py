"""Returns: each amount is the sale's amount for all units returned so far, less what earlier returns gave."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from trastienda.domain import barcode
from trastienda.domain.errors import ExcessiveReturn, Invalid, UnknownProducts
from trastienda.domain.money import CashRounding, divide_half_up, split_vat
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Person
from trastienda.domain.products import Unit
from trastienda.domain.quantities import check_sellable
from trastienda.domain.sales import MAX_LINES, OrderLine, Sale, SaleLine


class ReturnOrder(Struct, frozen=True, kw_only=True):
    """What comes back; ``lines`` None means all that is left. ``restock`` False: it came back damaged."""

    lines: Sequence[OrderLine] | None = None
    reason: str
    method: Method = Method.CASH
    restock: bool = True


class ReturnLine(Struct, frozen=True, gc=False):
    """So much of the sale's line number ``position``, and what of its total that is."""

    position: int
    product_id: int
    code: str
    name: str
    quantity_milli: int
    total_minor: int
    cost_minor: int
    exempt: bool


class Return(Struct, frozen=True, kw_only=True):
    """A return. Σ lines = total = net + vat + exempt; refund + debt reduced = total + rounding.

    An imported return whose sale is not known has no ``sale_id``.
    """

    id: int
    sale_id: int | None
    at_ms: int
    seller_id: int | None
    seller: Person | None
    reason: str
    lines: tuple[ReturnLine, ...]
    net_minor: int
    vat_minor: int
    exempt_minor: int
    total_minor: int
    rounding_minor: int
    method: Method
    refund_minor: int
    debt_reduced_minor: int
    restock: bool = True
    origin_number: str | None = None

    @property
    def payments(self) -> tuple[Payment, ...]:
        """How it was given back: debt that is no longer owed first, then money."""
        debt = Payment(Method.OWED, self.debt_reduced_minor)
        money = Payment(self.method, self.refund_minor)
        return tuple(one for one in (debt, money) if one.amount_minor)


class Returned(Struct, frozen=True):
    """What earlier returns of a sale gave, summed: quantities by line position, and money."""

    quantity_milli: Mapping[int, int]
    total_minor: int = 0
    exempt_minor: int = 0
    net_minor: int = 0
    given_minor: int = 0
    """Refunds and debt reduced."""
    refund_minor: int = 0


def _quantities(
    sale: Sale, order: ReturnOrder, returned: Returned, units: Mapping[int, Unit]
) -> dict[int, int]:
    """Return how much comes back of each line position now."""
    left = {
        place: line.quantity_milli - returned.quantity_milli.get(place, 0)
        for place, line in enumerate(sale.lines)
    }
    if order.lines is None:
        if not any(left.values()):
            raise ExcessiveReturn(
                [(line.code, line.quantity_milli, 0) for line in sale.lines]
            )
        return {place: quantity for place, quantity in left.items() if quantity}
    asked = _asked(sale, order.lines, units)
    now: dict[int, int] = {}
    excesses = []
    for code, quantity_milli in asked.items():
        places = [place for place, line in enumerate(sale.lines) if line.code == code]
        available_milli = sum(left[place] for place in places)
        if quantity_milli > available_milli:
            excesses.append((code, quantity_milli, available_milli))
        for place in places:
            taken_milli = min(quantity_milli, left[place])
            quantity_milli -= taken_milli
            if taken_milli:
                now[place] = taken_milli
    if excesses:
        raise ExcessiveReturn(excesses)
    return now


def _asked(
    sale: Sale, lines: Sequence[OrderLine], units: Mapping[int, Unit]
) -> dict[str, int]:
    """Sum what is asked for by code, each checked to have been in the sale."""
    if not lines:
        raise Invalid("lines", "must_not_be_empty")
    if len(lines) > MAX_LINES:
        raise Invalid("lines", "too_many", limit=MAX_LINES)
    sold = {barcode.key(line.code): line for line in sale.lines}
    if unknown := [line.code for line in lines if barcode.key(line.code) not in sold]:
        raise UnknownProducts(list(dict.fromkeys(unknown)))
    asked: dict[str, int] = {}
    for place, line in enumerate(lines):
        field = f"lines[{place}].quantity"
        if line.quantity_milli is None:
            raise Invalid(field, "required")
        code, product_id = (
            sold[barcode.key(line.code)].code,
            sold[barcode.key(line.code)].product_id,
        )
        check_sellable(
            line.quantity_milli, by_unit=units[product_id] is Unit.PIECE, field=field
        )
        asked[code] = asked.get(code, 0) + line.quantity_milli
    return asked


def _line(
    place: int, line: SaleLine, quantity_milli: int, before_milli: int
) -> ReturnLine:
    def share(returned_milli: int) -> int:
        return divide_half_up(line.total_minor * returned_milli, line.quantity_milli)

    return ReturnLine(
        position=place,
        product_id=line.product_id,
        code=line.code,
        name=line.name,
        quantity_milli=quantity_milli,
        total_minor=share(before_milli + quantity_milli) - share(before_milli),
        cost_minor=line.cost_minor,
        exempt=line.exempt,
    )


def _give_back(
    sale: Sale,
    order: ReturnOrder,
    returned: Returned,
    total_minor: int,
    rounding: CashRounding,
) -> tuple[int, int, int]:
    """Return ``(debt reduced, refund, rounding)`` for a return of ``total_minor`` more.

    What is owed goes first. When all has come back, what was given back is what was paid, to the peso; never more.
    """
    total_so_far_minor = returned.total_minor + total_minor
    if total_so_far_minor == sale.total_minor:
        total_so_far_minor += sale.rounding_minor
    due_minor = max(0, total_so_far_minor - returned.given_minor)
    debt_minor = min(sale.owed_minor, due_minor)
    rest_minor = due_minor - debt_minor
    paid_minor = (
        sale.total_minor
        + sale.rounding_minor
        - sale.owed_minor
        - (returned.given_minor - returned.refund_minor)
    )
    kept_minor = max(0, paid_minor - returned.refund_minor)
    refund_minor = min(rest_minor, kept_minor)
    if order.method is Method.CASH:
        refund_minor = rounding(refund_minor)
        if refund_minor > kept_minor:
            refund_minor = kept_minor - kept_minor % rounding.step_minor
    return debt_minor, refund_minor, debt_minor + refund_minor - total_minor


class ReturnNumbers(Struct, frozen=True):
    """What a return is told by: its number, its moment, and who took it."""

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

    Raises ExcessiveReturn, UnknownProducts (a code that the sale does not have) or Invalid.
    """
    if order.method is Method.OWED:
        raise Invalid("method", "refund_method")
    now = _quantities(sale, order, returned, units)
    lines = tuple(
        _line(
            place,
            sale.lines[place],
            quantity_milli,
            returned.quantity_milli.get(place, 0),
        )
        for place, quantity_milli in sorted(now.items())
    )
    total_minor = sum(line.total_minor for line in lines)
    exempt_minor = sum(line.total_minor for line in lines if line.exempt)
    taxable_so_far_minor = (
        returned.total_minor - returned.exempt_minor + total_minor - exempt_minor
    )
    net_minor = split_vat(taxable_so_far_minor, sale.vat_bp)[0] - returned.net_minor
    debt_minor, refund_minor, rounding_minor = _give_back(
        sale, order, returned, total_minor, rounding
    )
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
        rounding_minor=rounding_minor,
        method=order.method,
        refund_minor=refund_minor,
        debt_reduced_minor=debt_minor,
        restock=order.restock,
    )


def content(one: Return) -> bytes:
    """Return what can never change of a return: what the audit trail keeps the fingerprint of."""
    return msgspec.json.encode(
        (
            one.id,
            one.sale_id,
            one.origin_number,
            one.at_ms,
            one.seller_id,
            one.reason,
            one.net_minor,
            one.vat_minor,
            one.exempt_minor,
            one.total_minor,
            one.rounding_minor,
            one.method,
            one.refund_minor,
            one.debt_reduced_minor,
            one.restock,
            one.lines,
        )
    )

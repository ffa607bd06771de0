"""Sales: an order, decided against the shelf, becomes a sale or a refusal."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.errors import (
    InsufficientStock,
    Invalid,
    PriceChanged,
    ProductRetired,
    UnknownProducts,
)
from trastienda.domain.money import CashRounding, divide_half_up, split_vat
from trastienda.domain.payments import Method, Payment, Settlement, settle
from trastienda.domain.people import Actor, Person
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import MILLI, amount, check_sellable

MAX_LINES = 500
"""Lines in one order; a receipt of more is two metres long, and a thousand of them wait in one commit at most."""
MAX_TOTAL_MINOR = 2**53 - 1
"""The largest integer that every JSON reader still counts exactly."""


class OrderLine(Struct, frozen=True, gc=False):
    """So much of what this code names; the quantity may be missing where the code is a label that tells it."""

    code: str
    quantity_milli: int | None = None


class SaleOrder(Struct, frozen=True, kw_only=True):
    """What somebody wants to buy, and how it is paid; ``payments`` None means cash, exactly what is due.

    ``on_account``: all of the total stays owed, whatever it comes to, and ``payments`` is not looked at.
    """

    lines: Sequence[OrderLine]
    payments: Sequence[Payment] | None = None
    customer_rut: str | None = None
    expected_total_minor: int | None = None
    on_account: bool = False


class SaleLine(Struct, frozen=True, gc=False):
    """A line as sold. ``unit_price_minor`` is undiscounted; name, price, cost and tax are frozen with the sale."""

    product_id: int
    code: str
    name: str
    quantity_milli: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    cost_minor: int
    exempt: bool


class Sale(Struct, frozen=True, kw_only=True):
    """A sale. Σ lines = total = net + vat + exempt; Σ payments - change = total + rounding.

    ``owed_minor`` is what is still owed of it, which settling and returns bring down. ``buyer_id`` is the account
    that bought by itself, and marks such a sale: there a customer has no seller, and staff are seller and buyer in one.
    An imported sale has no folio and no seller, but an ``origin_number``.
    """

    id: int
    folio: int | None
    at_ms: int
    seller_id: int | None
    seller: Person | None
    buyer_id: int | None
    customer_rut: str | None
    lines: tuple[SaleLine, ...]
    net_minor: int
    vat_minor: int
    exempt_minor: int
    total_minor: int
    rounding_minor: int
    payments: tuple[Payment, ...]
    change_minor: int
    owed_minor: int
    vat_bp: int
    origin_number: str | None = None


class Terms(Struct, frozen=True):
    """What the shop's page says about the money of a sale."""

    vat_bp: int
    rounding: CashRounding


class SaleNumbers(Struct, frozen=True):
    """What a sale is told by: its numbers, its moment, and who sold it to whom."""

    id: int
    folio: int
    at_ms: int
    seller_id: int | None
    seller: Person | None
    buyer_id: int | None = None


def self_service(
    order: SaleOrder, numbers: SaleNumbers, actor: Actor
) -> tuple[SaleOrder, SaleNumbers]:
    """Return the order and its numbers as they are where a user buys alone; the order's own way of paying is left.

    A customer buys on account in their own name, and nobody sells; staff sell to themselves, for cash.
    """
    numbers = replace(numbers, buyer_id=actor.user_id)
    if actor.is_staff:
        return replace(
            order, payments=None, customer_rut=None, on_account=False
        ), numbers
    order = replace(order, payments=None, customer_rut=actor.rut, on_account=True)
    return order, replace(numbers, seller_id=None, seller=None)


class Pick(Struct, frozen=True, gc=False):
    """What a code on the order names: a product, and what its label says, if it is one."""

    product: Product
    quantity_milli: int | None = None
    total_minor: int | None = None


class Shelf(Struct):
    """What a run of orders may be decided against: what each code names, and what is left of each product.

    ``left_milli`` goes down as orders are decided in turn, so that the second sees what the first has left.
    """

    picks: Mapping[str, Pick]
    left_milli: dict[int, int]
    final_prices: dict[int, int]

    def take(self, sale: Sale) -> None:
        """Take what was sold off the shelf."""
        for line in sale.lines:
            self.left_milli[line.product_id] -= line.quantity_milli


class _Wanted(Struct):
    """Lines of one product summed: by quantity, and by what price labels say."""

    product: Product
    quantity_milli: int = 0
    unlabelled_milli: int = 0
    labelled_minor: int = 0


def _labels_counted(quantity_milli: int | None, field: str) -> int:
    """Return how many labels a line means: the quantity beside a label counts labels."""
    if quantity_milli is None:
        return 1
    check_sellable(quantity_milli, by_unit=True, field=field)
    return quantity_milli // MILLI


def _add(
    wanted: _Wanted,
    pick: Pick,
    quantity_milli: int | None,
    final_minor: int,
    field: str,
) -> None:
    by_unit = wanted.product.unit is Unit.PIECE
    if pick.total_minor is not None:
        labelled_minor = pick.total_minor * _labels_counted(quantity_milli, field)
        wanted.labelled_minor += labelled_minor
        if by_unit or final_minor == 0:  # one piece with its price on it
            wanted.quantity_milli += MILLI * _labels_counted(quantity_milli, field)
        else:
            wanted.quantity_milli += max(
                1, divide_half_up(labelled_minor * MILLI, final_minor)
            )
        return
    if pick.quantity_milli is not None:
        quantity_milli = pick.quantity_milli * _labels_counted(quantity_milli, field)
    elif quantity_milli is None:
        raise Invalid(field, "required")
    check_sellable(quantity_milli, by_unit=by_unit, field=field)
    wanted.quantity_milli += quantity_milli
    wanted.unlabelled_milli += quantity_milli


def _merge(shelf: Shelf, lines: Sequence[OrderLine]) -> list[_Wanted]:
    """Sum the lines of the same product, in order of first appearance; refuse what cannot be sold at all."""
    if not lines:
        raise Invalid("lines", "must_not_be_empty")
    if len(lines) > MAX_LINES:
        raise Invalid("lines", "too_many", limit=MAX_LINES)
    picks = shelf.picks
    if unknown := [line.code for line in lines if line.code not in picks]:
        raise UnknownProducts(list(dict.fromkeys(unknown)))
    if retired := [line.code for line in lines if not picks[line.code].product.active]:
        raise ProductRetired(list(dict.fromkeys(retired)))
    merged: dict[int, _Wanted] = {}
    for place, line in enumerate(lines):
        pick = picks[line.code]
        product = pick.product
        wanted = merged.get(product.id)
        if wanted is None:
            wanted = merged[product.id] = _Wanted(product)
        _add(
            wanted,
            pick,
            line.quantity_milli,
            shelf.final_prices[product.id],
            f"lines[{place}].quantity",
        )
    return list(merged.values())


def _price(wanted: _Wanted, final_minor: int) -> SaleLine:
    product = wanted.product
    total_minor = amount(wanted.unlabelled_milli, final_minor) + wanted.labelled_minor
    full_minor = amount(wanted.quantity_milli, product.price_minor)
    return SaleLine(
        product.id,
        product.code,
        product.name,
        wanted.quantity_milli,
        product.price_minor,
        full_minor - total_minor,
        total_minor,
        product.cost_minor,
        product.exempt,
    )


def decide(shelf: Shelf, order: SaleOrder, terms: Terms, numbers: SaleNumbers) -> Sale:
    """Return the sale that ``order`` makes of what is on the shelf, or raise the refusal; the shelf stays as it is.

    Raises UnknownProducts, ProductRetired, Invalid, InsufficientStock, PriceChanged or InsufficientPayment.
    """
    wanted = _merge(shelf, order.lines)
    left_milli = shelf.left_milli
    shortages = [
        (one.product.code, one.quantity_milli, left_milli[one.product.id])
        for one in wanted
        if one.quantity_milli > left_milli[one.product.id]
    ]
    if shortages:
        raise InsufficientStock(shortages)
    lines = tuple([_price(one, shelf.final_prices[one.product.id]) for one in wanted])
    total_minor = exempt_minor = 0
    for line in lines:
        total_minor += line.total_minor
        if line.exempt:
            exempt_minor += line.total_minor
    if total_minor > MAX_TOTAL_MINOR:
        raise Invalid("lines", "total_too_large")
    if (
        order.expected_total_minor is not None
        and order.expected_total_minor != total_minor
    ):
        raise PriceChanged(total_minor)
    if order.on_account:
        settlement = Settlement(
            (Payment(Method.OWED, total_minor),), owed_minor=total_minor
        )
    else:
        settlement = settle(total_minor, order.payments, terms.rounding)
    if settlement.owed_minor and order.customer_rut is None:
        raise Invalid("customer", "debt_needs_customer")
    return _sale(order, lines, (total_minor, exempt_minor), settlement, terms, numbers)


def _sale(
    order: SaleOrder,
    lines: tuple[SaleLine, ...],
    amounts: tuple[int, int],
    settlement: Settlement,
    terms: Terms,
    numbers: SaleNumbers,
) -> Sale:
    total_minor, exempt_minor = amounts
    net_minor, vat_minor = split_vat(total_minor - exempt_minor, terms.vat_bp)
    return Sale(
        id=numbers.id,
        folio=numbers.folio,
        at_ms=numbers.at_ms,
        seller_id=numbers.seller_id,
        seller=numbers.seller,
        buyer_id=numbers.buyer_id,
        customer_rut=order.customer_rut,
        lines=lines,
        net_minor=net_minor,
        vat_minor=vat_minor,
        exempt_minor=exempt_minor,
        total_minor=total_minor,
        rounding_minor=settlement.rounding_minor,
        payments=settlement.payments,
        change_minor=settlement.change_minor,
        owed_minor=settlement.owed_minor,
        vat_bp=terms.vat_bp,
    )


def content(sale: Sale) -> bytes:
    """Return what can never change of a sale, as sold: what the audit trail keeps the fingerprint of."""
    return msgspec.json.encode(
        (
            sale.id,
            sale.folio,
            sale.origin_number,
            sale.at_ms,
            sale.seller_id,
            sale.buyer_id,
            sale.customer_rut,
            sale.net_minor,
            sale.vat_minor,
            sale.exempt_minor,
            sale.total_minor,
            sale.rounding_minor,
            sale.change_minor,
            sale.vat_bp,
            sale.payments,
            sale.lines,
        )
    )


def payments_as_of_now(
    sold: Sequence[Payment], settled: Sequence[Payment], covered_minor: int
) -> tuple[Payment, ...]:
    """Return a sale's payments after ``covered_minor`` of its debt was settled by ``settled``.

    ``sold`` are the payments made with the sale; what is covered of the money owed among them is owed no longer.
    """
    now: list[Payment] = []
    for payment in sold:
        if payment.method is Method.OWED:
            taken_minor = min(covered_minor, payment.amount_minor)
            covered_minor -= taken_minor
            if taken_minor and taken_minor == payment.amount_minor:
                continue
            payment = Payment(Method.OWED, payment.amount_minor - taken_minor)
        now.append(payment)
    return (*now, *settled)

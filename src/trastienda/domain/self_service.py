"""Customers and staff who buy by themselves, with nobody at the till."""

import enum
from bisect import bisect_left
from collections.abc import Sequence

from msgspec.structs import replace

from trastienda.domain.errors import Forbidden, IdentityUnconfirmed, Invalid
from trastienda.domain.people import Actor
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import MILLI
from trastienda.domain.returns import Return, ReturnOrder, due, lines_back, sum_up
from trastienda.domain.sales import OrderLine, Sale, SaleNumbers, SaleOrder, Shelf


class Buyers(enum.Enum):
    """Who may buy alone."""

    CONFIRMED = "confirmed"
    """Staff, and customers whose identity staff have confirmed."""
    ALL = "all"
    STAFF = "staff"


def check_may_buy_alone(
    actor: Actor,
    buyers: Buyers,
) -> None:
    """Raise Forbidden, or IdentityUnconfirmed, unless the actor is among ``buyers``.

    Whoever registered by themselves may have given anybody's RUT, and what they buy is
    owed in its holder's name.
    """
    if actor.is_staff or buyers is Buyers.ALL:
        return
    if buyers is Buyers.STAFF:
        raise Forbidden
    if not actor.verified:
        raise IdentityUnconfirmed


def as_bought_alone(
    order: SaleOrder,
    numbers: SaleNumbers,
    actor: Actor,
) -> tuple[SaleOrder, SaleNumbers]:
    """Return the order and its numbers changed to those of a user who buys alone.

    A customer buys on account in their own name, and nobody sells. Staff sell to
    themselves, for cash. How the order itself says to pay does not count.
    """
    numbers = replace(numbers, buyer_id=actor.user_id)
    if actor.is_staff:
        order = replace(
            order,
            payments=None,
            customer_rut=None,
            on_account=False,
        )
        return order, numbers

    order = replace(
        order,
        payments=None,
        customer_rut=actor.rut,
        on_account=True,
    )
    return order, replace(numbers, seller_id=None, seller=None)


def check_costs_something(
    sale: Sale,
    shelf: Shelf,
) -> None:
    """Raise Invalid for a quantity so small that its line comes to nothing, though the
    product has a price.

    At the till somebody sees what goes over the counter. Whoever buys alone could take
    the whole stock for nothing, a gram at a time.
    """
    for position, line in enumerate(sale.lines):
        if line.total_minor == 0 and shelf.final_prices[line.product_id] > 0:
            raise Invalid(f"lines[{position}].quantity", "quantity_costs_nothing")


def quantity_on_debt(
    sale: Sale,
    earlier: Sequence[Return],
    product: Product,
    wanted_milli: int,
) -> int:
    """Return how much of ``wanted_milli``, in thousandths, may come back of a purchase while
    its debt alone shrinks.

    ``earlier`` is what came back of it already. A customer who gives back alone gets no
    money: what was paid for is looked at, and paid back, at the counter.
    """
    returned = sum_up(earlier)
    step_milli = MILLI if product.unit is Unit.PIECE else 1

    def is_paid_for(steps: int) -> bool:
        order_line = OrderLine(product.code, steps * step_milli)
        order = ReturnOrder(lines=[order_line], reason="")
        units = {product.id: product.unit}
        back = lines_back(sale, order, returned, units)
        total_minor = sum(line.total_minor for line in back)
        _, money = due(sale, returned, total_minor)
        return money.amount_minor > 0

    steps = wanted_milli // step_milli
    if not is_paid_for(steps):
        return wanted_milli
    fewer = range(1, steps)
    return bisect_left(fewer, True, key=is_paid_for) * step_milli

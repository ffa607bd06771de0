"""Customers and staff who buy by themselves, with nobody at the till."""

from msgspec.structs import replace

from trastienda.domain.people import Actor
from trastienda.domain.sales import SaleNumbers, SaleOrder


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

"""The model's words and the shop's: from one to the other, and held against each other."""

from collections.abc import Sequence
from fractions import Fraction

from tests.journeys.plain_shop import CASH, DEBIT, OWED, Back, Order, Paid, Sold

from trastienda.domain.payments import Method, Payment
from trastienda.domain.returns import Return
from trastienda.domain.sales import OrderLine, Sale, SaleOrder

CUSTOMER = "33333333-3"
METHODS = {CASH: Method.CASH, DEBIT: Method.DEBIT, OWED: Method.OWED}


def milli(quantity: Fraction) -> int:
    thousandths = quantity * 1000
    assert thousandths.denominator == 1
    return int(thousandths)


def paid(payments: Sequence[Paid]) -> list[Payment]:
    return [Payment(METHODS[how], amount) for how, amount in payments]


def order_of(order: Order) -> SaleOrder:
    lines = [
        OrderLine(code, None if quantity is None else milli(quantity))
        for code, quantity in order.lines
    ]
    return SaleOrder(
        lines=lines,
        payments=None if order.payments is None else paid(order.payments),
        customer_rut=CUSTOMER if order.customer else None,
        expected_total_minor=order.expected,
    )


def assert_same_sale(sold: Sold, sale: Sale) -> None:
    """The model's sale, and the shop's."""
    assert (sale.id, sale.folio, sale.at_ms) == (sold.number, sold.number, sold.at)
    assert [
        (
            line.code,
            line.quantity_milli,
            line.unit_price_minor,
            line.discount_minor,
            line.total_minor,
            line.exempt,
        )
        for line in sale.lines
    ] == [
        (
            line.code,
            milli(line.quantity),
            line.unit_price,
            line.off,
            line.total,
            line.exempt,
        )
        for line in sold.lines
    ]
    assert (sale.total_minor, sale.net_minor, sale.exempt_minor) == (
        sold.total,
        sold.net,
        sold.exempt,
    )
    assert sale.vat_minor == sold.total - sold.exempt - sold.net
    assert (sale.rounding_minor, sale.change_minor, sale.owed_minor) == (
        sold.rounding,
        sold.change,
        sold.owed,
    )
    assert list(sale.payments) == paid(sold.payments)
    assert (
        sum(amount for _, amount in sold.payments) - sold.change
        == sold.total + sold.rounding
    )


def assert_same_return(back: Back, one: Return) -> None:
    lines = [(line.code, line.quantity_milli, line.total_minor) for line in one.lines]
    assert lines == [
        (code, milli(quantity), amount) for code, quantity, amount in back.lines
    ]
    assert (one.total_minor, one.net_minor, one.exempt_minor) == (
        back.total,
        back.net,
        back.exempt,
    )
    assert one.total_minor == one.net_minor + one.vat_minor + one.exempt_minor
    assert (one.debt_reduced_minor, one.refund_minor) == (back.debt, back.refund)
    assert one.rounding_minor == back.debt + back.refund - back.total
    assert one.restock == back.restocked

"""Money at its edges: debts and refunds of a few pesos, where the law's rounding is larger
than the sum."""

import pytest
from tests.harness.books import TestShop
from tests.journeys.comparing import CUSTOMER, paid
from tests.journeys.plain_shop import CASH, DEBIT, OWED, Paid

from trastienda.actions import products, returns, sales
from trastienda.actions.verification import verify
from trastienda.domain.payments import Method
from trastienda.domain.products import ProductDraft
from trastienda.domain.returns import ReturnOrder
from trastienda.domain.sales import Sale


def sold(books: TestShop, price: int, *payments: Paid) -> Sale:
    draft = ProductDraft(code="P", name="Cosa", price_minor=price, stock_milli=1000)
    books.do(lambda transaction: products.create(transaction, books.ana, draft))
    return books.sell(
        ("P", 1000),
        payments=paid(payments) if payments else None,
        customer_rut=CUSTOMER,
    )


@pytest.mark.parametrize(("cash", "change"), [(6, 0), (7, 0), (9, 2), (10, 0), (15, 5)])
def test_cash_between_a_debt_and_its_rounding_leaves_no_debt_below_zero(
    books: TestShop, cash: int, change: int
) -> None:
    sale = sold(books, 7, (OWED, 7))
    settled = books.do(
        lambda transaction: sales.settle(
            transaction, books.beto, sale.id, paid([(CASH, cash)])
        )
    ).value
    assert (settled.owed_minor, settled.change_minor) == (max(0, 7 - cash), change)
    assert books.look(verify) is None


@pytest.mark.parametrize(
    ("price", "payment", "method", "refund"),
    [
        (17, (DEBIT, 17), Method.CASH, 10),  # 20 would be more than was paid
        (13, (DEBIT, 13), Method.CASH, 10),
        (17, (DEBIT, 17), Method.DEBIT, 17),
        (17, (CASH, 20), Method.CASH, 20),  # with the peso that the law put on
        (17, (CASH, 50), Method.CASH, 20),
        (13, (CASH, 10), Method.CASH, 10),  # and without that which it took off
        (7, (OWED, 7), Method.CASH, 0),
    ],
)
def test_all_that_comes_back_of_a_sale_is_what_was_paid_for_it_and_never_more(
    books: TestShop, price: int, payment: Paid, method: Method, refund: int
) -> None:
    sale = sold(books, price, payment)
    order = ReturnOrder(reason="no le gusta", method=method)
    one = books.do(
        lambda transaction: returns.take_back(transaction, books.beto, sale.id, order)
    ).value
    assert one.refund_minor == refund
    assert (
        books.look(lambda snapshot: sales.get(snapshot, books.ana, sale.id)).owed_minor
        == 0
    )
    assert books.look(verify) is None

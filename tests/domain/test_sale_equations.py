"""The equations of a sale, whatever is ordered and however it is paid."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.domain.documents import (
    CLARA_RUT,
    NOW_MS,
    PESOS,
    decide,
    goods,
    order,
    shelf_of,
)

from trastienda.domain.money import EXACT, CashRounding
from trastienda.domain.payments import Method, Payment
from trastienda.domain.products import Discount, Product, Unit
from trastienda.domain.sales import SaleOrder, Terms

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED


PRICES = st.integers(0, 10**7)
PRODUCTS = st.builds(
    goods,
    PRICES,
    unit=st.sampled_from(Unit),
    exempt=st.booleans(),
    discount=st.none()
    | st.builds(
        Discount,
        share_bp=st.integers(1, 10_000),
        from_ms=st.just(NOW_MS),
        until_ms=st.just(NOW_MS + 1),
    ),
)
ROUNDINGS = st.sampled_from([PESOS, EXACT, CashRounding(5), CashRounding(100)])


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[Product], SaleOrder]:
    """Products, and an order of some of them in pieces and weights."""
    products = draw(st.lists(PRODUCTS, min_size=1, max_size=4))
    lines: list[tuple[str, int | None]] = []
    for _ in range(draw(st.integers(1, 6))):
        product = draw(st.sampled_from(products))
        quantity_milli = draw(st.integers(1, 9999))
        if product.unit is Unit.PIECE:
            quantity_milli *= 1000
        lines.append((product.code, quantity_milli))
    return products, order(*lines, customer_rut=CLARA_RUT)


@st.composite
def payments_of(draw: st.DrawFn, total_minor: int) -> list[Payment]:
    """Payments that cover a total: some by other means than cash, then cash for the rest."""
    payments = []
    rest_minor = total_minor
    for _ in range(draw(st.integers(0, 3))):
        method = draw(st.sampled_from([Method.DEBIT, Method.CREDIT, OWED]))
        part_minor = draw(st.integers(0, rest_minor))
        payments.append(Payment(method, part_minor))
        rest_minor -= part_minor
    cash_minor = rest_minor + 100 + draw(st.integers(0, 10_000))
    payments.append(Payment(CASH, cash_minor))
    return draw(st.permutations(payments))


@given(orders(), st.integers(0, 10_000), ROUNDINGS, st.data())
def test_the_equations_of_a_sale_hold(
    ordered: tuple[list[Product], SaleOrder],
    vat_bp: int,
    rounding: CashRounding,
    data: st.DataObject,
) -> None:
    products, sale_order = ordered
    terms = Terms(vat_bp, rounding)
    in_cash = decide(shelf_of(*products), sale_order, terms)
    on_account = decide(
        shelf_of(*products), replace(sale_order, on_account=True), terms
    )
    payments = data.draw(payments_of(in_cash.total_minor))
    mixed = decide(shelf_of(*products), replace(sale_order, payments=payments), terms)
    for sale in (in_cash, on_account, mixed):
        lines_minor = sum(line.total_minor for line in sale.lines)
        assert lines_minor == sale.total_minor
        assert sale.total_minor == sale.net_minor + sale.vat_minor + sale.exempt_minor
        exempt_minor = sum(line.total_minor for line in sale.lines if line.exempt)
        assert sale.exempt_minor == exempt_minor

        paid_minor = sum(payment.amount_minor for payment in sale.payments)
        assert paid_minor - sale.change_minor == sale.total_minor + sale.rounding_minor
        debts = [payment for payment in sale.payments if payment.method is OWED]
        assert sale.owed_minor == sum(payment.amount_minor for payment in debts)
    assert mixed.payments == tuple(payments)


@given(orders())
def test_a_sale_takes_off_the_shelf_exactly_what_was_ordered(
    ordered: tuple[list[Product], SaleOrder],
) -> None:
    products, sale_order = ordered
    shelf = shelf_of(*products)
    before_milli = dict(shelf.left_milli)
    shelf.take(decide(shelf, sale_order))
    for product in products:
        ordered_milli = sum(
            line.quantity_milli or 0
            for line in sale_order.lines
            if line.code == product.code
        )
        assert shelf.left_milli[product.id] == before_milli[product.id] - ordered_milli

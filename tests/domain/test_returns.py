"""Returns: what comes back of a sale, and what is given for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.domain.documents import (
    BETO,
    CLARA_RUT,
    NOW_MS,
    PESOS,
    Counter,
    goods,
    paid,
    sell,
    weighed,
)
from tests.harness.cast import rows_of

from trastienda.domain.errors import ExcessiveReturn, Invalid, UnknownProducts
from trastienda.domain.money import EXACT, CashRounding, split_vat
from trastienda.domain.orders import MAX_LINES
from trastienda.domain.payments import Method
from trastienda.domain.products import Product, Unit
from trastienda.domain.returns import Return, ReturnLine, ReturnOrder
from trastienda.domain.sales import OrderLine, Sale, Terms

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED
TRANSFER = Method.TRANSFER


def given_for(back: Return) -> dict[Method, int]:
    """What was given for a return, by method."""
    return {payment.method: payment.amount_minor for payment in back.payments}


def quantities(back: Return) -> list[tuple[str, int]]:
    """What came back, in thousandths."""
    return [(line.code, line.quantity_milli) for line in back.lines]


def check_sums(sale: Sale, returns: list[Return]) -> None:
    """Fail unless returns of all that was sold add up to the sale."""
    assert sum(back.total_minor for back in returns) == sale.total_minor
    assert sum(back.net_minor for back in returns) == sale.net_minor
    assert sum(back.vat_minor for back in returns) == sale.vat_minor
    assert sum(back.exempt_minor for back in returns) == sale.exempt_minor


def check_equations(back: Return) -> None:
    """Fail unless the equations of a return hold."""
    assert sum(line.total_minor for line in back.lines) == back.total_minor
    assert back.total_minor == back.net_minor + back.vat_minor + back.exempt_minor
    given_minor = back.refund_minor + back.debt_reduced_minor
    assert given_minor == back.total_minor + back.rounding_minor
    assert given_minor == sum(payment.amount_minor for payment in back.payments)


def test_a_return_holds_everything_that_was_done() -> None:
    bread = goods(1993, name="Pan", cost_minor=700)
    counter = Counter(sell((bread, 3000)))
    back = counter.give_back((bread.code, 2000))
    assert back == Return(
        id=1,
        sale_id=1,
        at_ms=NOW_MS,
        seller_id=2,
        seller=BETO,
        reason="no le gustó",
        lines=(
            ReturnLine(
                position=0,
                product_id=bread.id,
                code=bread.code,
                name="Pan",
                quantity_milli=2000,
                total_minor=3986,
                cost_minor=700,
                exempt=False,
            ),
        ),
        net_minor=3350,  # 3986 / 1.19 = 3349.6
        vat_minor=636,
        exempt_minor=0,
        total_minor=3986,
        rounding_minor=4,
        method=CASH,
        refund_minor=3990,
        debt_reduced_minor=0,
        restock=True,
    )


class TestQuantities:
    """How much comes back, and what cannot."""

    def test_without_lines_all_that_is_left_comes_back(self) -> None:
        first, second = goods(), goods()
        counter = Counter(sell((first, 3000), (second, 2000)))
        counter.give_back((first.code, 1000))
        rest = counter.give_back()
        assert quantities(rest) == [(first.code, 2000), (second.code, 2000)]
        with pytest.raises(ExcessiveReturn) as refusal:
            counter.give_back()
        assert rows_of(refusal.value.excesses) == [
            (first.code, 3000, 0),
            (second.code, 2000, 0),
        ]

    def test_a_line_that_has_come_back_is_not_in_the_rest(self) -> None:
        first, second = goods(), goods()
        counter = Counter(sell((first, 1000), (second, 2000)))
        counter.give_back((first.code, 1000))
        assert quantities(counter.give_back()) == [(second.code, 2000)]

    def test_lines_of_one_code_are_summed(self) -> None:
        first, second = goods(), goods()
        counter = Counter(sell((first, 3000), (second, 2000)))
        back = counter.give_back(
            (second.code, 1000), (first.code, 1000), (second.code, 1000)
        )
        assert quantities(back) == [(first.code, 1000), (second.code, 2000)]

    def test_never_more_than_was_bought_and_not_yet_returned(self) -> None:
        many, one = goods(), goods()
        counter = Counter(sell((many, 3000), (one, 1000)))
        with pytest.raises(ExcessiveReturn) as refusal:
            counter.give_back((many.code, 2000), (one.code, 1000), (many.code, 2000))
        assert rows_of(refusal.value.excesses) == [(many.code, 4000, 3000)]
        counter.give_back((many.code, 2000))
        with pytest.raises(ExcessiveReturn) as refusal:
            counter.give_back((many.code, 2000))
        assert rows_of(refusal.value.excesses) == [(many.code, 2000, 1000)]

    def test_each_code_that_is_too_much_is_named(self) -> None:
        first, second = goods(), goods()
        counter = Counter(sell((first, 1000), (second, 1000)))
        with pytest.raises(ExcessiveReturn) as refusal:
            counter.give_back((first.code, 2000), (second.code, 3000))
        assert rows_of(refusal.value.excesses) == [
            (first.code, 2000, 1000),
            (second.code, 3000, 1000),
        ]

    def test_each_code_that_the_sale_does_not_have_is_named_once(self) -> None:
        sold = goods()
        counter = Counter(sell((sold, 1000)))
        with pytest.raises(UnknownProducts) as refusal:
            counter.give_back(("X1", 1000), (sold.code, 1000), ("X2", 1), ("X1", 1000))
        assert refusal.value.codes == ["X1", "X2"]

    def test_either_spelling_of_a_code_will_do(self) -> None:
        product = goods(code="885909950805")
        counter = Counter(sell((product, 3000)))
        counter.give_back(("0885909950805", 1000))
        back = counter.give_back(("885909950805", 1000), ("0885909950805", 1000))
        assert quantities(back) == [("885909950805", 2000)]

    @pytest.mark.parametrize("quantity_milli", [0, -1000, 500, None])
    def test_a_quantity_is_one_that_can_be_sold(
        self, quantity_milli: int | None
    ) -> None:
        product = goods()
        counter = Counter(sell((product, 2000)))
        with pytest.raises(Invalid) as refusal:
            counter.give_back((product.code, 1000), (product.code, quantity_milli))
        assert refusal.value.field == "lines[1].quantity"

    def test_part_of_a_weight_comes_back(self) -> None:
        cheese = weighed(8990)
        counter = Counter(sell((cheese, 350)), Unit.KILOGRAM)
        back = counter.give_back((cheese.code, 100))
        assert (quantities(back), back.total_minor) == ([(cheese.code, 100)], 899)

    @pytest.mark.parametrize("count", [0, MAX_LINES + 1])
    def test_a_return_has_from_one_to_five_hundred_lines(self, count: int) -> None:
        product = goods()
        counter = Counter(sell((product, 1_000_000)))
        line = OrderLine(product.code, 1000)
        with pytest.raises(Invalid) as refusal:
            counter.decide(ReturnOrder(lines=[line] * count, reason="roto"))
        assert refusal.value.field == "lines"
        back = counter.decide(ReturnOrder(lines=[line] * MAX_LINES, reason="roto"))
        assert quantities(back) == [(product.code, MAX_LINES * 1000)]

    def test_nothing_is_given_back_as_a_debt(self) -> None:
        counter = Counter(sell((goods(), 1000)))
        with pytest.raises(Invalid) as refusal:
            counter.give_back(method=OWED)
        assert refusal.value.field == "method"

    def test_damaged_goods_and_the_reason_are_as_ordered(self) -> None:
        counter = Counter(sell((goods(), 1000)))
        back = counter.decide(ReturnOrder(reason="vino roto", restock=False))
        assert (back.reason, back.restock) == ("vino roto", False)


class TestAmounts:
    """What a piece of a line is worth: pieces add up to the line, to the peso."""

    @pytest.mark.parametrize(
        ("price", "quantity", "exempt"),
        [
            (1993, 7, False),
            (333, 3, False),
            (1, 5, False),
            (455, 4, True),
            (1994, 2, False),
        ],
    )
    def test_returns_piece_by_piece_add_up_to_the_sale(
        self, price: int, quantity: int, exempt: bool
    ) -> None:
        product, other = goods(price, exempt=exempt), goods(17)
        sale = sell((product, quantity * 1000), (other, 1000))
        counter = Counter(sale)
        for _ in range(quantity):
            counter.give_back((product.code, 1000))
        counter.give_back()
        check_sums(sale, counter.returns)
        roundings = [back.rounding_minor for back in counter.returns]
        assert sum(roundings) == sale.rounding_minor
        refunds = [back.refund_minor for back in counter.returns]
        assert sum(refunds) == sale.payments[0].amount_minor
        assert all(refund_minor % 10 == 0 for refund_minor in refunds)

    def test_a_total_that_does_not_divide_leaves_its_remainder_to_the_last(
        self,
    ) -> None:
        cheese = weighed(33_333)
        sale = sell((cheese, 3))
        assert sale.total_minor == 100
        counter = Counter(sale, Unit.KILOGRAM)
        totals = [counter.give_back((cheese.code, 1)).total_minor for _ in range(3)]
        assert totals == [33, 34, 33]

    def test_the_tax_is_split_of_all_that_came_back_so_far(self) -> None:
        product = goods(3)
        sale = sell((product, 3000))
        counter = Counter(sale)
        backs = [counter.give_back((product.code, 1000)) for _ in range(3)]
        nets = [back.net_minor for back in backs]
        assert nets == [3, 2, 3]  # of 3, 6 and 9 in all: 3, 5 and 8
        check_sums(sale, backs)

    def test_the_rate_of_the_sale_counts(self) -> None:
        sale = sell((goods(1100), 1000), terms=Terms(vat_bp=1000, rounding=EXACT))
        back = Counter(sale, rounding=EXACT).give_back()
        assert (back.net_minor, back.vat_minor) == (1000, 100)


class TestGivingBack:
    """Money for what came back: what is owed first, and never more than was paid."""

    def test_by_card_nothing_is_rounded(self) -> None:
        product = goods(1994)
        counter = Counter(sell((product, 2000), payments=paid((DEBIT, 3988))))
        back = counter.give_back((product.code, 1000), method=DEBIT)
        assert (back.rounding_minor, given_for(back)) == (0, {DEBIT: 1994})

    @pytest.mark.parametrize(
        ("price", "refund"), [(1996, 1990), (1994, 1990), (1990, 1990), (6, 0)]
    )
    def test_cash_for_a_card_is_rounded_but_never_more_than_was_paid(
        self, price: int, refund: int
    ) -> None:
        sale = sell((goods(price), 1000), payments=paid((DEBIT, price)))
        back = Counter(sale).give_back()
        assert (back.refund_minor, back.rounding_minor) == (refund, refund - price)

    def test_no_more_than_was_paid_though_a_piece_worth_less_than_the_rounding_is_left(
        self,
    ) -> None:
        dear, cheap = goods(1993), goods(1)
        counter = Counter(sell((dear, 1000), (cheap, 1000)))  # 1994, in cash 1990
        first = counter.give_back((dear.code, 1000))
        assert (first.refund_minor, first.rounding_minor) == (1990, -3)
        last = counter.give_back()
        assert (last.refund_minor, last.rounding_minor) == (0, -1)

    def test_what_is_still_owed_goes_first_and_the_rest_is_paid_back(self) -> None:
        product = goods(1000)
        sale = sell(
            (product, 3000),
            payments=paid((OWED, 1500), (DEBIT, 1500)),
            customer_rut=CLARA_RUT,
        )
        counter = Counter(sale)
        first = counter.give_back((product.code, 1000))
        assert given_for(first) == {OWED: 1000}
        second = counter.give_back((product.code, 1000), method=DEBIT)
        assert given_for(second) == {OWED: 500, DEBIT: 500}
        third = counter.give_back()
        assert given_for(third) == {CASH: 1000}
        assert counter.sale.owed_minor == 0

    def test_what_was_settled_of_a_debt_is_paid_back(self) -> None:
        product = goods(1000)
        sale = sell((product, 2000), on_account=True, customer_rut=CLARA_RUT)
        payments = paid((OWED, 500), (TRANSFER, 1500))
        counter = Counter(replace(sale, owed_minor=500, payments=tuple(payments)))
        back = counter.give_back(method=TRANSFER)
        assert given_for(back) == {OWED: 500, TRANSFER: 1500}

    def test_a_sale_that_costs_nothing_gives_nothing(self) -> None:
        back = Counter(sell((goods(0), 1000))).give_back()
        assert (back.payments, back.rounding_minor) == ((), 0)

    def test_the_rounding_of_the_sale_comes_back_with_the_last_piece(self) -> None:
        product = goods(1996)
        counter = Counter(sell((product, 2000)))  # 3992, in cash 3990
        first = counter.give_back((product.code, 1000))
        last = counter.give_back()
        assert (first.refund_minor, last.refund_minor) == (2000, 1990)


ROUNDINGS = st.sampled_from([PESOS, EXACT, CashRounding(5), CashRounding(100)])


@st.composite
def sold(draw: st.DrawFn, rounding: CashRounding) -> tuple[Sale, Unit]:
    """A sale of one to three products in pieces or weights, in cash, by card or owed in part."""
    unit = draw(st.sampled_from([Unit.PIECE, Unit.KILOGRAM]))
    lines: list[tuple[Product, int]] = []
    for _ in range(draw(st.integers(1, 3))):
        product = goods(
            draw(st.integers(0, 9999)), unit=unit, exempt=draw(st.booleans())
        )
        quantity_milli = draw(st.integers(1, 5))
        if unit is Unit.PIECE:
            quantity_milli *= 1000
        else:
            quantity_milli = draw(st.integers(1, 5000))
        lines.append((product, quantity_milli))
    terms = Terms(draw(st.integers(0, 10_000)), rounding)
    in_cash = sell(*lines, terms=terms)
    total_minor = in_cash.total_minor
    owed_minor = draw(st.integers(0, total_minor))
    by_card = [(DEBIT, total_minor - owed_minor), (OWED, owed_minor)]
    mixed = sell(*lines, terms=terms, payments=paid(*by_card), customer_rut=CLARA_RUT)
    return draw(st.sampled_from([in_cash, mixed])), unit


@given(ROUNDINGS, st.data())
def test_returns_in_any_pieces_add_up_to_the_sale_and_give_no_more_than_was_paid(
    rounding: CashRounding, data: st.DataObject
) -> None:
    sale, unit = data.draw(sold(rounding))
    counter = Counter(sale, unit, rounding)
    paid_minor = sum(
        payment.amount_minor for payment in sale.payments if payment.method is not OWED
    )
    methods = {CASH} | {payment.method for payment in sale.payments} - {OWED}
    one_method = data.draw(st.sampled_from(sorted(methods)))
    left_milli = {line.code: line.quantity_milli for line in sale.lines}
    while any(left_milli.values()):
        code = data.draw(
            st.sampled_from([code for code in left_milli if left_milli[code]])
        )
        step_milli = 1000 if unit is Unit.PIECE else 1
        most = min(left_milli[code] // step_milli, 5000)
        piece_milli = step_milli * data.draw(st.integers((most + 3) // 4, most))
        left_milli[code] -= piece_milli
        back = counter.give_back((code, piece_milli), method=one_method)

        check_equations(back)
        assert back.total_minor >= 0
        refunded_minor = sum(earlier.refund_minor for earlier in counter.returns)
        assert refunded_minor <= paid_minor
        assert counter.sale.owed_minor >= 0
        if back.method is CASH:
            assert back.refund_minor % rounding.step_minor == 0
    check_sums(sale, counter.returns)
    assert counter.sale.owed_minor == 0
    if counter.returns[-1].method is not CASH:
        given_minor = sum(
            back.refund_minor + back.debt_reduced_minor for back in counter.returns
        )
        assert given_minor == sale.total_minor + sale.rounding_minor


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(0, 10_000))
def test_the_net_of_all_that_came_back_is_the_split_of_its_sum(
    price: int, pieces: int, vat_bp: int
) -> None:
    product = goods(price)
    terms = Terms(vat_bp, EXACT)
    counter = Counter(sell((product, pieces * 1000), terms=terms), rounding=EXACT)
    total_minor = net_minor = 0
    for _ in range(pieces):
        back = counter.give_back((product.code, 1000))
        total_minor += back.total_minor
        net_minor += back.net_minor
        assert net_minor == split_vat(total_minor, vat_bp)[0]

"""Sales: what an order makes of what is on the shelf, or why it is refused."""

from typing import Any

import pytest
from tests.domain.documents import (
    BETO,
    CLARA_RUT,
    NOW_MS,
    decide,
    goods,
    order,
    sell,
    shelf_of,
    weighed,
)
from tests.harness.cast import rows_of

from trastienda.domain.errors import (
    InsufficientStock,
    Invalid,
    PriceChanged,
    ProductRetired,
    UnknownProducts,
)
from trastienda.domain.money import EXACT
from trastienda.domain.orders import MAX_LINES, MAX_TOTAL_MINOR
from trastienda.domain.payments import Method, Payment
from trastienda.domain.products import Discount, Pick, Product
from trastienda.domain.quantities import MAX_QUANTITY_MILLI
from trastienda.domain.sales import Sale, SaleLine, Terms

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED


def refusal_of(*products: Product, **fields: Any) -> Invalid:
    """The complaint about an order of one of each product."""
    lines = fields.pop("lines", [(product.code, 1000) for product in products])
    with pytest.raises(Invalid) as refusal:
        decide(shelf_of(*products), order(*lines, **fields))
    return refusal.value


def test_a_sale_holds_everything_that_was_agreed() -> None:
    bread = goods(1990, name="Pan", cost_minor=700)
    assert sell((bread, 2000), customer_rut=CLARA_RUT) == Sale(
        id=1,
        folio=7,
        at_ms=NOW_MS,
        seller_id=2,
        seller=BETO,
        buyer_id=None,
        customer_rut=CLARA_RUT,
        lines=(
            SaleLine(
                product_id=bread.id,
                code=bread.code,
                name="Pan",
                quantity_milli=2000,
                unit_price_minor=1990,
                discount_minor=0,
                total_minor=3980,
                cost_minor=700,
                exempt=False,
            ),
        ),
        net_minor=3345,  # 3980 / 1.19 = 3344.5
        vat_minor=635,
        exempt_minor=0,
        total_minor=3980,
        rounding_minor=0,
        payments=(Payment(CASH, 3980),),
        change_minor=0,
        owed_minor=0,
        vat_bp=1900,
    )


class TestLines:
    """What the lines of an order come to."""

    def test_lines_of_one_product_are_summed_in_order_of_first_appearance(self) -> None:
        dear, cheap = goods(100), goods(7)
        sale = sell((cheap, 1000), (dear, 2000), (cheap, 3000), (dear, 1000))
        lines = [
            (line.code, line.quantity_milli, line.total_minor) for line in sale.lines
        ]
        assert lines == [(cheap.code, 4000, 28), (dear.code, 3000, 300)]

    def test_two_spellings_of_a_code_are_one_line_under_the_products_own(self) -> None:
        product = goods(50, code="885909950805")
        shelf = shelf_of(product, labels={"0885909950805": Pick(product)})
        sale = decide(shelf, order(("885909950805", 1000), ("0885909950805", 2000)))
        lines = [(line.code, line.quantity_milli) for line in sale.lines]
        assert lines == [("885909950805", 3000)]

    @pytest.mark.parametrize(
        ("quantity_milli", "total"),
        [(350, 3147), (1, 9), (1235, 11103), (50, 450)],
        # 3146.5, 8.99, 11102.65, 449.5
    )
    def test_a_weight_is_rounded_half_up_to_the_peso(
        self, quantity_milli: int, total: int
    ) -> None:
        (line,) = sell((weighed(8990), quantity_milli)).lines
        assert (line.quantity_milli, line.total_minor) == (quantity_milli, total)

    def test_a_weight_in_two_lines_is_rounded_once(self) -> None:
        cheese = weighed(1)
        sale = sell((cheese, 500), (cheese, 500))
        assert sale.total_minor == 1  # each alone would be rounded up

    @pytest.mark.parametrize(
        ("off", "quantity_milli", "total", "line_discount"),
        [
            ({"share_bp": 1250}, 3000, 2868, 411),  # 1093 less 12.5 % is 956.375
            ({"share_bp": 5000}, 1000, 547, 546),  # 546.5 goes up
            ({"share_bp": 10_000}, 2000, 0, 2186),
            ({"amount_minor": 93}, 2000, 2000, 186),
            ({"amount_minor": 5000}, 1000, 0, 1093),
        ],
    )
    def test_a_discount_that_holds_now_is_taken_off_each_unit(
        self, off: dict[str, int], quantity_milli: int, total: int, line_discount: int
    ) -> None:
        discount = Discount(from_ms=NOW_MS, until_ms=NOW_MS + 1, **off)
        (line,) = sell((goods(1093, discount=discount), quantity_milli)).lines
        figures = (line.unit_price_minor, line.total_minor, line.discount_minor)
        assert figures == (1093, total, line_discount)

    @pytest.mark.parametrize("from_ms", [NOW_MS - 2, NOW_MS + 1])
    def test_a_discount_that_is_over_or_to_come_is_not(self, from_ms: int) -> None:
        discount = Discount(share_bp=5000, from_ms=from_ms, until_ms=from_ms + 2)
        (line,) = sell((goods(1000, discount=discount), 1000)).lines
        assert (line.total_minor, line.discount_minor) == (1000, 0)

    @pytest.mark.parametrize(
        ("quantity_milli", "reason"),
        [
            (0, "must_be_positive"),
            (-1000, "must_be_positive"),
            (-500, "must_be_positive"),
            (1500, "whole_units_only"),
            (1, "whole_units_only"),
            (10**13, "too_large"),
            (10**33, "too_large"),
        ],
    )
    def test_a_product_by_unit_is_sold_in_whole_numbers_above_zero(
        self, quantity_milli: int, reason: str
    ) -> None:
        fit, unfit = goods(), goods()
        lines = [(fit.code, 1000), (unfit.code, quantity_milli)]
        complaint = refusal_of(fit, unfit, lines=lines)
        assert (complaint.field, complaint.reason) == ("lines[1].quantity", reason)

    @pytest.mark.parametrize("quantity_milli", [0, -1, MAX_QUANTITY_MILLI + 1])
    def test_a_weight_is_above_zero_and_not_absurd(self, quantity_milli: int) -> None:
        cheese = weighed()
        complaint = refusal_of(cheese, lines=[(cheese.code, quantity_milli)])
        assert complaint.field == "lines[0].quantity"

    def test_a_plain_code_needs_a_quantity(self) -> None:
        product = goods()
        complaint = refusal_of(product, lines=[(product.code, None)])
        assert (complaint.field, complaint.reason) == ("lines[0].quantity", "required")

    def test_an_order_has_from_one_to_five_hundred_lines(self) -> None:
        product = goods()
        none = refusal_of(product, lines=[])
        assert (none.field, none.reason) == ("lines", "must_not_be_empty")
        too_many = refusal_of(product, lines=[(product.code, 1000)] * (MAX_LINES + 1))
        assert (too_many.field, too_many.reason) == ("lines", "too_many")
        assert too_many.data == {"limit": MAX_LINES}
        sale = sell(*[(product, 1000)] * MAX_LINES)
        assert sale.lines[0].quantity_milli == MAX_LINES * 1000


class TestRefusals:
    """Orders that sell nothing."""

    def test_every_unknown_code_is_named_once(self) -> None:
        known = goods()
        lines = [("X1", 1000), (known.code, 1000), ("NO-HAY", 1000), ("X1", 1000)]
        with pytest.raises(UnknownProducts) as refusal:
            decide(shelf_of(known), order(*lines))
        assert refusal.value.codes == ["X1", "NO-HAY"]

    def test_every_retired_product_is_named_once(self) -> None:
        active, retired = goods(), goods(active=False)
        with pytest.raises(ProductRetired) as refusal:
            sell((active, 1000), (retired, 1000), (retired, 2000))
        assert refusal.value.codes == [retired.code]

    def test_each_product_that_is_short_is_named_with_what_is_left(self) -> None:
        enough = goods()
        short = goods(stock_milli=2000)
        cheese = weighed(stock_milli=500)
        shelf = shelf_of(enough, short, cheese)
        lines = [
            (enough.code, 1000),
            (short.code, 1000),
            (cheese.code, 750),
            (short.code, 2000),
        ]
        with pytest.raises(InsufficientStock) as refusal:
            decide(shelf, order(*lines))
        assert rows_of(refusal.value.shortages) == [
            (short.code, 3000, 2000),
            (cheese.code, 750, 500),
        ]

    def test_all_that_is_left_can_be_sold(self) -> None:
        last = goods(stock_milli=2000)
        assert sell((last, 2000)).lines[0].quantity_milli == 2000

    @pytest.mark.parametrize("expected", [1890, 1989, 1991])
    def test_a_total_that_was_not_expected_is_named(self, expected: int) -> None:
        with pytest.raises(PriceChanged) as refusal:
            sell((goods(1990), 1000), expected_total_minor=expected)
        assert refusal.value.total_minor == 1990

    def test_a_total_that_was_expected_is_sold(self) -> None:
        sale = sell((goods(1990), 1000), expected_total_minor=1990)
        assert sale.total_minor == 1990

    def test_a_total_that_readers_could_not_count_exactly_is_refused(self) -> None:
        gold = weighed(10**12, stock_milli=MAX_QUANTITY_MILLI)
        complaint = refusal_of(gold, lines=[(gold.code, 10**7)])
        assert (complaint.field, complaint.reason) == ("lines", "total_too_large")
        assert sell((gold, 9_007_199)).total_minor < MAX_TOTAL_MINOR

    def test_a_refused_order_leaves_the_shelf_as_it_was(self) -> None:
        plenty, short = goods(), goods(stock_milli=1000)
        shelf = shelf_of(plenty, short)
        before = dict(shelf.left_milli)
        with pytest.raises(InsufficientStock):
            decide(shelf, order((plenty.code, 1000), (short.code, 2000)))
        assert shelf.left_milli == before


class TestShelf:
    """What a run of orders leaves."""

    def test_the_second_order_sees_what_the_first_has_left(self) -> None:
        last, other = goods(stock_milli=3000), goods()
        shelf = shelf_of(last, other)
        shelf.take(decide(shelf, order((last.code, 2000), (other.code, 5000))))
        with pytest.raises(InsufficientStock) as refusal:
            decide(shelf, order((last.code, 2000)))
        assert rows_of(refusal.value.shortages) == [(last.code, 2000, 1000)]
        shelf.take(decide(shelf, order((last.code, 1000))))
        assert shelf.left_milli == {last.id: 0, other.id: other.stock_milli - 5000}


class TestTax:
    """The tax is in the prices, and split off once a sale."""

    @pytest.mark.parametrize(
        ("total", "net"),
        [(1, 1), (2, 2), (3, 3), (10, 8), (100, 84), (119, 100), (1190, 1000)],
    )
    def test_the_tax_is_what_the_net_leaves(self, total: int, net: int) -> None:
        sale = sell((goods(total), 1000))
        figures = (sale.net_minor, sale.vat_minor, sale.exempt_minor)
        assert figures == (net, total - net, 0)

    def test_it_is_split_once_a_sale_and_exempt_lines_have_none(self) -> None:
        # One by one, each of the three would be 3 and nothing.
        three = [(goods(3), 1000) for _ in range(3)]
        stamp = goods(455, exempt=True)
        sale = sell(*three, (stamp, 2000))
        assert (sale.net_minor, sale.vat_minor) == (8, 1)
        assert (sale.exempt_minor, sale.total_minor) == (910, 919)

    def test_the_rate_of_the_day_is_kept_with_the_sale(self) -> None:
        sale = sell((goods(1100), 1000), terms=Terms(vat_bp=1000, rounding=EXACT))
        assert (sale.net_minor, sale.vat_minor, sale.vat_bp) == (1000, 100, 1000)

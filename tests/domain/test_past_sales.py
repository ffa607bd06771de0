"""Past sales from elsewhere: their codes and numbers, and the documents that they become."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.documents import CLARA_RUT, Counter, goods, returned_by, sell

from trastienda.domain import barcode
from trastienda.domain.past_sales import (
    CHUNK_DOCUMENTS,
    CHUNK_LINES,
    MAX_CODE,
    PastDocument,
    PastGood,
    PastLine,
    code_of_name,
    in_chunks,
    number_of,
    only_looks_like_gtin,
    own_number,
    to_return,
    to_return_of,
    to_sale,
)
from trastienda.domain.payments import Method, Payment
from trastienda.domain.products import Product, Unit
from trastienda.domain.sales import Sale

CASH, DEBIT, OWED, OTHER = Method.CASH, Method.DEBIT, Method.OWED, Method.OTHER
VAT_BP = 1900
LONG_AGO_MS = 1_500_000_000_000


def past_line(
    product: Product, quantity_milli: int, total_minor: int, exempt: bool | None = None
) -> PastLine:
    """A line at the price that its total makes of it."""
    unit_price_minor = total_minor * 1000 // quantity_milli
    return PastLine(
        product.code, "Pan", quantity_milli, unit_price_minor, total_minor, exempt
    )


def past(*lines: PastLine, **fields: Any) -> PastDocument:
    """A document of long ago, number 77."""
    defaults: dict[str, Any] = {
        "number": "77",
        "is_return": False,
        "at_ms": LONG_AGO_MS,
    }
    return PastDocument(lines=lines, **(defaults | fields))


def by_key(*products: Product) -> dict[str, Product]:
    return {barcode.key(product.code): product for product in products}


def sale_of(document: PastDocument, *products: Product) -> Sale:
    return to_sale(document, by_key(*products), sale_id=5, vat_bp=VAT_BP)


class TestCodes:
    """Codes for products that came without one."""

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("Pan", "pan"),
            ("  Pan  amasado ", "pan-amasado"),
            ("Té c/leche", "te-c-leche"),
            ("Ñandú №1", "nandu-no1"),
            ("100 % jugo", "100-%-jugo"),
            ("日本", ""),
            ("x" * MAX_CODE, "x" * MAX_CODE),
        ],
    )
    def test_a_name_becomes_a_code_without_spaces_and_accents(
        self, name: str, code: str
    ) -> None:
        assert code_of_name(name) == code

    @pytest.mark.parametrize("length", [MAX_CODE, 60])
    def test_long_names_that_begin_alike_get_codes_of_their_own(
        self, length: int
    ) -> None:
        codes = {code_of_name("x" * length + end) for end in "abc"}
        assert len(codes) == 3
        for code in codes:
            assert len(code) == MAX_CODE
            assert code.startswith("x" * (MAX_CODE - 9) + "-")

    @given(st.text(min_size=1, max_size=80))
    def test_a_code_of_any_name_is_one_that_a_product_can_have(self, name: str) -> None:
        code = code_of_name(name)
        if code and code not in {".", ".."}:
            barcode.check_code(code, in_house=True)

    @pytest.mark.parametrize(
        ("code", "looks"),
        [
            ("7802800013211", True),  # its last digit should be 0
            ("7802800013210", False),
            ("12345", False),
            ("a b", False),
        ],
    )
    def test_a_gtin_with_a_wrong_digit_only_looks_like_one(
        self, code: str, looks: bool
    ) -> None:
        assert only_looks_like_gtin(code) is looks
        if looks:
            product = PastGood(code).to_product(1)
            assert (product.in_house, product.name) == (True, code)

    def test_what_was_sold_in_parts_becomes_a_product_by_weight(self) -> None:
        product = PastGood("Q1", "Queso", 8990, divisible=True, exempt=True)
        made = product.to_product(3)
        figures = (made.unit, made.price_minor, made.exempt, made.stock_milli)
        assert figures == (Unit.KILOGRAM, 8990, True, 0)
        assert PastGood("P1").to_product(4).unit is Unit.PIECE


class TestNumbers:
    """Numbers under which documents go from shop to shop."""

    @pytest.mark.parametrize(
        ("own", "origin", "is_return", "number"),
        [
            (12, None, False, "F12"),
            (12, None, True, "D12"),
            (None, "A-77", False, "A-77"),
            (None, "F12", False, "FF12"),
            (None, "FF12", False, "FFF12"),
            (None, "F12", True, "F12"),
            (None, "F12a", False, "F12a"),
        ],
    )
    def test_a_number_of_this_shop_is_never_taken_for_one_from_elsewhere(
        self, own: int | None, origin: str | None, is_return: bool, number: str
    ) -> None:
        assert number_of(own, origin, is_return=is_return) == number
        assert own_number(number, is_return=is_return) in {(own, origin), (None, None)}

    @pytest.mark.parametrize(
        "number", ["12", "A-77", "F", "F12a", "D12", "F" + "1" * 19]
    )
    def test_a_number_from_elsewhere_is_none_of_ours(self, number: str) -> None:
        assert own_number(number, is_return=False) == (None, None)

    @given(st.integers(0, 10**17), st.booleans())
    def test_an_own_number_comes_back(self, own: int, is_return: bool) -> None:
        number = number_of(own, None, is_return=is_return)
        assert own_number(number, is_return=is_return) == (own, None)

    @given(st.from_regex(r"[FD]{1,3}[0-9]{1,15}", fullmatch=True), st.booleans())
    def test_a_number_from_elsewhere_that_looks_like_ours_comes_back(
        self, origin: str, is_return: bool
    ) -> None:
        number = number_of(None, origin, is_return=is_return)
        if number == origin:
            assert own_number(number, is_return=is_return) == (None, None)
        else:
            assert own_number(number, is_return=is_return) == (None, origin)


class TestChunks:
    """Documents in lists, each the work of one short transaction."""

    @pytest.mark.parametrize(
        ("lines_each", "count", "sizes"),
        [
            (1, 0, []),
            (1, 3, [3]),
            (1, CHUNK_DOCUMENTS, [CHUNK_DOCUMENTS]),
            (1, CHUNK_DOCUMENTS + 1, [CHUNK_DOCUMENTS, 1]),
            (CHUNK_LINES // 2, 3, [2, 1]),
            (CHUNK_LINES // 2 + 1, 3, [1, 1, 1]),
            (CHUNK_LINES + 1, 2, [1, 1]),
        ],
    )
    def test_a_chunk_has_so_many_documents_and_lines_at_most(
        self, lines_each: int, count: int, sizes: list[int]
    ) -> None:
        document = past(*[past_line(goods(), 1000, 1000)] * lines_each)
        chunks = list(in_chunks([document] * count))
        assert [len(chunk) for chunk in chunks] == sizes


class TestSales:
    """A past sale as a sale of the shop."""

    def test_it_has_the_prices_of_its_day_and_no_folio_or_seller(self) -> None:
        bread = goods(5000, cost_minor=300)
        line = PastLine(bread.code, "Pan de ayer", 2000, 1000, 1900)
        sale = sale_of(past(line, customer_rut=CLARA_RUT), bread)
        assert (sale.folio, sale.seller_id, sale.origin_number) == (None, None, "77")
        assert (sale.at_ms, sale.customer_rut) == (LONG_AGO_MS, CLARA_RUT)
        (sold,) = sale.lines
        assert (sold.name, sold.unit_price_minor, sold.cost_minor) == (
            "Pan de ayer",
            1000,
            300,
        )
        assert (sold.total_minor, sold.discount_minor) == (1900, 100)
        assert (sale.net_minor, sale.vat_minor) == (1597, 303)
        assert (sale.rounding_minor, sale.change_minor) == (0, 0)

    def test_its_tax_is_split_once_and_exempt_lines_have_none(self) -> None:
        three = [goods() for _ in range(3)]
        stamp = goods(exempt=True)
        lines = [past_line(product, 1000, 3) for product in three]
        sale = sale_of(past(*lines, past_line(stamp, 1000, 910)), *three, stamp)
        figures = (sale.net_minor, sale.vat_minor, sale.exempt_minor)
        assert figures == (8, 1, 910)

    @pytest.mark.parametrize("said", [None, True, False])
    @pytest.mark.parametrize("of_product", [True, False])
    def test_a_line_is_exempt_as_it_says_or_else_as_its_product(
        self, said: bool | None, of_product: bool
    ) -> None:
        product = goods(exempt=of_product)
        sale = sale_of(past(past_line(product, 1000, 100, said)), product)
        assert sale.lines[0].exempt is (of_product if said is None else said)

    @pytest.mark.parametrize(
        ("paid", "payments"),
        [
            ([], [(CASH, 1000)]),
            ([(DEBIT, None)], [(DEBIT, 1000)]),
            ([(DEBIT, 400), (CASH, 600)], [(DEBIT, 400), (CASH, 600)]),
            ([(DEBIT, 400), (CASH, 590)], [(DEBIT, 400), (CASH, 600)]),  # rounded
            ([(CASH, 2000), (DEBIT, 400)], [(CASH, 600), (DEBIT, 400)]),  # change
            ([(DEBIT, 400), (OTHER, None)], [(DEBIT, 400), (OTHER, 600)]),
            ([(DEBIT, 400), (OTHER, 500)], [(DEBIT, 500), (OTHER, 500)]),
            ([(DEBIT, 1400), (CASH, 0)], [(CASH, 1000)]),
            ([(OWED, None)], [(OWED, 1000)]),
        ],
    )
    def test_it_was_paid_to_the_cent(
        self,
        paid: list[tuple[Method, int | None]],
        payments: list[tuple[Method, int]],
    ) -> None:
        product = goods()
        document = past(
            past_line(product, 1000, 1000), paid=tuple(paid), customer_rut=CLARA_RUT
        )
        sale = sale_of(document, product)
        assert sale.payments == tuple(Payment(*payment) for payment in payments)
        owed_minor = sum(amount for method, amount in payments if method is OWED)
        assert sale.owed_minor == owed_minor

    def test_a_debt_of_nobody_was_paid_somehow(self) -> None:
        product = goods()
        document = past(past_line(product, 1000, 1000), paid=((OWED, None),))
        sale = sale_of(document, product)
        assert (sale.payments, sale.owed_minor) == ((Payment(OTHER, 1000),), 0)

    @given(
        st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
        st.lists(
            st.tuples(st.sampled_from(Method), st.none() | st.integers(0, 10**6)),
            max_size=4,
        ),
    )
    def test_the_equations_of_a_sale_hold(
        self, totals: list[int], paid: list[tuple[Method, int | None]]
    ) -> None:
        products = [goods() for _ in totals]
        lines = [
            past_line(product, 1000, total_minor)
            for product, total_minor in zip(products, totals, strict=True)
        ]
        document = past(*lines, paid=tuple(paid), customer_rut=CLARA_RUT)
        sale = sale_of(document, *products)
        assert sum(line.total_minor for line in sale.lines) == sale.total_minor
        assert sale.total_minor == sale.net_minor + sale.vat_minor + sale.exempt_minor
        paid_minor = sum(payment.amount_minor for payment in sale.payments)
        assert paid_minor == sale.total_minor == sum(totals)


class TestReturns:
    """A past return: of a sale where it fits, and else by itself."""

    def test_one_of_no_known_sale_is_refunded_to_the_cent(self) -> None:
        product = goods()
        line = past_line(product, 1000, 1190)
        document = past(line, is_return=True, reason="roto", paid=((DEBIT, None),))
        back = to_return(document, by_key(product), 9, VAT_BP)
        assert (back.sale_id, back.origin_number, back.reason) == (None, "77", "roto")
        assert (back.net_minor, back.vat_minor, back.total_minor) == (1000, 190, 1190)
        assert (back.method, back.refund_minor, back.rounding_minor) == (DEBIT, 1190, 0)

    def test_a_refund_is_never_a_debt(self) -> None:
        product = goods()
        paid = ((OWED, 500), (DEBIT, 500))
        document = past(past_line(product, 1000, 1000), is_return=True, paid=paid)
        assert to_return(document, by_key(product), 9, VAT_BP).method is DEBIT

    def returned_of(
        self, sale: Sale, product: Product, total_minor: int, **fields: Any
    ) -> Any:
        line = past_line(product, 1000, total_minor)
        document = past(line, is_return=True, **({"at_ms": sale.at_ms} | fields))
        units = {product.id: product.unit}
        return to_return_of(document, sale, returned_by([]), units, 9)

    def test_one_that_fits_its_sale_is_a_return_of_it(self) -> None:
        product = goods(1993)
        sale = sell((product, 3000), payments=[Payment(DEBIT, 5979)])
        back = self.returned_of(sale, product, 1993)
        assert (back.sale_id, back.total_minor, back.refund_minor) == (1, 1993, 1993)
        assert (back.origin_number, back.rounding_minor) == ("77", 0)

    def test_one_of_other_money_time_or_goods_does_not_fit(self) -> None:
        product = goods(1993)
        sale = sell((product, 3000), payments=[Payment(DEBIT, 5979)])
        assert self.returned_of(sale, product, 1994) is None
        assert self.returned_of(sale, product, 1993, at_ms=sale.at_ms - 1) is None
        assert self.returned_of(sale, goods(1993), 1993) is None

    def test_more_than_is_left_does_not_fit(self) -> None:
        product = goods(1993)
        counter = Counter(sell((product, 1000), payments=[Payment(DEBIT, 1993)]))
        counter.give_back()
        document = past(past_line(product, 1000, 1993), is_return=True)
        again = to_return_of(
            document,
            counter.sale,
            returned_by(counter.returns),
            {product.id: product.unit},
            9,
        )
        assert again is None

"""Proof of the books: documents that were decided hold, and each damage to one is found."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.domain.documents import CLARA_RUT, Counter, goods, paid, sell, weighed

from trastienda.domain.payments import Method, Payment
from trastienda.domain.products import Unit
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.verification import (
    Broken,
    Reason,
    Settling,
    broken_debt,
    broken_return,
    broken_returns,
    broken_sale,
)

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED
BREAD, STAMP = goods(1993), goods(455, exempt=True)


def a_sale() -> Sale:
    """Two of a product and one exempt, paid in cash, by card and with 100 owed."""
    payments = paid((OWED, 100), (DEBIT, 2000), (CASH, 3000))
    lines = ((BREAD, 2000), (STAMP, 1000))
    return sell(*lines, payments=payments, customer_rut=CLARA_RUT)


def found(broken: Broken | None) -> tuple[str, Reason, object]:
    """Where it is, what is wrong, and with which field."""
    assert broken is not None
    return broken.table, broken.reason, broken.data.get("field")


class TestSales:
    """What always holds of a sale."""

    def test_a_sale_as_it_was_decided_holds(self) -> None:
        assert broken_sale(a_sale()) is None

    @pytest.mark.parametrize(
        ("field", "named"),
        [
            ("total_minor", "total_minor"),
            ("exempt_minor", "exempt_minor"),
            ("net_minor", "net_minor"),
            ("vat_minor", "vat_minor"),
            ("rounding_minor", "paid"),
            ("change_minor", "paid"),
        ],
    )
    @pytest.mark.parametrize("off_by", [-1, 1])
    def test_each_figure_that_is_off_is_named(
        self, field: str, named: str, off_by: int
    ) -> None:
        sale = a_sale()
        damaged = replace(sale, **{field: getattr(sale, field) + off_by})
        where = found(broken_sale(damaged))
        assert where == ("sales", Reason.DIFFERS, named)

    @pytest.mark.parametrize(
        "field", ["discount_minor", "unit_price_minor", "quantity_milli", "total_minor"]
    )
    def test_a_line_that_is_off_is_named(self, field: str) -> None:
        sale = a_sale()
        bread, stamp = sale.lines
        wrong = replace(stamp, **{field: getattr(stamp, field) + 7})
        broken = broken_sale(replace(sale, lines=(bread, wrong)))
        assert found(broken) == ("sale_lines", Reason.DIFFERS, "discount_minor")
        assert broken is not None
        assert broken.row == "1/1"

    def test_a_sale_has_lines_each_above_zero_and_a_rate_that_exists(self) -> None:
        sale = a_sale()
        assert found(broken_sale(replace(sale, lines=())))[1] is Reason.MISSING
        nothing = replace(
            sale.lines[0], quantity_milli=0, total_minor=0, discount_minor=0
        )
        broken = broken_sale(replace(sale, lines=(nothing,)))
        assert found(broken)[:2] == ("sale_lines", Reason.BELOW_ZERO)
        for vat_bp in (-1, 10_001):
            where = found(broken_sale(replace(sale, vat_bp=vat_bp)))
            assert where == ("sales", Reason.UNREADABLE, "vat_bp")

    def test_a_payment_that_is_off_is_found(self) -> None:
        sale = a_sale()
        payments = (*sale.payments, Payment(DEBIT, 1))
        where = found(broken_sale(replace(sale, payments=payments)))
        assert where == ("sales", Reason.DIFFERS, "paid")


class TestDebts:
    """What is still owed: what was owed, less what was settled and returned."""

    FIRST = Settling(1, tuple(paid((CASH, 50))), 0, 0, 0, 2)
    SECOND = Settling(2, tuple(paid((CASH, 60))), 10, 4, 0, 2)  # covers 46

    def test_a_debt_is_what_settlings_have_left(self) -> None:
        sale = a_sale()
        assert broken_debt(sale, [], []) is None
        left = replace(sale, owed_minor=50)
        assert broken_debt(left, [self.FIRST], []) is None
        left = replace(sale, owed_minor=4)
        assert broken_debt(left, [self.FIRST, self.SECOND], []) is None

    def test_a_return_brings_it_down(self) -> None:
        counter = Counter(a_sale())
        counter.give_back((STAMP.code, 1000))
        assert broken_debt(counter.sale, [], counter.returns) is None

    @pytest.mark.parametrize("owed_minor", [0, 99, 101])
    def test_another_debt_is_found(self, owed_minor: int) -> None:
        damaged = replace(a_sale(), owed_minor=owed_minor)
        where = found(broken_debt(damaged, [], []))
        assert where == ("sales", Reason.DIFFERS, "owed_minor")

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"settlement_no": 2}, Reason.DIFFERS),
            ({"change_minor": -1}, Reason.BELOW_ZERO),
            ({"change_minor": 51}, Reason.BELOW_ZERO),
            ({"payments": (Payment(OWED, 50),)}, Reason.UNREADABLE),
        ],
    )
    def test_a_settling_that_cannot_be_is_found(
        self, change: dict[str, Any], reason: Reason
    ) -> None:
        settling = replace(self.FIRST, **change)
        damaged = replace(a_sale(), owed_minor=50)
        assert found(broken_debt(damaged, [settling], []))[:2] == ("payments", reason)

    def test_more_settled_than_was_owed_is_found(self) -> None:
        settling = replace(self.FIRST, payments=tuple(paid((CASH, 101))))
        where = found(broken_debt(a_sale(), [settling], []))
        assert where[:2] == ("sales", Reason.BELOW_ZERO)


class TestReturns:
    """What always holds of what came back of a sale."""

    def returned(self) -> tuple[Sale, list[Return]]:
        counter = Counter(a_sale())
        counter.give_back((BREAD.code, 1000))
        counter.give_back()
        return counter.sale, counter.returns

    def test_returns_as_they_were_decided_hold(self) -> None:
        sale, returns = self.returned()
        assert broken_returns(sale, [], returns) is None
        for back in returns:
            assert broken_return(back) is None

    @pytest.mark.parametrize(
        ("field", "named"),
        [
            ("total_minor", "total_minor"),
            ("exempt_minor", "exempt_minor"),
            ("net_minor", "net_minor"),
            ("vat_minor", "net_minor"),
            ("rounding_minor", "refund_minor"),
            ("refund_minor", "refund_minor"),
            ("debt_reduced_minor", "refund_minor"),
        ],
    )
    def test_each_figure_that_is_off_is_named(self, field: str, named: str) -> None:
        _, (first, _) = self.returned()
        damaged = replace(first, **{field: getattr(first, field) + 1})
        where = found(broken_return(damaged))
        assert where == ("returns", Reason.DIFFERS, named)

    def test_a_return_has_lines_and_gives_nothing_below_zero(self) -> None:
        _, (first, _) = self.returned()
        assert found(broken_return(replace(first, lines=())))[1] is Reason.MISSING
        for field in ("refund_minor", "debt_reduced_minor"):
            broken = broken_return(replace(first, **{field: -1}))
            assert found(broken)[1] is Reason.BELOW_ZERO

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"position": 2}, Reason.ORPHAN),
            ({"code": "X"}, Reason.DIFFERS),
            ({"cost_minor": 1}, Reason.DIFFERS),
            ({"exempt": True}, Reason.DIFFERS),
            ({"quantity_milli": 0}, Reason.TOO_MUCH_RETURNED),
            ({"quantity_milli": 3000}, Reason.TOO_MUCH_RETURNED),
            ({"total_minor": 1994}, Reason.DIFFERS),
        ],
    )
    def test_a_line_that_is_not_the_sales_is_found(
        self, change: dict[str, Any], reason: Reason
    ) -> None:
        sale, (first, _) = self.returned()
        line = replace(first.lines[0], **change)
        damaged = replace(first, lines=(line,))
        where = found(broken_returns(sale, [], [damaged]))
        assert where[:2] == ("return_lines", reason)

    def test_the_same_return_twice_is_too_much(self) -> None:
        sale, (first, second) = self.returned()
        broken = broken_returns(sale, [], [first, second, first])
        assert found(broken)[1] is Reason.TOO_MUCH_RETURNED

    def test_more_refunded_than_was_paid_is_too_much(self) -> None:
        sale, (first, second) = self.returned()
        generous = replace(second, refund_minor=second.refund_minor + 101)
        broken = broken_returns(sale, [], [first, generous])
        assert found(broken)[:2] == ("returns", Reason.TOO_MUCH_RETURNED)

    def test_a_net_that_is_not_split_of_the_sum_is_found(self) -> None:
        sale, (first, _) = self.returned()
        damaged = replace(
            first, net_minor=first.net_minor + 1, vat_minor=first.vat_minor - 1
        )
        assert broken_return(damaged) is None
        where = found(broken_returns(sale, [], [damaged]))
        assert where == ("returns", Reason.DIFFERS, "net_minor")

    def test_imported_returns_give_no_more_than_the_sale_all_the_same(self) -> None:
        sale, (first, _) = self.returned()
        total_minor = sale.total_minor + 1
        line = replace(first.lines[0], total_minor=total_minor)
        imported = replace(
            first, lines=(line,), total_minor=total_minor, origin_number="D9"
        )
        broken = broken_returns(sale, [], [imported])
        assert found(broken)[:2] == ("returns", Reason.TOO_MUCH_RETURNED)

    def test_an_imported_return_may_have_prices_of_its_own(self) -> None:
        sale, (first, _) = self.returned()
        line = replace(first.lines[0], total_minor=1900)
        imported = replace(first, lines=(line,), total_minor=1900, origin_number="D9")
        assert broken_returns(sale, [], [imported]) is None


@given(st.integers(0, 9999), st.integers(1, 9999), st.integers(1, 9999), st.booleans())
def test_whatever_was_decided_holds(
    price: int, sold_milli: int, piece_milli: int, in_cash: bool
) -> None:
    cheese = weighed(price)
    sale = sell((cheese, sold_milli))
    if not in_cash:
        by_card = paid((DEBIT, sale.total_minor))
        sale = sell((cheese, sold_milli), payments=by_card)
    counter = Counter(sale, Unit.KILOGRAM)
    method = CASH if in_cash else DEBIT
    counter.give_back((cheese.code, min(sold_milli, piece_milli)), method=method)
    if piece_milli < sold_milli:
        counter.give_back(method=method)
    assert broken_sale(sale) is None
    assert broken_returns(sale, [], counter.returns) is None
    for back in counter.returns:
        assert broken_return(back) is None

"""Documents to test with: goods on a shelf, sales of them, and returns of what was sold."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from trastienda.domain import returns, sales
from trastienda.domain.money import CashRounding, cash_rounding_of
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Person
from trastienda.domain.products import Pick, Product, Unit
from trastienda.domain.returns import Return, Returned, ReturnNumbers, ReturnOrder
from trastienda.domain.sales import (
    OrderLine,
    Sale,
    SaleNumbers,
    SaleOrder,
    Shelf,
    Terms,
)

NOW_MS = 1_700_000_000_000
PESOS = cash_rounding_of("CL", "CLP")
TERMS = Terms(vat_bp=1900, rounding=PESOS)
BETO = Person("22222222-2", "Beto")
CLARA_RUT = "33333333-3"
NUMBERS = SaleNumbers(id=1, folio=7, at_ms=NOW_MS, seller_id=2, seller=BETO)
RETURN_NUMBERS = ReturnNumbers(id=1, at_ms=NOW_MS, seller_id=2, seller=BETO)
STOCK_MILLI = 10**9

_product_ids = itertools.count(1)


def goods(price_minor: int = 1000, **fields: Any) -> Product:
    """A new product, plenty of it in stock; its code is ``P`` and its id unless told otherwise."""
    product_id = next(_product_ids)
    product = Product(
        id=product_id,
        code=f"P{product_id}",
        name="Cosa",
        price_minor=price_minor,
        stock_milli=STOCK_MILLI,
    )
    return replace(product, **fields)


def weighed(price_minor: int = 1000, **fields: Any) -> Product:
    """A new product that is sold by the kilogram."""
    return goods(price_minor, unit=Unit.KILOGRAM, **fields)


def shelf_of(*products: Product, labels: Mapping[str, Pick] | None = None) -> Shelf:
    """A shelf with these products, each under its code, and with labels and other spellings."""
    picks = {product.code: Pick(product) for product in products}
    return Shelf(
        picks={**picks, **(labels or {})},
        left_milli={product.id: product.stock_milli for product in products},
        final_prices={product.id: product.final_price(NOW_MS) for product in products},
    )


def order(*lines: tuple[str, int | None], **fields: Any) -> SaleOrder:
    """An order of ``(code, thousandths)``; paid in cash, exactly, unless told otherwise."""
    return SaleOrder(lines=[OrderLine(*line) for line in lines], **fields)


def decide(shelf: Shelf, sale_order: SaleOrder, terms: Terms = TERMS) -> Sale:
    """Decide an order, as Beto's sale number 1."""
    return sales.decide(shelf, sale_order, terms, NUMBERS)


def sell(*lines: tuple[Product, int], terms: Terms = TERMS, **fields: Any) -> Sale:
    """Sell so many thousandths of each product."""
    products = [product for product, _ in lines]
    ordered = [(product.code, quantity_milli) for product, quantity_milli in lines]
    return decide(shelf_of(*products), order(*ordered, **fields), terms)


def paid(*payments: tuple[Method, int]) -> list[Payment]:
    """Payments of ``(method, amount)``."""
    return [Payment(method, amount_minor) for method, amount_minor in payments]


class Counter:
    """Takes back what was sold, one return after another."""

    def __init__(
        self, sale: Sale, unit: Unit = Unit.PIECE, rounding: CashRounding = PESOS
    ) -> None:
        self.sale = sale
        self.returns: list[Return] = []
        self._units = {line.product_id: unit for line in sale.lines}
        self._rounding = rounding

    def give_back(
        self,
        *lines: tuple[str, int | None],
        method: Method = Method.CASH,
        refunds: Sequence[Payment] | None = None,
    ) -> Return:
        """Take back so many thousandths of each code, or all that is left."""
        return_order = ReturnOrder(
            lines=[OrderLine(*line) for line in lines] or None,
            reason="no le gustó",
            method=method,
            refunds=refunds,
        )
        return self.decide(return_order)

    def decide(self, return_order: ReturnOrder) -> Return:
        """Decide a return; it counts for those that follow."""
        decided = returns.decide(
            self.sale,
            return_order,
            returned_by(self.returns),
            self._units,
            self._rounding,
            RETURN_NUMBERS,
        )
        self.returns.append(decided)
        owed_minor = self.sale.owed_minor - decided.debt_reduced_minor
        self.sale = replace(self.sale, owed_minor=owed_minor)
        return decided


def returned_by(earlier: Sequence[Return]) -> Returned:
    """Sum what earlier returns gave."""
    quantity_milli: dict[int, int] = {}
    for back in earlier:
        for line in back.lines:
            before_milli = quantity_milli.get(line.position, 0)
            quantity_milli[line.position] = before_milli + line.quantity_milli
    refunded_minor: dict[Method, int] = {}
    for back in earlier:
        for refund in back.money:
            before_minor = refunded_minor.get(refund.method, 0)
            refunded_minor[refund.method] = before_minor + refund.amount_minor
    debt_minor = sum(back.debt_reduced_minor for back in earlier)
    return Returned(
        quantity_milli=quantity_milli,
        total_minor=sum(back.total_minor for back in earlier),
        exempt_minor=sum(back.exempt_minor for back in earlier),
        net_minor=sum(back.net_minor for back in earlier),
        given_minor=sum(refunded_minor.values()) + debt_minor,
        refunded_minor=refunded_minor,
    )

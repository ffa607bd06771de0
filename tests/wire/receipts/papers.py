"""Receipts of every kind: what a counter sells, in sales of which each shows one thing."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from trastienda.domain.money import split_vat
from trastienda.domain.payments import Method, Payment, settle
from trastienda.domain.people import Person
from trastienda.domain.products import Unit
from trastienda.domain.quantities import amount
from trastienda.domain.receipts import Receipt
from trastienda.domain.returns import (
    Return,
    Returned,
    ReturnNumbers,
    ReturnOrder,
    decide,
)
from trastienda.domain.sales import OrderLine, Sale, SaleLine
from trastienda.domain.shop import Shop
from trastienda.wire.receipts.layout import Layout, lay_out

SHOP = Shop(
    name="Almacén La Esquina",
    rut="76123456-0",
    business="Venta de abarrotes, panadería y fiambrería",
    address="Av. Irarrázaval 1234, Ñuñoa, Santiago",
)
BETO = Person("22222222-2", "Beto")
CLARA_RUT = "33333333-3"
NOON_MS = 1_795_273_200_000
"""21 November 2026, 12:00 in Santiago."""
CASH, DEBIT, CREDIT, OWED = Method.CASH, Method.DEBIT, Method.CREDIT, Method.OWED


def line(
    name: str,
    milli: int,
    price_minor: int,
    off_minor: int = 0,
    *,
    exempt: bool = False,
    of: int = 1,
) -> SaleLine:
    return SaleLine(
        of,
        f"C{of}",
        name,
        milli,
        price_minor,
        off_minor,
        amount(milli, price_minor) - off_minor,
        0,
        exempt,
    )


def sale(
    *lines: SaleLine,
    shop: Shop = SHOP,
    payments: Sequence[Payment] | None = None,
    **more: Any,
) -> Sale:
    total_minor = sum(one.total_minor for one in lines)
    exempt_minor = sum(one.total_minor for one in lines if one.exempt)
    net_minor, vat_minor = split_vat(total_minor - exempt_minor, shop.vat_bp)
    settled = settle(total_minor, payments, shop.rounding)
    fields: dict[str, Any] = {
        "id": 128,
        "folio": 127,
        "at_ms": NOON_MS,
        "seller_id": 2,
        "seller": BETO,
        "buyer_id": None,
        "customer_rut": CLARA_RUT if settled.owed_minor else None,
        "lines": lines,
        "net_minor": net_minor,
        "vat_minor": vat_minor,
        "exempt_minor": exempt_minor,
        "total_minor": total_minor,
        "rounding_minor": settled.rounding_minor,
        "payments": settled.payments,
        "change_minor": settled.change_minor,
        "owed_minor": settled.owed_minor,
        "vat_bp": shop.vat_bp,
    }
    return Sale(**fields | more)


def back(
    of: Sale, *lines: tuple[str, int], method: Method = CASH, number: int = 7
) -> Return:
    """What comes back an hour later; without lines, all of it."""
    order = ReturnOrder(
        lines=[OrderLine(code, milli) for code, milli in lines] or None,
        reason="no le gusta",
        method=method,
    )
    units = {one.product_id: Unit.KILOGRAM for one in of.lines}
    numbers = ReturnNumbers(number, NOON_MS + 3_600_000, 2, BETO)
    return decide(of, order, Returned({}), units, SHOP.rounding, numbers)


BREAD = line("Pan de molde", 1000, 1990, of=1)
MILK = line("Leche entera 1 L", 2000, 1190, of=2)
CHEESE = line("Queso gauda granel", 350, 9990, 350, of=3)
STAMP = line("Estampilla", 3000, 455, of=4, exempt=True)
OIL = line("Aceite de oliva", 1000, 8990, 900, of=5)
UNITS = {1: Unit.PIECE, 2: Unit.PIECE, 3: Unit.KILOGRAM, 4: Unit.PIECE, 5: Unit.PIECE}

LETTERS = "Ñandú, pingüino y café: ¿áéíóú? ¡ÁÉÍÓÚÜ! 5 €"
FOREIGN = "Чай 🍵 日本茶"
LONG = "Galletas " + "integrales con chips de chocolate y avena " * 5 + "x" * 36
HOSTILE = "<script>alert(1)</script> & \"'</style><img src=x onerror=alert(1)>"
ESCAPES = "Pan\x1b@\x1dV\x00\x1b]0;dueño\x07\x9b31m\u202e\u2028ya\r\nmismo"

OWING = sale(BREAD, MILK, payments=[Payment(OWED, 4370)])
MIXED = sale(BREAD, MILK, CHEESE, payments=[Payment(DEBIT, 3000), Payment(CASH, 5000)])

RECEIPTS: dict[str, Receipt] = {
    "plain": Receipt(sale(BREAD), [], SHOP),
    "discount": Receipt(sale(OIL, MILK), [], SHOP),
    "mixed": Receipt(MIXED, [], SHOP),
    "weighed": Receipt(
        sale(CHEESE, payments=[Payment(CREDIT, CHEESE.total_minor)]), [], SHOP
    ),
    "exempt": Receipt(sale(STAMP, BREAD), [], SHOP),
    "owing": Receipt(OWING, [], SHOP),
    "settled": Receipt(
        sale(
            BREAD,
            MILK,
            payments=[Payment(OWED, 1370), Payment(CASH, 2000), Payment(DEBIT, 1000)],
        ),
        [],
        SHOP,
    ),
    "returned": Receipt(MIXED, [back(MIXED, ("C2", 1000))], SHOP),
    "annulled": Receipt(replace(OWING, owed_minor=0), [back(OWING)], SHOP),
    "imported": Receipt(
        sale(
            BREAD,
            folio=None,
            seller=None,
            seller_id=None,
            origin_number="A-536365",
            id=9,
        ),
        [],
        SHOP,
    ),
    "letters": Receipt(sale(line(LETTERS, 1000, 990)), [], SHOP),
    "foreign": Receipt(sale(line(FOREIGN, 1000, 990)), [], SHOP),
    "long": Receipt(sale(line(LONG, 12_000, 99_990)), [], SHOP),
    "hostile": Receipt(sale(line(HOSTILE, 1000, 990)), [], SHOP),
    "escapes": Receipt(sale(line(ESCAPES, 1000, 990)), [], SHOP),
    "gift": Receipt(sale(line("Bolsa", 1000, 0)), [], Shop(name=LONG[:200], rut=None)),
    "huge": Receipt(sale(line("Oro", 999_999_999_999, 9_000_000)), [], SHOP),
    "pounds": Receipt(
        sale(line("Loaf", 1000, 255)),
        [],
        Shop(name="The Corner", country="GB", currency="GBP", timezone="Europe/London"),
    ),
}
"""One for each thing that a receipt can show."""


def layout_of(name: str) -> Layout:
    return lay_out(RECEIPTS[name], UNITS)

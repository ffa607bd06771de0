"""What stands on a receipt."""

from itertools import pairwise

import pytest
from msgspec.structs import replace
from tests.wire.receipts.papers import (
    BREAD,
    CASH,
    CHEESE,
    DEBIT,
    MIXED,
    OWING,
    RECEIPTS,
    SHOP,
    UNITS,
    back,
    layout_of,
    sale,
)

from trastienda.domain.payments import Payment
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.shop import Shop
from trastienda.wire import written
from trastienda.wire.receipts.layout import (
    Centred,
    Code,
    Heading,
    Layout,
    Row,
    Stamp,
    Total,
    lay_out,
)

DISCLAIMER = "Comprobante interno, no válido como boleta"


def rows(layout: Layout) -> list[tuple[str, str]]:
    return [
        (block.left, block.right)
        for block in layout.blocks
        if isinstance(block, Row | Total)
    ]


def texts(layout: Layout) -> list[str]:
    return [
        block.text
        for block in layout.blocks
        if isinstance(block, Heading | Centred | Stamp)
    ]


def of(receipt: Receipt) -> list[tuple[str, str]]:
    return rows(lay_out(receipt, UNITS))


def test_a_receipt_begins_with_the_shop_and_says_it_is_no_boleta() -> None:
    assert texts(layout_of("plain")) == [
        "Almacén La Esquina",
        "Venta de abarrotes, panadería y fiambrería",
        "RUT 76.123.456-0",
        "Av. Irarrázaval 1234, Ñuñoa, Santiago",
        DISCLAIMER,
        "Gracias por tu compra",
    ]


def test_outside_chile_a_receipt_does_not_mention_boletas() -> None:
    assert [text for text in texts(layout_of("pounds")) if "boleta" in text] == []


def test_a_receipt_has_moment_and_seller_and_ends_with_its_code() -> None:
    layout = layout_of("plain")
    assert rows(layout)[:2] == [
        ("Folio 127", "21-11-2026 12:00"),
        ("Atendió: Beto", ""),
    ]
    assert layout.blocks[-1] == Code("TRASTIENDA.V.128", "Venta 128")
    assert layout.title == "Folio 127 · Almacén La Esquina"


def test_one_piece_takes_one_row() -> None:
    assert of(RECEIPTS["plain"])[2:4] == [
        ("Pan de molde", "$1.990"),
        ("TOTAL", "$1.990"),
    ]


def test_a_discount_is_below_its_line_and_the_column_adds_up() -> None:
    printed = of(RECEIPTS["discount"])
    assert printed[2:8] == [
        ("Aceite de oliva", "$8.990"),
        ("Descuento", "-$900"),
        ("Leche entera 1 L", "$2.380"),
        ("2 × $1.190", ""),
        ("TOTAL", "$10.470"),
        ("Efectivo", "$10.470"),
    ]
    assert ("Ahorraste", "$900") in printed


def test_weighed_goods_show_their_weight_and_unit() -> None:
    assert of(RECEIPTS["weighed"])[2:5] == [
        ("Queso gauda granel", "$3.497"),
        ("0,350 kg × $9.990", ""),
        ("Descuento", "-$350"),
    ]


@pytest.mark.parametrize(
    ("milli", "unit", "shown"),
    [
        (1000, Unit.KILOGRAM, "1 kg"),
        (1500, Unit.LITRE, "1,500 l"),
        (1500, None, "1,5"),
        (3000, None, "3"),
        (250_000, Unit.GRAM, "250 g"),
        (12_000, Unit.PIECE, "12"),
    ],
)
def test_quantities_have_a_decimal_comma_and_their_unit(
    milli: int, unit: Unit | None, shown: str
) -> None:
    sold = sale(replace(CHEESE, quantity_milli=milli))
    units = {} if unit is None else {CHEESE.product_id: unit}
    assert (f"{shown} × $9.990", "") in rows(lay_out(Receipt(sold, [], SHOP), units))


def test_mixed_payments_show_rounding_methods_and_change() -> None:
    printed = of(RECEIPTS["mixed"])
    start = printed.index(("TOTAL", "$7.517"))
    assert printed[start + 1 : start + 6] == [
        ("Redondeo", "$3"),
        ("A pagar", "$7.520"),
        ("Tarjeta de débito", "$3.000"),
        ("Efectivo", "$5.000"),
        ("Vuelto", "$480"),
    ]


def test_payments_by_the_same_method_are_summed() -> None:
    sold = sale(
        BREAD, payments=[Payment(DEBIT, 500), Payment(CASH, 0), Payment(DEBIT, 1490)]
    )
    printed = of(Receipt(sold, [], SHOP))
    assert [row for row in printed if row[0] in {"Tarjeta de débito", "Efectivo"}] == [
        ("Tarjeta de débito", "$1.990")
    ]


def test_exempt_goods_are_marked_among_others_and_summed() -> None:
    printed = of(RECEIPTS["exempt"])
    assert ("Estampilla (exento)", "$1.365") in printed
    assert printed[-3:] == [
        ("Neto", "$1.672"),
        ("IVA 19 %", "$318"),
        ("Exento", "$1.365"),
    ]


def test_a_debt_shows_its_customer_and_the_amount_owed() -> None:
    printed = of(RECEIPTS["settled"])
    assert ("Cliente: RUT 33.333.333-3", "") in printed
    start = printed.index(("TOTAL", "$4.370"))
    assert printed[start + 1 : start + 4] == [
        ("Efectivo", "$2.000"),
        ("Tarjeta de débito", "$1.000"),
        ("PENDIENTE DE PAGO", "$1.370"),
    ]


def test_a_debt_reduced_by_a_return_shows_both_amounts() -> None:
    returned = back(OWING, ("C1", 1000))
    printed = of(Receipt(replace(OWING, owed_minor=2380), [returned], SHOP))
    assert ("Quedó pendiente", "$4.370") in printed
    assert ("PENDIENTE DE PAGO", "$2.380") in printed
    assert printed[-1] == ("Rebajado de lo pendiente", "$1.990")


def test_a_return_shows_its_goods_and_its_refund() -> None:
    assert of(RECEIPTS["returned"])[-4:] == [
        ("DEVOLUCIÓN 7", "21-11-2026 13:00"),
        ("1 × Leche entera 1 L", "-$1.190"),
        ("Total devuelto", "-$1.190"),
        ("Entregado: efectivo", "$1.190"),
    ]


def test_every_return_has_its_section() -> None:
    both = [
        back(MIXED, ("C1", 1000), number=1),
        back(MIXED, ("C3", 100), method=DEBIT, number=2),
    ]
    printed = of(Receipt(MIXED, both, SHOP))
    assert [left for left, _ in printed if left.startswith("DEVOLUCIÓN")] == [
        "DEVOLUCIÓN 1",
        "DEVOLUCIÓN 2",
    ]
    assert ("0,100 kg Queso gauda granel", "-$899") in printed
    assert ("Entregado: tarjeta de débito", "$899") in printed


def test_a_receipt_is_annulled_only_if_everything_was_returned() -> None:
    assert "ANULADA" in texts(layout_of("annulled"))
    assert "Gracias por tu compra" not in texts(layout_of("annulled"))
    assert [name for name in RECEIPTS if "ANULADA" in texts(layout_of(name))] == [
        "annulled"
    ]
    piecewise = [
        back(MIXED, ("C1", 1000)),
        back(MIXED, ("C2", 2000)),
        back(MIXED, ("C3", 350)),
    ]
    assert not Receipt(MIXED, piecewise[:2], SHOP).annulled
    assert Receipt(MIXED, piecewise, SHOP).annulled


def test_an_imported_sale_has_its_old_number_and_no_seller() -> None:
    printed = of(RECEIPTS["imported"])
    assert printed[:2] == [
        ("N° de origen A-536365", "21-11-2026 12:00"),
        ("Pan de molde", "$1.990"),
    ]


def test_control_characters_are_left_out() -> None:
    names = [left for left, _ in of(RECEIPTS["escapes"])]
    assert "Pan@ V]0;dueño31m ya mismo" in names


def test_long_names_are_not_cut() -> None:
    name = RECEIPTS["long"].sale.lines[0].name
    assert len(name) == 255
    assert name in [left for left, _ in of(RECEIPTS["long"])]


def test_a_gift_has_no_empty_section() -> None:
    blocks = layout_of("gift").blocks
    assert not any(block == following for block, following in pairwise(blocks))


@pytest.mark.parametrize(
    ("shop", "minor", "shown"),
    [
        (Shop(), -1_234_567, "-$1.234.567"),
        (Shop(country="MX", currency="MXN"), 123_456, "$1,234.56"),
        (Shop(country="ES", currency="EUR"), 5, "€0,05"),
        (Shop(country="PE", currency="PEN"), 100_000, "S/ 1,000.00"),
        (Shop(country="CH", currency="CHF"), 1005, "CHF 10,05"),
        (Shop(country="KW", currency="KWD"), 1005, "KWD 1,005"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_money_is_written_as_in_the_shops_country(
    shop: Shop, minor: int, shown: str
) -> None:
    assert written.money(minor, shop) == shown

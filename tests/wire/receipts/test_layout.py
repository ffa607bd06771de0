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
        (one.left, one.right) for one in layout.blocks if isinstance(one, Row | Total)
    ]


def texts(layout: Layout) -> list[str]:
    return [
        one.text for one in layout.blocks if isinstance(one, Heading | Centred | Stamp)
    ]


def of(receipt: Receipt) -> list[tuple[str, str]]:
    return rows(lay_out(receipt, UNITS))


def test_it_begins_with_the_shop_and_says_what_it_is_not() -> None:
    assert texts(layout_of("plain")) == [
        "Almacén La Esquina",
        "Venta de abarrotes, panadería y fiambrería",
        "RUT 76.123.456-0",
        "Av. Irarrázaval 1234, Ñuñoa, Santiago",
        DISCLAIMER,
        "¡Gracias por su compra!",
    ]


def test_elsewhere_than_in_chile_it_says_nothing_of_boletas() -> None:
    assert [text for text in texts(layout_of("pounds")) if "boleta" in text] == []


def test_it_tells_when_and_by_whom_and_ends_with_its_code() -> None:
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


def test_a_discount_stands_beneath_its_line_and_the_column_adds_up() -> None:
    told = of(RECEIPTS["discount"])
    assert told[2:8] == [
        ("Aceite de oliva", "$8.990"),
        ("Descuento", "-$900"),
        ("Leche entera 1 L", "$2.380"),
        ("2 × $1.190", ""),
        ("TOTAL", "$10.470"),
        ("Efectivo", "$10.470"),
    ]
    assert ("Usted ahorró", "$900") in told


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
def test_quantities_are_written_as_people_write_them(
    milli: int, unit: Unit | None, shown: str
) -> None:
    one = sale(replace(CHEESE, quantity_milli=milli))
    units = {} if unit is None else {CHEESE.product_id: unit}
    assert (f"{shown} × $9.990", "") in rows(lay_out(Receipt(one, [], SHOP), units))


def test_mixed_payments_show_rounding_each_means_and_the_change() -> None:
    told = of(RECEIPTS["mixed"])
    start = told.index(("TOTAL", "$7.517"))
    assert told[start + 1 : start + 6] == [
        ("Redondeo", "$3"),
        ("A pagar", "$7.520"),
        ("Tarjeta de débito", "$3.000"),
        ("Efectivo", "$5.000"),
        ("Vuelto", "$480"),
    ]


def test_payments_by_the_same_means_are_summed() -> None:
    one = sale(
        BREAD, payments=[Payment(DEBIT, 500), Payment(CASH, 0), Payment(DEBIT, 1490)]
    )
    told = of(Receipt(one, [], SHOP))
    assert [row for row in told if row[0] in {"Tarjeta de débito", "Efectivo"}] == [
        ("Tarjeta de débito", "$1.990")
    ]


def test_exempt_goods_are_marked_beside_others_and_summed() -> None:
    told = of(RECEIPTS["exempt"])
    assert ("Estampilla (exento)", "$1.365") in told
    assert told[-3:] == [("Neto", "$1.672"), ("IVA 19 %", "$318"), ("Exento", "$1.365")]


def test_a_debt_names_its_customer_and_what_is_still_owed() -> None:
    told = of(RECEIPTS["settled"])
    assert ("Cliente: RUT 33.333.333-3", "") in told
    start = told.index(("TOTAL", "$4.370"))
    assert told[start + 1 : start + 4] == [
        ("Efectivo", "$2.000"),
        ("Tarjeta de débito", "$1.000"),
        ("PENDIENTE DE PAGO", "$1.370"),
    ]


def test_a_debt_that_a_return_brought_down_shows_both_what_was_owed_and_what_is() -> (
    None
):
    returned = back(OWING, ("C1", 1000))
    told = of(Receipt(replace(OWING, owed_minor=2380), [returned], SHOP))
    assert ("Quedó pendiente", "$4.370") in told
    assert ("PENDIENTE DE PAGO", "$2.380") in told
    assert told[-1] == ("Rebajado de lo pendiente", "$1.990")


def test_a_return_shows_what_came_back_and_how_it_was_given_back() -> None:
    assert of(RECEIPTS["returned"])[-4:] == [
        ("DEVOLUCIÓN 7", "21-11-2026 13:00"),
        ("1 × Leche entera 1 L", "-$1.190"),
        ("Total devuelto", "-$1.190"),
        ("Entregado: efectivo", "$1.190"),
    ]


def test_every_return_has_its_part() -> None:
    both = [
        back(MIXED, ("C1", 1000), number=1),
        back(MIXED, ("C3", 100), method=DEBIT, number=2),
    ]
    told = of(Receipt(MIXED, both, SHOP))
    assert [left for left, _ in told if left.startswith("DEVOLUCIÓN")] == [
        "DEVOLUCIÓN 1",
        "DEVOLUCIÓN 2",
    ]
    assert ("0,100 kg Queso gauda granel", "-$899") in told
    assert ("Entregado: tarjeta de débito", "$899") in told


def test_it_is_annulled_only_where_everything_came_back() -> None:
    assert "ANULADA" in texts(layout_of("annulled"))
    assert "¡Gracias por su compra!" not in texts(layout_of("annulled"))
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
    told = of(RECEIPTS["imported"])
    assert told[:2] == [
        ("N° de origen A-536365", "21-11-2026 12:00"),
        ("Pan de molde", "$1.990"),
    ]


def test_what_only_machines_see_is_left_out() -> None:
    names = [left for left, _ in of(RECEIPTS["escapes"])]
    assert "Pan@ V]0;dueño31m ya mismo" in names


def test_nothing_is_cut_off() -> None:
    name = RECEIPTS["long"].sale.lines[0].name
    assert len(name) == 255
    assert name in [left for left, _ in of(RECEIPTS["long"])]


def test_a_gift_has_no_empty_part() -> None:
    blocks = layout_of("gift").blocks
    assert not any(one == other for one, other in pairwise(blocks))


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
def test_money_is_written_the_shops_way(shop: Shop, minor: int, shown: str) -> None:
    assert written.money(minor, shop) == shown

"""Receipts as plain text."""

import pytest
from tests.wire.receipts.papers import RECEIPTS, layout_of
from tests.wire.receipts.pictures import codes_in, picture_of_text

from trastienda.wire.receipts import text
from trastienda.wire.receipts.media import COLUMNS
from trastienda.wire.receipts.wrapping import columns_of

PLAIN_32 = """\
       Almacén La Esquina
Venta de abarrotes, panadería y
           fiambrería
        RUT 76.123.456-0
  Av. Irarrázaval 1234, Ñuñoa,
            Santiago
--------------------------------
 Comprobante interno, no válido
          como boleta
Folio 127       21-11-2026 12:00
Atendió: Beto
--------------------------------
Aceite de oliva           $8.990
  Descuento                -$900
Leche entera 1 L          $2.380
  2 × $1.190
--------------------------------
TOTAL                    $10.470
Efectivo                 $10.470
--------------------------------
  Neto                    $8.798
  IVA 19 %                $1.672
  Ahorraste                 $900
--------------------------------
     Gracias por tu compra
"""


def drawn(name: str, columns: int) -> str:
    return text.render([layout_of(name)], columns).decode()


def test_the_text_of_a_receipt() -> None:
    assert drawn("discount", 32).startswith(PLAIN_32)


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", RECEIPTS)
def test_no_line_is_wider_than_the_paper(name: str, columns: int) -> None:
    assert [
        line for line in drawn(name, columns).splitlines() if columns_of(line) > columns
    ] == []


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", RECEIPTS)
def test_the_code_can_be_scanned(name: str, columns: int) -> None:
    assert codes_in(picture_of_text(drawn(name, columns))) == [
        f"TRASTIENDA.V.{RECEIPTS[name].sale.id}"
    ]


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_long_name_is_wrapped_and_complete(columns: int) -> None:
    receipt = drawn("long", columns)
    name = RECEIPTS["long"].sale.lines[0].name
    lines = receipt[receipt.index("Galletas") : receipt.index("12 ×")].replace(
        "$1.199.880", ""
    )
    assert "".join(lines.split()) == "".join(name.split())


def test_several_receipts_follow_each_other() -> None:
    receipt = text.render([layout_of("plain"), layout_of("imported")], 48).decode()
    assert codes_in(picture_of_text(receipt)) == [
        "TRASTIENDA.V.128",
        "TRASTIENDA.V.9",
    ]


def test_no_receipts_are_no_text() -> None:
    assert text.render([], 48) == b""

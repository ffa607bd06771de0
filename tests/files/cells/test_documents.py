"""What kind of document a row is of."""

import pytest

from trastienda.files.cells.documents import (
    Role,
    document_type_in,
    is_void_state,
    number_in_full,
    says_void,
)


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Boleta", "Boleta", Role.SALE),
        ("BOLETA ELECTRÓNICA", "Boleta", Role.SALE),
        ("39", "Boleta", Role.SALE),
        ("T039", "Boleta", Role.SALE),
        ("33 - Factura electrónica", "Factura", Role.SALE),
        ("Boleta Exenta Electrónica", "Boleta exenta", Role.SALE),
        ("41", "Boleta exenta", Role.SALE),
        ("34", "Factura exenta", Role.SALE),
        ("Factura no afecta o exenta electrónica", "Factura exenta", Role.SALE),
        ("56", "Nota de débito", Role.SALE),
        ("61", "Nota de crédito", Role.RETURN),
        ("Nota de Crédito Electrónica", "Nota de crédito", Role.RETURN),
        ("N/C", "Nota de crédito", Role.RETURN),
        ("Credit note", "Nota de crédito", Role.RETURN),
        ("Sale", "", Role.SALE),
        ("Refund", "", Role.RETURN),
        ("Devolución", "", Role.RETURN),
        ("", "", Role.SALE),
        ("Vale de caja", "Vale de caja", Role.SALE),
        ("52", "Guía de despacho", Role.NO_SALE),
        ("Guía de despacho electrónica", "Guía de despacho", Role.NO_SALE),
        ("Factura de compra", "Factura de compra", Role.NO_SALE),
        ("Nota de venta", "Nota de venta", Role.SALE),
        ("Boleta con despacho", "Boleta", Role.SALE),
        ("Boleta de un pedido", "Boleta", Role.SALE),
        ("Cotización", "Cotización", Role.NO_SALE),
    ],
)
def test_a_type_is_known_by_its_code_or_its_words(
    text: str, name: str, role: Role
) -> None:
    found = document_type_in(text)
    assert (found.name, found.role) == (name, role)


def test_exempt_documents_say_so() -> None:
    exempt = [document_type_in(text).exempt for text in ("34", "41", "33", "Sale")]
    assert exempt == [True, True, None, None]


@pytest.mark.parametrize(
    "text",
    ["Anulada", "ANULADO", "Nula", "nulo", "Void", "Voided", "Cancelled", "Canceled"],
)
def test_a_void_state_is_known(text: str) -> None:
    assert is_void_state(text)


@pytest.mark.parametrize(
    "text", ["", "Vigente", "Pagada", "Closed", "No anulada", "Cancelada"]
)
def test_any_other_state_counts(text: str) -> None:
    assert not is_void_state(text)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Factura rectificativa", Role.RETURN),
        ("Nota de abono", Role.RETURN),
        ("Albarán", Role.NO_SALE),
        ("Orden de compra", Role.NO_SALE),
        ("801", Role.NO_SALE),
        ("Pedido", Role.NO_SALE),
        ("Merma", Role.NO_SALE),
        ("Traspaso", Role.NO_SALE),
        ("Cierre de caja", Role.NO_SALE),
        ("Abono", Role.NO_SALE),
    ],
)
def test_what_is_no_sale_is_known(text: str, role: Role) -> None:
    assert document_type_in(text).role is role


def test_a_column_of_void_documents_may_hold_the_word_or_the_day() -> None:
    assert [says_void(text) for text in ("NULA", "14/02/2025", "00", "-")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_column_may_ask_whether_it_is_void() -> None:
    assert [says_void(text) for text in ("Sí", "x", "no", "", "0")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        (("100", "", "", ""), "100"),
        (("100", "Boleta", "", ""), "Boleta 100"),
        (("Boleta 100", "Boleta", "", ""), "Boleta 100"),
        (("15", "", "2", ""), "15, caja 2"),
        (("15", "", "Caja 2", "Centro"), "15, Caja 2, Centro"),
        (("15", "Factura", "1", "3"), "Factura 15, caja 1, sucursal 3"),
    ],
)
def test_type_and_till_are_part_of_the_number(
    parts: tuple[str, str, str, str], number: str
) -> None:
    assert number_in_full(*parts) == number

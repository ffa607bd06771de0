"""The header of a table, found among its first rows."""

import pytest

from trastienda.files.tables.column_names import KINDS
from trastienda.files.tables.header_fields import KnownHeaders
from trastienda.files.tables.table import find_header

KNOWN = KnownHeaders(KINDS)


def records(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (
            "Código;Producto;Precio;;Stock\n;;Costo;Venta;\nA;a;1;2;3",
            "Código;Producto;Precio Costo;Precio Venta;Stock",
        ),
        (
            ";;Precio;;\nCódigo;Producto;Costo;Venta;Stock\nA;a;1;2;3",
            "Código;Producto;Precio Costo;Precio Venta;Stock",
        ),
        (
            "Código;Producto;Precio;Precio;Stock;\n;;Compra;Venta;Actual;Mínimo\nA;a;1;2;3;4",
            "Código;Producto;Precio Compra;Precio Venta;Stock Actual;Stock Mínimo",
        ),
        (
            "LISTA DE PRECIOS 2026;;\n;;\nCódigo;Producto;Precio\nABARROTES;;\nA;a;1",
            "Código;Producto;Precio",
        ),
        ("Código;Producto;Precio;\nA;Stock;1;Venta", "Código;Producto;Precio;"),
    ],
)
def test_a_header_may_have_two_rows(text: str, header: str) -> None:
    match = find_header(records(text), KNOWN)
    assert match.header == header.split(";")

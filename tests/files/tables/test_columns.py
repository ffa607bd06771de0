"""Which column holds which field: found by its header, or said with ``--map``."""

from pathlib import Path

import pytest

from trastienda.files.tables.column_names import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
    VOCABULARIES,
)
from trastienda.files.tables.columns import (
    find_columns,
    map_option,
    missing_columns,
    parse_column_map,
)
from trastienda.files.tables.table import FileRefused, Row, Table, header_key


class Headers(Table):
    """A table with a header, and the rows that it is given."""

    def __init__(self, *header: str, cells: list[list[str]] | None = None) -> None:
        super().__init__(Path("tabla"), header, 0)
        self.row_cells = cells or []

    def rows(self, tell: object = None) -> "list[Row]":  # type: ignore[override]
        return [Row(line, cells) for line, cells in enumerate(self.row_cells, 2)]


def test_a_mapped_column_and_the_others_found_by_header() -> None:
    table = Headers("SKU", "Glosa", "Lo que vale", "Foto")
    found = find_columns(table, PRODUCTS, parse_column_map(["Lo que vale=precio"]))
    assert found.positions == {"code": 0, "name": 1, "price": 2}
    assert found.unused == ["Foto"]


def test_the_column_map_goes_before_headers_and_can_ignore_a_column() -> None:
    table = Headers("Precio", "Oferta", "Nombre", "Stock")
    found = find_columns(
        table, PRODUCTS, parse_column_map(["oferta = precio", "STOCK="])
    )
    assert found.positions == {"price": 1, "name": 2}
    assert found.unused == ["Precio", "Stock"]


def test_a_header_may_contain_an_equals_sign() -> None:
    table = Headers("a=b", "Nombre")
    found = find_columns(table, PRODUCTS, parse_column_map(["a=b=precio"]))
    assert found.positions["price"] == 0


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            ["Valor=precio"],
            "no hay una columna «Valor»; las columnas son: «SKU», «Nombre»",
        ),
        (
            ["SKU=color"],
            "no hay un campo «color» de productos; los campos son: codigo_barras, nombre, precio",
        ),
        (["SKU=nombre", "Nombre=nombre"], "«nombre» está dicho dos veces"),
        (["SKU"], "se escribe COLUMNA=campo"),
    ],
)
def test_an_unknown_column_or_field_is_refused_with_the_known_ones(
    said: list[str], answer: str
) -> None:
    with pytest.raises(FileRefused, match=answer):
        find_columns(Headers("SKU", "Nombre"), PRODUCTS, parse_column_map(said))


def test_every_field_is_known_by_its_word_in_map_and_header() -> None:
    for kind in KINDS:
        vocabulary = VOCABULARIES[kind]
        assert vocabulary.words.keys() <= vocabulary.headers.keys()
        for field, word in vocabulary.words.items():
            said = find_columns(Headers("x"), kind, parse_column_map([f"x={word}"]))
            assert said.positions == {field: 0}
            by_header = find_columns(Headers(word), kind)
            assert by_header.positions == {field: 0}, header_key(word)


def test_past_sales_have_their_own_fields() -> None:
    found = find_columns(
        Headers("N°", "Producto"), PAST_SALES, parse_column_map(["N°=numero"])
    )
    assert found.positions == {"number": 0, "name": 1}


PRODUCT_SPELLINGS = {
    "code": "Cód. Barra;Código de Barra;Codigo Barra;Cod. de Barras;C. Barra;C. Barra(s);"
    "CodBarra;Barra;Barras;Código EAN;EAN-13/UPC;Código de producto;Cód. Prod.;"
    "Código (de) artículo;Código artículo;GTIN, UPC, EAN, or ISBN",
    "stock": "Stock Actual;STOCK ACT.;Stock inicial;Stock disponible;Existencia actual;"
    "Existencia(s) actual(es);Cant.;Saldo;Disponible;Inventario inicial;Cantidad en stock;"
    "Unidades en stock;Stock (un);Cantidad a la mano;En inventario [Centro];location_stock;"
    "In stock [Centro];Stock al 31/12/2025;Stock físico;Conteo",
    "min_stock": "Stock crítico;Inventario bajo [Centro];Low stock [Centro];Stock Mín.;"
    "Existencia mínima;Punto de reorden;Stock de seguridad",
    "cost": "P. Costo;P.Costo;P. Compra;Costo unit.;Costo neto;Último costo;Costo prom.;"
    "Precio de costo;Valor compra;Costo (CLP);Precio (costo)",
    "name": "Nombre del producto;Descripción del producto;Artículo;Item Name;Producto/Servicio",
    "price": "Precio unit.;P. Unitario;Precio final;Precio c/IVA;Precio con IVA;P. Venta;"
    "Precio público;Precio al público;Precio bruto;Precio normal;Precio por defecto;"
    "Default price;Regular price;Precio (CLP);Precio $;P.V.P.;Precio Venta (IVA inc.);"
    "Precio c/u;Sale price;PRECIO 2026",
    "category": "Familia;Depto.;Categoría de producto;Categories",
    "unit": "Unid.;U. Medida;U.M.;UdM",
}


@pytest.mark.parametrize(
    ("field", "header"),
    [
        (field, header)
        for field, headers in PRODUCT_SPELLINGS.items()
        for header in headers.split(";")
    ],
)
def test_headers_are_known_by_their_words(field: str, header: str) -> None:
    assert find_columns(Headers(header), PRODUCTS).positions == {field: 0}


@pytest.mark.parametrize(
    "header",
    [
        "Neto", "P. Neto", "Precio sin IVA", "Precio s/IVA", "Precio + IVA",
        "Precio (neto)", "Precio oferta", "Precio mayorista", "Precio (caja)",
        "Precio mínimo", "Precio 1", "Código proveedor", "Código de categoría",
        "Cantidad por caja", "Quantity of included item", "Stock $", "Desc. %",
        "Available for sale [Centro]", "Costo total", "N°", "Foto",
    ],
)  # fmt: skip
def test_what_means_something_else_is_not_guessed(header: str) -> None:
    assert find_columns(Headers(header), PRODUCTS).positions == {}


def test_past_sales_are_known_by_their_words_as_well() -> None:
    headers = "Nro. Boleta;Fecha de venta;Cód. Barra;Cant.;P. Unit.;Total de la línea"
    found = find_columns(Headers(*headers.split(";")), PAST_SALES)
    fields = ("number", "date", "code", "quantity", "price", "total")
    assert {field: found.positions[field] for field in fields} == {
        field: position for position, field in enumerate(fields)
    }


@pytest.mark.parametrize(
    ("headers", "field", "best"),
    [
        ("Código;Código de Barra;Nombre;Precio", "code", "Código de Barra"),
        ("SKU;Barcode;Name;Price", "code", "Barcode"),
        ("Código Interno;EAN;Nombre;Precio", "code", "EAN"),
        ("Código;Descripción;Nombre;Precio", "name", "Nombre"),
        ("Código;Artículo;Precio", "name", "Artículo"),
        ("Artículo;Descripción;Precio", "code", "Artículo"),
        ("Artículo;Precio", "name", "Artículo"),
        ("Código;Producto;Precio;Precio Venta", "price", "Precio Venta"),
        ("SKU;Name;Sale price;Regular price", "price", "Regular price"),
        ("SKU;Name;Price;Sale price", "price", "Price"),
        ("P. Neto;P. Bruto;Producto", "price", "P. Bruto"),
        ("Familia;Categoría;Producto;Precio", "category", "Categoría"),
    ],
)
def test_the_more_exact_header_is_taken(headers: str, field: str, best: str) -> None:
    table = Headers(*headers.split(";"))
    found = find_columns(table, PRODUCTS)
    assert table.header[found.positions[field]] == best


def test_of_equal_headers_the_importer_says_which() -> None:
    table = Headers("Producto", "Precio Venta", "Precio Público")
    with pytest.raises(
        FileRefused,
        match='--map "Precio Venta=precio" o --map "Precio Público=precio"',
    ):
        find_columns(table, PRODUCTS)
    found = find_columns(table, PRODUCTS, (("Precio Público", "precio"),))
    assert (found.positions["price"], found.unused) == (2, ["Precio Venta"])
    found = find_columns(table, PRODUCTS, (("Precio Público", ""),))
    assert found.positions["price"] == 1


def test_an_empty_column_is_no_rival() -> None:
    table = Headers("Precio", "Producto", "Precio", cells=[["", "a", "1"]])
    assert find_columns(table, PRODUCTS).positions["price"] == 2


def test_a_header_that_stands_twice_is_refused() -> None:
    with pytest.raises(FileRefused, match="«Precio» está repetida; cámbiale el nombre"):
        find_columns(Headers("Precio", "Producto", "PRECIO"), PRODUCTS)


def test_numbers_are_no_names() -> None:
    table = Headers(
        "Código de barras", "Artículo", "Descripción", cells=[["780", "1001", "Miel"]]
    )
    assert find_columns(table, PRODUCTS).positions == {"code": 0, "name": 2}


def test_an_internal_code_is_a_flag_only_where_it_is_yes_or_no() -> None:
    headers = ("Código Interno", "Nombre")
    flags = Headers(*headers, cells=[["si", "a"], ["", "b"], ["no", "c"]])
    assert find_columns(flags, PRODUCTS).positions == {"name": 1, "in_house": 0}
    codes = Headers(*headers, cells=[["1", "a"], ["101", "b"]])
    assert find_columns(codes, PRODUCTS).positions == {"code": 0, "name": 1}


def test_what_is_lacking_names_the_columns_that_may_hold_it() -> None:
    table = Headers("Producto", "P. Neto")
    refusal = missing_columns(table, ["el precio"], find_columns(table, PRODUCTS))
    assert "«P. Neto» parece un precio sin IVA" in str(refusal)
    assert '--map "P. Neto=precio"' in str(refusal)


def test_a_map_is_written_as_a_shell_takes_it() -> None:
    assert map_option("Lo que\nvale", "precio") == '--map "Lo que vale=precio"'
    assert map_option("$ Venta", "") == "--map '$ Venta='"

"""Which column holds which field: found by its header, or said with ``--map``."""

from pathlib import Path

import pytest

from trastienda.files.tables.column_names import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
    VOCABULARIES,
)
from trastienda.files.tables.columns import find_columns, parse_column_map
from trastienda.files.tables.table import FileRefused, Row, Table, header_key


class Headers(Table):
    """A table with a header and no rows."""

    def __init__(self, *header: str) -> None:
        super().__init__(Path("tabla"), header, 0)

    def rows(self, tell: object = None) -> "list[Row]":  # type: ignore[override]
        return []


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

"""Which column holds what: guessed, and said."""

from pathlib import Path

import pytest

from trastienda.files.tables.columns import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
    find,
    given_in,
    of_kind,
)
from trastienda.files.tables.table import FileRefused, Row, Table, header_key


class Headers(Table):
    """A table of which nothing but the header matters."""

    def __init__(self, *header: str) -> None:
        super().__init__(Path("tabla"), header, 0)

    def rows(self, tell: object = None) -> "list[Row]":  # type: ignore[override]
        return []


def test_a_column_may_be_said_and_the_rest_is_guessed() -> None:
    table = Headers("SKU", "Glosa", "Lo que vale", "Foto")
    found = find(table, PRODUCTS, given_in(["Lo que vale=precio"]))
    assert found.places == {"code": 0, "name": 1, "price": 2}
    assert found.unused == ["Foto"]


def test_what_is_said_goes_before_what_would_be_guessed_and_a_column_can_be_left_alone() -> (
    None
):
    table = Headers("Precio", "Oferta", "Nombre", "Stock")
    found = find(table, PRODUCTS, given_in(["oferta = precio", "STOCK="]))
    assert found.places == {"price": 1, "name": 2}
    assert found.unused == ["Precio", "Stock"]


def test_a_header_may_hold_the_sign() -> None:
    assert (
        find(Headers("a=b", "Nombre"), PRODUCTS, given_in(["a=b=precio"])).places[
            "price"
        ]
        == 0
    )


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
def test_what_is_not_there_is_named_with_what_is(said: list[str], answer: str) -> None:
    with pytest.raises(FileRefused, match=answer):
        find(Headers("SKU", "Nombre"), PRODUCTS, given_in(said))


def test_every_field_can_be_said_in_the_words_of_the_exports() -> None:
    for kind in KINDS:
        names, words = of_kind(kind)
        assert words.keys() <= names.keys()
        for field, word in words.items():
            assert find(Headers("x"), kind, given_in([f"x={word}"])).places == {
                field: 0
            }
            assert find(Headers(word), kind).places == {field: 0}, header_key(word)


def test_sales_have_fields_of_their_own() -> None:
    found = find(Headers("N°", "Producto"), PAST_SALES, given_in(["N°=numero"]))
    assert found.places == {"number": 0, "name": 1}

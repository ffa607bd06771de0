"""Codes as spreadsheets and templates dress them up."""

import pytest

from trastienda.files.cells.codes import code_in, dressed, undressed
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import TYPED_MARK

HONEY = "7804567000014"


@pytest.mark.parametrize(
    "text",
    [
        "7804567000014",
        " 7804567000014\u00a0",
        "7804567000014.0",
        "7804567000014,00",
        "'7804567000014",
        "’7804567000014",
        '="7804567000014"',
        '="7804567000014.0"',
        '\'="7804567000014"',
        '="\'7804567000014"',
        "7 804567 000014",
        "7\u00a0804567\u202f000014",
        "7.804.567.000.014",
        "7.804.567.000.014,00",
        "7,804,567,000,014.00",
        "7-804567-000014",
        "7–804567–000014",
        "\ufeff7804567000014\u200b",
        f"7804567000014{TYPED_MARK}0",
    ],
)
def test_a_barcode_is_found_under_what_dresses_it_up(text: str) -> None:
    assert code_in(text, "Miel") == HONEY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0 36000 29145 2", "036000291452"),
        ("96-38-5074", "96385074"),
        ("1 780456700001 1", "17804567000011"),
    ],
)
def test_barcodes_of_every_length_are_found(text: str, code: str) -> None:
    assert undressed(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("101.0", "101"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ("A-1.0", "A-1.0"),
        ("1.000", "1.000"),
        ("7.0.0", "7.0.0"),
        ("7804567000015", "7804567000015"),
        ("7-804567-000015", "7-804567-000015"),
        ("pan amasado", "pan-amasado"),
        ("-5", "-5"),
    ],
)
def test_what_is_no_barcode_keeps_its_signs(text: str, code: str) -> None:
    assert undressed(text) == code


@pytest.mark.parametrize("code", ["5E12", "950E2862", "5e3", "1E100"])
def test_a_code_with_an_e_is_a_code(code: str) -> None:
    assert code_in(code, "Tornillo") == code


@pytest.mark.parametrize("text", ["7,80457E+12", "7.80457E+12", "7.8E12", "8E+12"])
def test_a_code_that_the_spreadsheet_rounded_is_refused(text: str) -> None:
    with pytest.raises(BadCell, match="lo cambió la planilla"):
        code_in(text, "Miel")


@pytest.mark.parametrize(
    "code",
    [
        HONEY,
        "00123",
        "'00123",
        "''x",
        '="5"',
        "101.0",
        "7-804567-000014",
        "7.8E12",
        "pan-amasado",
    ],
)
def test_a_code_of_a_shop_comes_back_from_its_export(code: str) -> None:
    assert code_in(dressed(code), "Miel") == code


def test_only_a_code_that_looks_dressed_up_is_marked() -> None:
    assert dressed("A-1.0") == "A-1.0"
    assert dressed("101.0") == "''101.0"


def test_a_reason_shows_a_number_as_people_write_it() -> None:
    error = BadCell(f"la fecha «45994{TYPED_MARK}427» no es una fecha")
    assert str(error) == "la fecha «45994,427» no es una fecha"

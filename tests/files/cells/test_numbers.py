"""Numbers as people write them."""

import pytest

from trastienda.files.cells.numbers import (
    MarkEvidence,
    WrittenNumber,
    choose_mark,
    parse_number,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1990", WrittenNumber(1990)),
        ("-3", WrittenNumber(-3)),
        ("(3)", WrittenNumber(-3)),
        ("$ 1990", WrittenNumber(1990)),
        ("-$1990", WrittenNumber(-1990)),
        ("CLP 1990", WrittenNumber(1990)),
        ("£2.55", WrittenNumber(255, 2, proven_mark=".")),
        ("2,55 €", WrittenNumber(255, 2, proven_mark=",")),
        ("1.990,50", WrittenNumber(199050, 2, proven_mark=",")),
        ("1,990.50", WrittenNumber(199050, 2, proven_mark=".")),
        ("1.234.567", WrittenNumber(1234567, proven_mark=",")),
        ("$1.234.567.-", WrittenNumber(1234567, proven_mark=",")),
        ("1 234 567", WrittenNumber(1234567)),
        ("0,350", WrittenNumber(350, 3, proven_mark=",")),
        ("1234.567", WrittenNumber(1234567, 3, proven_mark=".")),
        (".5", WrittenNumber(5, 1, proven_mark=".")),
        ("1.990", WrittenNumber(1990, open_mark=".")),
        ("1,990", WrittenNumber(1990, open_mark=",")),
    ],
)
def test_numbers_and_what_they_prove_about_the_decimal_mark(
    text: str, number: WrittenNumber
) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1.2.3",
        "1,2,3",
        "1.23,4.5",
        "12.34.567",
        "--",
        "1e5",
        "9" * 31,
        "1/2",
        "٣",
    ],
)
def test_a_text_that_is_no_number_gives_none(text: str) -> None:
    assert parse_number(text) is None


def marks(*texts: str, no_decimals: bool = False) -> MarkEvidence:
    seen = MarkEvidence(no_decimals=no_decimals)
    for text in texts:
        seen.observe(text)
    return seen


def test_the_whole_column_decides_an_open_number() -> None:
    mark = choose_mark(marks("1.990", "2,5"), marks())
    with_point, with_comma = parse_number("1.990"), parse_number("1,990")
    assert with_point is not None
    assert with_comma is not None
    assert with_point.scale_with(mark) == 0
    assert with_comma.scale_with(mark) == 3


def test_in_a_currency_without_decimals_three_digits_are_thousands() -> None:
    assert choose_mark(marks("1.990", no_decimals=True), marks()) == ","
    assert choose_mark(marks("1.990"), marks()) is None


def test_a_column_without_proof_takes_its_neighbours_mark() -> None:
    assert choose_mark(marks("1.500"), marks("1.990,50")) == ","


def test_a_column_that_contradicts_itself_stays_open() -> None:
    assert choose_mark(marks("2.5", "2,5"), marks("1,5")) is None

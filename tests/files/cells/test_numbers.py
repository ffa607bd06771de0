"""Numbers as people write them."""

import pytest

from trastienda.files.cells.numbers import Marks, Numeral, decide, numeral


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1990", Numeral(1990)),
        ("-3", Numeral(-3)),
        ("(3)", Numeral(-3)),
        ("$ 1990", Numeral(1990)),
        ("-$1990", Numeral(-1990)),
        ("CLP 1990", Numeral(1990)),
        ("£2.55", Numeral(255, 2, proves=".")),
        ("2,55 €", Numeral(255, 2, proves=",")),
        ("1.990,50", Numeral(199050, 2, proves=",")),
        ("1,990.50", Numeral(199050, 2, proves=".")),
        ("1.234.567", Numeral(1234567, proves=",")),
        ("$1.234.567.-", Numeral(1234567, proves=",")),
        ("1 234 567", Numeral(1234567)),
        ("0,350", Numeral(350, 3, proves=",")),
        ("1234.567", Numeral(1234567, 3, proves=".")),
        (".5", Numeral(5, 1, proves=".")),
        ("1.990", Numeral(1990, open=".")),
        ("1,990", Numeral(1990, open=",")),
    ],
)
def test_a_number_tells_what_it_is_and_what_it_proves(
    text: str, found: Numeral
) -> None:
    assert numeral(text) == found


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
def test_what_is_no_number_is_none(text: str) -> None:
    assert numeral(text) is None


def marks(*texts: str, whole: bool = False) -> Marks:
    found = Marks(whole=whole)
    for text in texts:
        found.see(text)
    return found


def test_the_whole_column_decides_what_an_open_number_means() -> None:
    mark = decide(marks("1.990", "2,5"), marks())
    assert [numeral("1.990").scale_with(mark), numeral("1,990").scale_with(mark)] == [  # type: ignore[union-attr]
        0,
        3,
    ]


def test_a_currency_without_decimals_makes_three_digits_thousands() -> None:
    assert decide(marks("1.990", whole=True), marks()) == ","
    assert decide(marks("1.990"), marks()) is None


def test_a_column_that_proves_nothing_takes_what_its_neighbour_proves() -> None:
    assert decide(marks("1.500"), marks("1.990,50")) == ","


def test_a_column_that_contradicts_itself_decides_nothing() -> None:
    assert decide(marks("2.5", "2,5"), marks("1,5")) is None

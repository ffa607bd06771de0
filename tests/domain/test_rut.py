"""RUT: its check digit, its spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.errors import Invalid
from trastienda.domain.rut import check_digit, normalise

KNOWN = {
    1: "9",
    12345678: "5",
    11111111: "1",
    22222222: "2",
    76086428: "5",
    60803000: "K",
    20000003: "K",
    10: "8",
}
NUMBERS = st.integers(1, 999_999_999)


@pytest.mark.parametrize(("number", "digit"), KNOWN.items())
def test_the_check_digit_is_modulo_eleven(number: int, digit: str) -> None:
    assert check_digit(number) == digit


@given(NUMBERS)
def test_every_spelling_is_normalised(number: int) -> None:
    digit = check_digit(number)
    one = f"{number}-{digit}"
    dotted = f"{number:,}".replace(",", ".")
    spellings = [one, f"{number}{digit}", f" {one}\t", one.lower()]
    if number < 100_000_000 or dotted.count(".") == 2:
        spellings += [f"{dotted}-{digit}", f"{dotted}{digit}"] if "." in dotted else []
    spellings += [
        f"{number}{dash}{digit}" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"
    ]
    for spelling in spellings:
        assert normalise(spelling) == one
    assert normalise(normalise(one)) == one


@given(NUMBERS, st.sampled_from("0123456789K"))
def test_a_wrong_check_digit_is_refused(number: int, digit: str) -> None:
    if digit == check_digit(number):
        return
    with pytest.raises(Invalid) as refusal:
        normalise(f"{number}-{digit}")
    assert (refusal.value.field, refusal.value.reason) == ("rut", "rut_check_digit")


@given(st.integers(100_000, 99_999_999), st.data())
def test_a_wrong_or_swapped_figure_changes_the_check_digit(
    number: int, data: st.DataObject
) -> None:
    figures = list(str(number))
    place = data.draw(st.integers(0, len(figures) - 2))
    figures[place], figures[place + 1] = figures[place + 1], figures[place]
    other = int("".join(figures))
    if other != number:
        assert check_digit(other) != check_digit(number)


def test_zeros_in_front_are_dropped() -> None:
    assert normalise("012345678-5") == "12345678-5"
    assert normalise("000000001-9") == "1-9"
    assert normalise("0012345678-5") == "12345678-5"
    assert normalise("0012345678–5") == "12345678-5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "5",
        "K",
        "0-0",
        "00-0",
        "1--9",
        "1-9-9",
        "1-",
        "-9",
        "a1-9",
        "1-9a",
        "1 -9",
        "12.34.5678-5",
        "1.2345.678-5",
        "1234567890-1",
        "12,345,678-5",
        "0" * 50 + "12345678-5",
        "\uff11-9",
        "1-\u212a",
        "1-9\x00",
        "\u0661-9",
        "12345678 5",
        "." * 50,
    ],
)
def test_a_text_that_is_no_rut_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        normalise(text)


@given(st.text(max_size=20))
def test_any_text_is_a_rut_or_refused(text: str) -> None:
    try:
        one = normalise(text, "customer")
    except Invalid:
        return
    number, digit = one.split("-")
    assert check_digit(int(number)) == digit

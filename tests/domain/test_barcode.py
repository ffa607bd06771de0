"""Barcodes: check digits, codes that are one code, in-store labels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.barcode import (
    DEFAULT_LABELS,
    Label,
    LabelLayout,
    check_code,
    check_digit,
    is_gtin,
    key,
    read_label,
)
from trastienda.domain.errors import Invalid

REAL = [
    "96385074",
    "036000291452",
    "4006381333931",
    "7802800013210",
    "10012345678902",
    "9780306406157",
]
DIGITS = st.text("0123456789", min_size=7, max_size=13)


@pytest.mark.parametrize("code", REAL)
def test_the_codes_of_real_goods_are_right(code: str) -> None:
    assert is_gtin(code)
    check_code(code, in_house=False)


@pytest.mark.parametrize("code", REAL)
def test_each_other_last_digit_is_wrong(code: str) -> None:
    for digit in set("0123456789") - {code[-1]}:
        with pytest.raises(Invalid) as refusal:
            check_code(code[:-1] + digit, in_house=False)
        assert refusal.value.data == {"expected": code[-1]}
        check_code(code[:-1] + digit, in_house=True)


@given(DIGITS)
def test_the_weighted_sum_is_a_multiple_of_ten(digits: str) -> None:
    code = digits + check_digit(digits)
    assert (
        sum(
            int(figure) * (1, 3)[place % 2]
            for place, figure in enumerate(reversed(code))
        )
        % 10
        == 0
    )


@pytest.mark.parametrize(
    "code",
    [
        "1",
        "123456789",
        "12345678901",
        "123456789012345",
        "A2345678",
        "1234567a",
        "~",
        "-",
    ],
)
def test_a_code_of_another_length_or_with_letters_needs_no_check_digit(
    code: str,
) -> None:
    check_code(code, in_house=False)


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "a b",
        "a/b",
        "/",
        ".",
        "..",
        "ñ",
        "a\x7f",
        "a\n",
        "x" * 49,
        "\uff11",
        "\u200b1",
    ],
)
@pytest.mark.parametrize("in_house", [True, False])
def test_what_no_address_could_hold_is_no_code(code: str, in_house: bool) -> None:
    with pytest.raises(Invalid) as refusal:
        check_code(code, in_house=in_house)
    assert refusal.value.reason == "code_shape"


def test_a_upc_a_and_the_same_with_a_zero_in_front_are_one_code() -> None:
    assert key("036000291452") == key("0036000291452")
    assert key("36000291452") != key("036000291452")
    assert key("12345678901a") == "12345678901a"


@given(st.text("0123456789", min_size=1, max_size=14))
def test_no_other_two_codes_are_one(code: str) -> None:
    assert key(code) == (code if len(code) != 12 else "0" + code)
    assert key(key(code)) == key(code)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_by_default_a_label_holds_five_digits_of_code_and_five_of_grams(
    code: int, grams: int
) -> None:
    digits = f"20{code:05d}{grams:05d}"
    assert read_label(digits + check_digit(digits), DEFAULT_LABELS) == Label(
        f"{code:05d}", grams=grams
    )


@given(
    st.integers(20, 29),
    st.integers(3, 6),
    st.sampled_from(["weight", "price"]),
    st.data(),
)
def test_a_layout_says_where_the_code_ends_and_what_follows(
    prefix: int, length: int, holds: str, data: st.DataObject
) -> None:
    code = data.draw(st.integers(0, 10**length - 1))
    value = data.draw(st.integers(0, 10 ** (10 - length) - 1))
    digits = f"{prefix}{code:0{length}d}{value:0{10 - length}d}"
    told = read_label(
        digits + check_digit(digits), (LabelLayout(str(prefix), holds, length),)
    )
    expected = Label(
        f"{code:0{length}d}", **{"grams" if holds == "weight" else "price_minor": value}
    )
    assert told == expected


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2000042003500x",
        "200004200350",
        "2000042003501",
        "7802800013210",
        "2100042003509",
    ],
)
def test_what_is_no_label_of_the_shop_is_none(code: str) -> None:
    assert read_label(code, DEFAULT_LABELS) is None


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        (("19",), "labels.prefix"),
        (("30",), "labels.prefix"),
        (("2",), "labels.prefix"),
        (("200",), "labels.prefix"),
        (("2\u0660",), "labels.prefix"),
        (("20", "length"), "labels.holds"),
        (("20", "weight", 2), "labels.code_digits"),
        (("20", "weight", 7), "labels.code_digits"),
    ],
)
def test_a_layout_that_no_scale_prints_is_refused(
    given_: tuple[Any, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        LabelLayout(*given_)
    assert refusal.value.field == field

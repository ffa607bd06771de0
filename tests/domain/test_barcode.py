"""Barcodes: check digits, codes that are one code, in-store labels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.barcode import (
    DEFAULT_LABELS,
    Label,
    LabelLayout,
    Measure,
    check_code,
    check_digit,
    is_gtin,
    key,
    keys,
    named,
    own_code,
    read_label,
    read_measures,
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


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("07804567000014", "7804567000014"),
        ("00036000291452", "0036000291452"),
        ("00000096385074", "96385074"),
        ("0000096385074", "96385074"),
        ("17804567000011", "17804567000011"),
        ("07804567000015", "07804567000015"),
        ("01234567890123", "01234567890123"),
    ],
)
def test_zeros_that_only_fill_up_a_right_code_do_not_count(
    spelling: str, code: str
) -> None:
    assert key(spelling) == code


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234514", "012100003454"),
        ("01234523", "012200003453"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("11234543", "112340000053"),
    ],
)
def test_a_upc_e_is_its_upc_a(upc_e: str, upc_a: str) -> None:
    check = check_digit(upc_a[:-1])
    upc_e, upc_a = upc_e[:-1] + check, upc_a[:-1] + check
    assert key(upc_e) == key(upc_a) == "0" + upc_a
    check_code(upc_e, in_house=False)


def test_eight_digits_that_are_right_twice_are_an_ean_8_if_there_is_one() -> None:
    both, upc_a = "01234565", "0012345000065"
    assert keys(both) == (both, upc_a)
    assert named({both: "short", upc_a: "long"}, both) == "short"
    assert named({upc_a: "long"}, both) == "long"


@pytest.mark.parametrize("code", ["04252615", "24252614", "12345670", "96385074"])
def test_eight_digits_that_are_no_upc_e_stay_as_they_are(code: str) -> None:
    assert key(code) == code


SCANNED = [
    "(01)07804567000014(10)ABC(17)270101",
    "(01) 07804567000014 (17) 270101 (10) A/B(2)",
    "(17)270101(10)ABC(01)07804567000014",
    "0107804567000014",
    "01078045670000141727010110ABC",
    "010780456700001410ABC\x1d17270101",
    "1727010110ABC\x1d0107804567000014",
    "\x1d010780456700001410ABC",
    "]C1010780456700001410ABC",
    "]C1\x1d010780456700001410ABC",
    "]d2010780456700001410ABC\x1d2112345",
    "]Q3010780456700001410ABC",
    "]e00107804567000014",
    "]E07804567000014",
    "]E3780456700001412",
    "https://id.gs1.org/01/07804567000014",
    "HTTPS://ejemplo.cl/leche/01/7804567000014/10/ABC?17=270101",
    "ejemplo.cl/gtin/07804567000014#ficha",
    "]Q1https://id.gs1.org/01/07804567000014?3103=001250",
]
"""One item, as scanners send it."""


@pytest.mark.parametrize("code", SCANNED)
def test_what_scanners_send_for_a_gs1_symbol_is_the_code_of_the_item(code: str) -> None:
    assert key(code) == own_code(code) == "7804567000014"


@pytest.mark.parametrize(
    "code", ["]E496385074", "]E004252614", "(01)00000096385074", "]I107804567000014"]
)
def test_a_code_is_known_behind_what_scanners_put_in_front(code: str) -> None:
    assert key(code) in {"96385074", "0042100005264", "7804567000014"}


@pytest.mark.parametrize(
    "code",
    [
        "0107804567000015",
        "01078045670000141727",
        "0107804567000014ABC",
        "0207804567000014",
        "(10)ABC",
        "(SUR)0107804567000014",
        "estante-01/7804567000014",
        "1" * 48,
        "PAN-DE-MOLDE-INTEGRAL",
    ],
)
def test_what_only_resembles_a_gs1_symbol_is_a_code_of_its_own(code: str) -> None:
    assert key(code) == own_code(code) == code


def test_a_symbol_with_a_wrong_check_digit_is_refused_by_it() -> None:
    with pytest.raises(Invalid) as refusal:
        check_code(own_code("(01)07804567000015(10)ABC"), in_house=False)
    assert refusal.value.data == {"expected": "4"}


@given(st.text("0123456789", min_size=1, max_size=14))
def test_the_key_of_a_key_is_itself(code: str) -> None:
    assert key(key(code)) == key(code)
    if len(code) not in {8, 12, 13, 14}:
        assert key(code) == code


@given(st.text(st.sampled_from("]CdQE()0123456789\x1d/:?=.hA"), max_size=40))
def test_any_text_has_a_key(text: str) -> None:
    assert key(text) in keys(text)
    read_measures(text)


def test_an_exact_match_wins_over_another_spelling() -> None:
    products = {"7804567000014": "first", "07804567000014": "second"}
    assert named(products, "07804567000014") == "second"
    assert named(products, "(01)07804567000014") == "first"
    assert named(products, "7804567000021") is None


@pytest.mark.parametrize(
    ("fields", "measures"),
    [
        ("(3103)001250", {Measure.KILOGRAMS: 1250}),
        ("(3100)000002", {Measure.KILOGRAMS: 2000}),
        ("(3104)000015", {Measure.KILOGRAMS: 2}),
        ("(3152)000150(30)12", {Measure.LITRES: 1500, Measure.PIECES: 12_000}),
        ("(3111)000025", {Measure.METRES: 2500}),
        ("(3202)000100(10)3103", {}),
    ],
)
def test_a_symbol_may_say_how_much_is_in_the_pack(
    fields: str, measures: dict[Measure, int]
) -> None:
    assert read_measures(f"(01)97804567000017{fields}") == measures


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

"""Names that people write: cleaned, limited, folded."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.errors import Invalid
from trastienda.domain.text import (
    MAX_NAME,
    clean,
    fold,
    in_one,
    search_words,
    searchable,
    words_in_one,
)


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("Pan", "Pan"),
        ("  Pan amasado \n", "Pan amasado"),
        ("Cafe\u0301", "Café"),
        ("\u00a0Té\u2003", "Té"),
        ("x" * MAX_NAME, "x" * MAX_NAME),
        (" " * 50 + "x" * MAX_NAME, "x" * MAX_NAME),
        ("👩‍🍳 casero", "👩‍🍳 casero"),
        ("می\u200cخرم", "می\u200cخرم"),
        ("Pan \u202e000.1$", "Pan 000.1$"),
        ("\u2068Ana\u2069 \u200e\u202a\u202c", "Ana"),
        ("Pa\u200bn\ufeff\u2060\xad", "Pan"),
        ("P\u200da\u200c\u200dn\u200d", "Pan"),
        ("\u3164Pa\u2800n\u115f \u1160\uffa0", "Pan"),
        ("\ufe0f\u200d\ufe0fPan \ufe0f", "Pan"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("a" + "\u0316" * 150, "a" + "\u0316" * 8),
    ],
)
def test_a_text_is_composed_and_loses_the_spaces_around_it(
    text: str, tidy: str
) -> None:
    assert clean(text, "name") == tidy


@pytest.mark.parametrize(
    ("text", "reason", "data"),
    [
        ("", "must_not_be_empty", {}),
        (" \t\n", "must_not_be_empty", {}),
        ("\u200b\u202e\u200d", "must_not_be_empty", {}),
        *[
            (blank, "must_not_be_empty", {})
            for blank in "\u034f\u115f\u1160\u17b4\u2000\u200a\u2800\u3164\ufe0f\uffa0"
        ],
        ("\u3164\u200d\ufe0f \u2800\u180b", "must_not_be_empty", {}),
        ("a\u2028b", "control_characters", {}),
        ("x" * (MAX_NAME + 1), "too_long", {"limit": MAX_NAME}),
        ("a\x00b", "control_characters", {}),
        ("a\nb", "control_characters", {}),
        ("a\x1b[2Jb", "control_characters", {}),
        ("a\x7fb", "control_characters", {}),
        ("a\x85b", "control_characters", {}),
        ("a\ud800b", "control_characters", {}),
    ],
)
def test_an_unfit_text_is_refused_with_its_reason(
    text: str, reason: str, data: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        clean(text, "name")
    complaint = refusal.value
    assert (complaint.field, complaint.reason, complaint.data) == ("name", reason, data)


def test_a_text_may_be_empty_or_longer_where_that_is_said() -> None:
    assert clean("  ", "category", empty=True) == ""
    assert clean("x" * 2000, "reason", limit=2000) == "x" * 2000
    with pytest.raises(Invalid):
        clean("xx", "mark", limit=1)


@given(st.text(max_size=50))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    try:
        tidy = clean(text, "name", empty=True)
    except Invalid:
        return
    assert clean(tidy, "name", empty=True) == tidy
    assert unicodedata.is_normalized("NFC", tidy)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("AZAFRÁN", "azafran"),
        ("Ñandú", "nandu"),
        ("Straße", "strasse"),
        ("ﬁdeos", "fideos"),
        ("m²", "m2"),
        ("", ""),
    ],
)
def test_accents_and_case_do_not_matter_in_a_search(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs"], max_codepoint=0x24F)))
def test_upper_and_lower_case_are_found_alike(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.upper().lower())


@pytest.mark.parametrize(
    ("name", "as_one", "words"),
    [
        ("Coca-Cola 1,5 L", "cocacola1.5l", " cocacola1.5l cola1.5l 1.5l l "),
        ("Pan", "pan", " pan "),
        ("7 Up", "7up", " 7up up "),
        ("Lay’s", "lays", " lays s "),
        ("Clavo 1/2 25 mm", "clavo1/2/25mm", " clavo1/2/25mm 1/2/25 2/25mm 25mm mm "),
        ("A B C D E", "abcde", " abcde bcd cde de e "),
        ("%", "", "  "),
    ],
)
def test_words_may_be_written_as_one(name: str, as_one: str, words: str) -> None:
    assert in_one(name) == as_one
    assert words_in_one(name) == words


def test_a_decimal_has_a_point_and_other_marks_are_left() -> None:
    assert searchable("Jugo 1,5 L, 0,75 y 3,") == "jugo 1.5 l, 0.75 y 3,"


def test_a_word_with_a_sign_in_it_is_looked_for_as_it_stands() -> None:
    assert search_words("Coca-Cola 100% m&m 1,5") == [
        ("coca-cola", "cocacola"),
        ("100%", ""),
        ("m&m", ""),
        ("1.5", "1.5"),
    ]
    assert search_words("  ") == []

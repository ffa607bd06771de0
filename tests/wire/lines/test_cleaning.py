"""What people type, made fit for somebody else's terminal."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trastienda.domain.visible_text import BLANK, MAX_MARKS, SELECTORS
from trastienda.wire.lines.cleaning import clean

untimed = settings(deadline=None)

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ESCAPE = "\x1b"

HOSTILE = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=5),
        st.sampled_from(
            [*TURNING, *"\u200b\u200c\u200d\u2028\u2029\ufeff\xad\t\r\n\x00\x7f\x85 "]
        ),
        st.sampled_from(
            [
                ESCAPE,
                "\x9b",
                "\x9d",
                "\x90",
                "\x9c",
                "\x07",
                "[",
                "]",
                "0;",
                "31m",
                "\\",
                "O",
                "(",
            ]
        ),
        st.sampled_from(
            [
                "\u0301",
                "\u0316",
                "\u0344",
                "\u0f73",
                "e",
                "\u1100",
                "\u1161",
                "\u11a8",
                "\U0001d165",
            ]
        ),
        st.characters(categories=["Cs", "Cf", "Cc", "Mn", "Zs"]),
        st.sampled_from([*sorted(BLANK), *SELECTORS[:30], "\u200d"]),
        st.just("\u0301\u0316" * MAX_MARKS),
    ),
    max_size=30,
).map("".join)


def is_hidden(one: str) -> bool:
    return one in BLANK | set(TURNING) or (
        unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and one not in "\u200c\u200d"
    )


@untimed
@given(HOSTILE)
def test_no_hidden_character_is_left(text: str) -> None:
    cleaned = clean(text)
    assert not any(map(is_hidden, cleaned))
    assert cleaned == cleaned.strip()


@untimed
@given(HOSTILE)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@untimed
@given(HOSTILE)
def test_a_clean_text_is_in_nfc_with_few_marks(text: str) -> None:
    cleaned = clean(text)
    kinds = "".join(unicodedata.category(one)[0] for one in cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(len(run) <= MAX_MARKS for run in re.findall("M+", kinds))


def test_exactly_the_hidden_characters_are_removed() -> None:
    wrong = []
    for one in map(chr, range(0x110000)):
        left = clean(f"a{one}b")
        if one in "\t\n\v\f\r\x85\u2028\u2029":
            right = left == "a b"
        elif is_hidden(one):
            # An introducer without the rest takes no more than what belongs to it.
            right = left == "ab" or (one in "\x1b\x8e\x8f\x9b" and left == "a")
        else:
            right = left == unicodedata.normalize("NFC", f"a{one}b")
        if not right:
            wrong.append((hex(ord(one)), left))
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hola",
        "¿Cuánto queda?",
        "日本語",
        "می\u200cخرم",
        "👩\u200d👩\u200d👧",
        "☎️ 1️⃣",
        "x̂",
        "a  b",
        "~!",
    ],
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b[31mrojo\x1b[0m", "rojo"),
        ("\x9b1;31mrojo\x9bm", "rojo"),
        ("a\x1b[2J\x1b[1;1Hb", "ab"),
        ("a\x1b[?1049h\x1b[ qb", "ab"),
        ("a\x1b[12ñb", "añb"),
        ("a\x1b[", "a"),
        ("a\x1b[A\x1b[Bb", "ab"),
        ("a\x1bOAb", "ab"),
        ("a\x1b(Bb", "ab"),
        ("a\x1bcb", "ab"),
        ("a\x1b", "a"),
        ("\x1b\x1b[31mrojo", "rojo"),
        ("\x1b]0;título\x07hola", "hola"),
        ("\x1b]8;;http://x/\x1b\\enlace\x1b]8;;\x1b\\", "enlace"),
        ("\x9d52;c;aG9sYQ==\x9chola", "hola"),
        ("a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^y\x9cd\x1bXz\x07e", "abcde"),
    ],
)
def test_terminal_escapes_are_removed_whole(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b]0;hola a todos", "0;hola a todos"),
        ("\x9d0;hola", "0;hola"),
        ("\x1b]0;ho\x1b[1mla", "0;hola"),
        ("\x1b]0;ho\x1b]2;la\x07!", "0;ho!"),
    ],
)
def test_an_unfinished_escape_loses_its_introducer_and_no_words(
    dirty: str, cleaned: str
) -> None:
    assert clean(dirty) == cleaned


def test_tabs_and_line_breaks_become_spaces() -> None:
    assert (
        clean("uno\tdos\r\ntres\ncuatro\u2028cinco\x85seis")
        == "uno dos tres cuatro cinco seis"
    )


def test_spaces_and_joiners_around_a_text_are_removed() -> None:
    assert (
        clean(" hola ")
        == clean("\xa0hola\u3000")
        == clean("\u200d hola \u200c")
        == "hola"
    )
    assert clean("\u200d\u200c \u200d") == clean(" ") == ""


def test_marks_of_direction_are_removed() -> None:
    assert clean("total \u202e0991\u202c \u2066x\u2069") == "total 0991 x"


def test_a_pile_of_marks_is_cut() -> None:
    assert clean("a" + "\u0316" * 100 + "b") == "a" + "\u0316" * MAX_MARKS + "b"
    assert clean("n\u0303o\u0301") == "ñó"


@pytest.mark.parametrize(
    "bit",
    [
        "\x1b]",
        "\x9d",
        "\x1b[1;",
        "\x1b ",
        "\x1bP\x9d",
        "\x01",
        "\u0301\u0316",
        "\u0f73",
        "\u200b",
        "\x1b]x\x9d",
    ],
)
def test_cleaning_takes_linear_time(bit: str) -> None:
    many = 300_000  # a moment; minutes, if it grew with the square
    clean("a" + bit * many)
    clean("\x1b[" + bit * many + "\x1b]")


@untimed
@given(st.text([*BLANK, *SELECTORS, *"\u2000\u200a\u200b\u200d \t\n"]))
def test_of_a_text_that_nobody_sees_nothing_is_left(text: str) -> None:
    assert clean(text) == ""

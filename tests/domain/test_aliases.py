"""Aliases in the chat: which are fit, and which would be taken for one another."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trastienda.domain.aliases import (
    MAX_ALIAS,
    alias_key,
    alias_keys,
    check_alias,
    is_office,
)
from trastienda.domain.errors import Invalid

untimed = settings(deadline=None)

# Letters of other scripts that look like Latin, by their names, so that one sees which they are.
A, CAPITAL_A = "\N{CYRILLIC SMALL LETTER A}", "\N{CYRILLIC CAPITAL LETTER A}"
ALPHA, CAPITAL_ALPHA = "\N{GREEK SMALL LETTER ALPHA}", "\N{GREEK CAPITAL LETTER ALPHA}"
COCO = "\u0421\u043e\u0441\u043e"  # all Cyrillic
ANA_IN_GREEK = f"{CAPITAL_ALPHA}\N{GREEK CAPITAL LETTER NU}{CAPITAL_ALPHA}"
FULL_WIDTH_ANA = "".join(chr(ord(one) + 0xFEE0) for one in "Ana")


def refusal(alias: str) -> str:
    with pytest.raises(Invalid) as refused:
        check_alias(alias)
    assert refused.value.field == "alias"
    return refused.value.reason


def same(one: str, other: str) -> bool:
    return not alias_keys(one).isdisjoint(alias_keys(other))


@pytest.mark.parametrize(
    "alias",
    [
        "Ana",
        "a",
        "7",
        "ana_maría",
        "Ana-M.",
        "Beto2",
        "ñandú",
        "x" * MAX_ALIAS,
        "casas",
        "Ánna",
        "Łata",
        "Анна",
        "Άννα",
        "Աննա",
        "אנה",
        "آنا",
        "आना",
        "อานา",
        "아나",
        "アナ",
        "安娜",
        "カ\u30fc",
        "e\u0303",
    ],
)
def test_names_in_any_living_script_are_allowed(alias: str) -> None:
    assert check_alias(alias) == unicodedata.normalize("NFC", alias)


def test_an_alias_is_returned_in_nfc() -> None:
    assert check_alias("A\u0301na") == "Ána"


@pytest.mark.parametrize(
    "alias",
    [
        "",
        " ",
        "Ana María",
        "_ana",
        "-",
        ".ana",
        "ana!",
        "ana@x",
        "/salas",
        "#general",
        "a:b",
        "x" * (MAX_ALIAS + 1),
        "x" * 9000,
        "\u0303e",
        "ana\u0316\u0316\u0316\u0316",
        "ana\u200d",
        "ana\u202e",
        "a\nb",
        "👩",
        "Ⅷ",
        "\ud800",
        "ana\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "ana\N{COMBINING ENCLOSING KEYCAP}",
        "\N{HANGUL FILLER}",
        "a\N{VARIATION SELECTOR-16}",
        "\N{GREEK YPOGEGRAMMENI}",
        "\N{MODIFIER LETTER APOSTROPHE}",
        "\N{HALFWIDTH KATAKANA VOICED SOUND MARK}",
        "\N{CHEROKEE LETTER GO}",
    ],
)
def test_a_bad_alias_is_refused(alias: str) -> None:
    assert refusal(alias) == "alias_shape"


@pytest.mark.parametrize(
    "alias",
    [f"{A}na", f"{ALPHA}na", f"{A}{ALPHA}", "Ana田", "Beto\N{HEBREW LETTER SAMEKH}"],
)
def test_letters_of_two_scripts_are_refused(alias: str) -> None:
    assert refusal(alias) == "mixed_scripts"


def test_scripts_that_are_written_together_are_allowed() -> None:
    assert check_alias("田中さんカナ") == "田中さんカナ"


@pytest.mark.parametrize(
    "alias",
    [
        "salir",
        "SALIR",
        "sa1ir",
        "SAlIR",
        "Sístema",
        "system",
        "systern",
        "servid0r",
        "TRASTIENDA",
        "Casa",
        "c\N{LATIN SMALL LETTER ALPHA}sa",
        "trastiend\N{LATIN SMALL LETTER ALPHA}",
    ],
)
def test_the_shops_words_and_their_look_alikes_are_reserved(alias: str) -> None:
    assert refusal(alias) == "reserved_name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana", "ANA"),
        ("ana", f"{CAPITAL_A}na"),
        ("ana", f"{A}n{A}"),
        ("ana", f"{ALPHA}na"),
        ("ANA", ANA_IN_GREEK),
        ("ana", ANA_IN_GREEK),
        ("Coco", COCO),
        ("coco", COCO.upper()),
        ("c0c0", COCO),
        ("Ana", FULL_WIDTH_ANA),
        ("Ána", "ana"),
        ("niña", "NINA"),
        ("Clara", "CIara"),
        ("Clara", "C1ara"),
        ("Clara", "C|ara"),
        ("Isla", "isla"),
        ("Isla", "lsla"),
        ("mesa", "rnesa"),
        ("web", "vveb"),
        ("Beto", "ßeto"),
        ("Groß", "gross"),
        ("Bet\N{LATIN SMALL LETTER O WITH STROKE}", "Beto"),
        ("Be\N{LATIN SMALL LETTER T WITH HOOK}o", "Beto"),
        ("Cla\N{LATIN LETTER SMALL CAPITAL R}a", "Clara"),
        ("\N{KATAKANA LETTER KA}", "\N{CJK UNIFIED IDEOGRAPH-529B}"),
        ("wm", "vvrn"),
        ("Clara.", "clara"),
        ("b.e-t_o", "beto"),
        ("an4", "ana"),
        ("4na", "ANA"),
        ("b3to", "beto"),
        ("8eto", "Beto"),
        ("be7o", "Beto"),
        ("I5L4", "isla"),
        ("ro5a", "rosa"),
    ],
)
def test_look_alikes_share_a_key(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "Beto"),
        ("isla", "lsla"),
        ("Ana", "Ana2"),
        ("Ana3", "Ana4"),
        ("cliente34", "cliente43"),
        ("37", "et"),
        ("राम", "रमा"),
        ("さ", "き"),
    ],
)
def test_different_names_share_no_key(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "admin1",
        "caja-2",
        "la.caja",
        "pedro_root",
        "gerente",
        "dueño",
        "DUENA",
        "AlmacenLaEsquina",
        "a1mac\N{CYRILLIC SMALL LETTER IE}n-la-esquina",
        "AdM1N",
        "T1ENDA",
        "S1STEMA",
        "Administrador",
        "CAJER0",
        "tienda",
        "jefe",
        "la-jefa",
        "jefa2",
        "jef42",
        "j3f4",
        "Tesorería",
        "el.contador",
        "bodega_34",
        "ventas",
        "SII",
        "5ii",
        "todos",
        "libre-7",
        "libre.7",
        "libre7",
        "webmaster",
        "Web-Master",
        "BOSS",
        "local",
        "ayuda_",
        "s_u_p_p_o_r_t",
        "\u0432\u043b\u0430\u0434\u0435\u043b\u0435\u0446",  # owner, in Russian
    ],
)
def test_offices_and_the_shop_are_known_in_any_spelling(name: str) -> None:
    assert is_office(name, "Almacén La Esquina")


@pytest.mark.parametrize(
    "name",
    [
        "ana",
        "cajal",
        "rootbeer",
        "pedro-2",
        "12345678-5",
        "7",
        "511",
        "4",
        "libreta",
        "locala",
        "bossa",
    ],
)
def test_other_names_are_no_offices(name: str) -> None:
    assert not is_office(name, "Almacén La Esquina")


@pytest.mark.parametrize("alias", ["127.0.0.1", "10.0"])
def test_an_address_is_no_alias(alias: str) -> None:
    assert refusal(alias) == "alias_shape"


def is_letter(one: str) -> bool:
    return unicodedata.category(one)[0] == "L"


NAMES = st.text(
    st.characters(categories=["L", "Nd"], include_characters="_-."),
    min_size=1,
    max_size=MAX_ALIAS,
)
LATIN_NAMES = st.text(
    st.characters(max_codepoint=0x24F, categories=["L", "Nd"]),
    min_size=1,
    max_size=MAX_ALIAS,
)


@untimed
@given(NAMES)
def test_case_changes_no_key(name: str) -> None:
    for written in (
        name.upper(),
        name.lower(),
        name.title(),
        name.swapcase(),
        name.casefold(),
    ):
        assert alias_key(written) == alias_key(name)


@untimed
@given(LATIN_NAMES, st.data())
def test_accents_change_no_key(name: str, data: st.DataObject) -> None:
    accents = data.draw(
        st.lists(
            st.sampled_from(["", *"\u0301\u0300\u0308\u0303\u0327"]), min_size=len(name)
        )
    )
    accented = "".join(one + accent for one, accent in zip(name, accents, strict=False))
    assert alias_key(accented) == alias_key(name)
    assert same(accented, name)
    assert same(accented.upper(), name)


@untimed
@given(NAMES)
def test_the_canonical_key_is_one_of_the_keys(name: str) -> None:
    assert alias_key(name) in alias_keys(name)
    assert len(alias_keys(name)) <= 3


def test_every_allowed_letter_has_a_visible_key_without_case() -> None:
    letters = [one for one in map(chr, range(0x110000)) if is_letter(one)]
    assert [
        hex(ord(one))
        for one in letters
        if len({alias_key(one), alias_key(one.upper())}) > 1
    ] == []
    empty = [one for one in letters if not all(key.strip() for key in alias_keys(one))]
    assert {refusal(one) for one in empty} <= {"alias_shape"}


@untimed
@given(st.text(max_size=40))
def test_any_text_is_an_alias_or_refused(text: str) -> None:
    try:
        alias = check_alias(text)
    except Invalid:
        assert refusal(text) in {"alias_shape", "mixed_scripts", "reserved_name"}
    else:
        assert check_alias(alias) == alias
        assert all(alias_keys(alias))

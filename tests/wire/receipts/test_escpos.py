"""Receipts for a receipt printer, as one prints them."""

import unicodedata

import pytest
from tests.wire.receipts.escpos_emulator import Printer
from tests.wire.receipts.papers import FOREIGN, LETTERS, RECEIPTS, layout_of

from trastienda.config import CODE_PAGES
from trastienda.wire.receipts import escpos, text
from trastienda.wire.receipts.media import COLUMNS

BLOCKS = "▀▄█"


def printed(name: str, columns: int = 48, code_page: str = "cp858") -> Printer:
    return Printer(columns).feed(escpos.render([layout_of(name)], columns, code_page))


def in_text(name: str, columns: int) -> list[str]:
    """The lines of the same receipt in plain text, without its code."""
    lines = text.render([layout_of(name)], columns).decode().splitlines()
    return [line for line in lines if line and not set(line.strip()) & set(BLOCKS)]


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", [name for name in RECEIPTS if name != "foreign"])
def test_it_prints_what_the_text_says(name: str, columns: int) -> None:
    (lines,) = printed(name, columns).receipts
    shop, *rest = in_text(name, columns)
    assert lines[0].split() == shop.split()  # twice as wide, if there is room
    assert lines[1:] == rest


@pytest.mark.parametrize("code_page", CODE_PAGES)
@pytest.mark.parametrize("name", RECEIPTS)
def test_its_code_is_read_back_from_every_printer(name: str, code_page: str) -> None:
    assert printed(name, 32, code_page).codes == [
        f"TRASTIENDA.V.{RECEIPTS[name].sale.id}"
    ]


def test_every_code_page_of_the_settings_has_its_number() -> None:
    assert set(escpos.CODE_PAGES) == set(CODE_PAGES)


@pytest.mark.parametrize(
    ("code_page", "shown"),
    [
        ("cp858", LETTERS),
        ("cp1252", LETTERS),
        ("cp850", LETTERS.replace("€", "EUR")),
        ("cp437", "Ñandú, pingüino y café: ¿áéíóú? ¡AÉIOUÜ! 5 EUR"),
        ("cp852", "Nandú, pingüino y café: ?áéíóú? !ÁÉÍÓÚÜ! 5 EUR"),
        ("ascii", "Nandu, pinguino y cafe: ?aeiou? !AEIOUU! 5 EUR"),
    ],
)
def test_accents_print_right_and_what_a_page_lacks_is_nearest(
    code_page: str, shown: str
) -> None:
    (lines,) = printed("letters", 48, code_page).receipts
    together = " ".join(line.strip() for line in lines)
    assert unicodedata.normalize("NFC", shown) in " ".join(
        together.replace("$990", "").split()
    )


def test_what_no_page_has_is_told_from_nothing() -> None:
    assert escpos.printable(FOREIGN, "cp858") == "??? ? ???"


def test_a_name_cannot_speak_to_the_printer() -> None:
    shown = printed("escapes")
    assert len(shown.receipts) == 1
    assert shown.drawer_opened == 0
    assert any("Pan@ V]0;dueño31m ya mismo" in line for line in shown.receipts[0])


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_spaces_and_hyphens_that_cannot_be_seen_are_plain_or_nothing(
    code_page: str,
) -> None:
    assert (
        escpos.printable("1\xa0kg de maní\xadces\x7f", code_page).replace("í", "i")
        == "1 kg de manices"
    )


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_no_character_becomes_a_command_whatever_it_is(code_page: str) -> None:
    for number in range(0x30000):
        if not 0xD800 <= number < 0xE000:
            content = escpos.printable(chr(number), code_page).encode(code_page)
            assert all(byte >= 0x20 and byte != 0x7F for byte in content), hex(number)


def test_a_printer_made_for_china_is_told_to_print_letters() -> None:
    content = escpos.render([layout_of("letters")], 48, "cp858")
    assert (
        Printer(48, chinese=True).feed(content).receipts == printed("letters").receipts
    )


def test_what_matters_is_strong_and_large() -> None:
    shown = printed("annulled")
    assert shown.large == [
        "Almacén La Esquina",
        "*** ANULADA ***",
        "TOTAL" + "$4.370".rjust(43),
    ]
    assert set(shown.large) <= set(shown.strong)


def test_each_receipt_is_cut_off() -> None:
    content = escpos.render([layout_of("plain"), layout_of("mixed")], 48, "cp858")
    assert len(Printer(48).feed(content).receipts) == 2


def test_the_drawer_opens_only_where_it_is_told_to() -> None:
    content = escpos.render([layout_of("plain")], 48, "cp858", opens_drawer=True)
    assert Printer(48).feed(content).drawer_opened == 1
    assert printed("plain").drawer_opened == 0


def test_what_broke_off_is_parted_from_what_is_printed_anew() -> None:
    content = escpos.render([layout_of("plain")], 48, "cp858")
    shown = Printer(48).feed(escpos.CUT + content)
    assert [bool(lines) for lines in shown.receipts] == [False, True]

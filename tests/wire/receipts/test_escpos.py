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
def test_the_printer_prints_the_lines_of_the_text(name: str, columns: int) -> None:
    (lines,) = printed(name, columns).receipts
    shop, *rest = in_text(name, columns)
    assert lines[0].split() == shop.split()  # twice as wide, if there is room
    assert lines[1:] == rest


@pytest.mark.parametrize("code_page", CODE_PAGES)
@pytest.mark.parametrize("name", RECEIPTS)
def test_the_code_can_be_scanned_with_every_code_page(
    name: str, code_page: str
) -> None:
    assert printed(name, 32, code_page).codes == [
        f"TRASTIENDA.V.{RECEIPTS[name].sale.id}"
    ]


def test_every_code_page_of_the_settings_has_a_number() -> None:
    assert set(escpos.CODE_PAGES) == set(CODE_PAGES)


@pytest.mark.parametrize(
    ("code_page", "paper"),
    [
        ("cp858", LETTERS),
        ("cp1252", LETTERS),
        ("cp850", LETTERS.replace("€", "EUR")),
        ("cp437", "Ñandú, pingüino y café: ¿áéíóú? ¡AÉIOUÜ! 5 EUR"),
        ("cp852", "Nandú, pingüino y café: ?áéíóú? !ÁÉÍÓÚÜ! 5 EUR"),
        ("ascii", "Nandu, pinguino y cafe: ?aeiou? !AEIOUU! 5 EUR"),
    ],
)
def test_accents_print_and_missing_characters_are_replaced(
    code_page: str, paper: str
) -> None:
    (lines,) = printed("letters", 48, code_page).receipts
    together = " ".join(line.strip() for line in lines)
    assert unicodedata.normalize("NFC", paper) in " ".join(
        together.replace("$990", "").split()
    )


def test_characters_without_replacement_become_question_marks() -> None:
    assert escpos.printable(FOREIGN, "cp858") == "??? ? ???"


def test_a_name_cannot_contain_printer_commands() -> None:
    paper = printed("escapes")
    assert len(paper.receipts) == 1
    assert paper.drawer_opened == 0
    assert any("Pan@ V]0;dueño31m ya mismo" in line for line in paper.receipts[0])


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_invisible_spaces_and_hyphens_become_plain_or_vanish(
    code_page: str,
) -> None:
    assert (
        escpos.printable("1\xa0kg de maní\xadces\x7f", code_page).replace("í", "i")
        == "1 kg de manices"
    )


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_no_character_becomes_a_command(code_page: str) -> None:
    for number in range(0x30000):
        if not 0xD800 <= number < 0xE000:
            content = escpos.printable(chr(number), code_page).encode(code_page)
            assert all(byte >= 0x20 and byte != 0x7F for byte in content), hex(number)


def test_a_printer_in_two_byte_mode_prints_letters() -> None:
    content = escpos.render([layout_of("letters")], 48, "cp858")
    assert (
        Printer(48, chinese=True).feed(content).receipts == printed("letters").receipts
    )


def test_shop_stamp_and_total_are_bold_and_large() -> None:
    paper = printed("annulled")
    assert paper.large == [
        "Almacén La Esquina",
        "*** ANULADA ***",
        "TOTAL" + "$4.370".rjust(43),
    ]
    assert set(paper.large) <= set(paper.strong)


def test_each_receipt_is_cut() -> None:
    content = escpos.render([layout_of("plain"), layout_of("mixed")], 48, "cp858")
    assert len(Printer(48).feed(content).receipts) == 2


def test_the_drawer_opens_only_on_request() -> None:
    content = escpos.render([layout_of("plain")], 48, "cp858", opens_drawer=True)
    assert Printer(48).feed(content).drawer_opened == 1
    assert printed("plain").drawer_opened == 0


def test_a_broken_off_receipt_is_cut_before_the_next() -> None:
    content = escpos.render([layout_of("plain")], 48, "cp858")
    paper = Printer(48).feed(escpos.CUT + content)
    assert [bool(lines) for lines in paper.receipts] == [False, True]

"""Receipts in ESC/POS, the language of receipt printers.

Only the few commands that all of them understand are used.
"""

import unicodedata
from collections.abc import Sequence
from functools import partial

from trastienda.wire.receipts.columns import lines_of
from trastienda.wire.receipts.layout import Code, Layout

_ESC, _FS, _GS = b"\x1b", b"\x1c", b"\x1d"

CODE_PAGES = {
    "ascii": 0,
    "cp437": 0,
    "cp850": 2,
    "cp1252": 16,
    "cp852": 18,
    "cp858": 19,
}
"""Code pages by their names in Python, and their numbers in ``ESC t``."""
_RESET = _ESC + b"@"
_ALPHABET = _FS + b"."
"""Leaves the two-byte mode in which many printers made for China start.

In that mode they print accents as Chinese."""
_SET_CODE_PAGE = _ESC + b"t"
_CUT_PAPER = _GS + b"VB\x00"
_CENTRE, _LEFT = _ESC + b"a\x01", _ESC + b"a\x00"
_BOLD, _NOT_BOLD = _ESC + b"E\x01", _ESC + b"E\x00"
_SET_SCALE, _NORMAL_SCALE = _GS + b"!", _GS + b"!\x00"
_SYMBOL = _GS + b"(k"

CUT = _RESET + _CUT_PAPER
"""Resets the printer and cuts off what was printed, which is fed past the knife."""
OPEN_DRAWER = _ESC + b"p\x00\x19\xfa"
"""A pulse of 50 ms at the drawer's first pin, then half a second of rest."""
_MODULE_DOTS = 6
"""Side of a module of the QR code.

At 203 dots an inch, 21 modules are 16 mm, which the camera of any phone reads."""

_NEAREST = {
    "€": "EUR",
    "₡": "C",
    "₲": "Gs",
    "£": "GBP",
    "×": "x",
    "°": "o",
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "\u2018": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "¡": "!",
    "\u2044": "/",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "ø": "o",
    "Ø": "O",
    "œ": "oe",
    "Œ": "OE",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}
"""Replacements for characters that a code page lacks and Unicode does not decompose."""
_DRAWN_DIFFERENTLY = frozenset("\xa0\xad")
"""Characters that code pages have, and that each printer draws in its own way."""
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Mn", "Me"}
"""Controls, marks of direction, and marks that combine with another character."""


def render(
    layouts: Sequence[Layout],
    columns: int,
    code_page: str,
    *,
    opens_drawer: bool = False,
) -> bytes:
    """Return receipts for a printer with this code page, each cut off.

    They contain no commands but those of this module, whatever the texts are.
    """
    commands = []
    if opens_drawer:
        commands.append(OPEN_DRAWER)

    in_code_page = partial(printable, code_page=code_page)
    page_number = bytes([CODE_PAGES[code_page]])

    for layout in layouts:
        commands += [_RESET, _ALPHABET, _SET_CODE_PAGE, page_number]

        for block in layout.blocks:
            if isinstance(block, Code):
                # The printer draws the QR code itself.
                commands += [
                    _CENTRE,
                    _symbol(b"1A2\x00"),  # model 2
                    _symbol(b"1C" + bytes([_MODULE_DOTS])),  # the size of its modules
                    _symbol(b"1E0"),  # error correction of level L
                    _symbol(b"1P0" + block.content.encode("ascii")),  # the content
                    _symbol(b"1Q0"),  # print it
                    _LEFT,
                ]
            for line in lines_of(block, columns, in_code_page):
                command = line.text.encode(code_page) + b"\n"
                if line.centred:
                    command = _CENTRE + command + _LEFT
                if line.width_scale > 1 or line.height_scale > 1:
                    # Both scales are in one byte, each counted from 0.
                    scale = 16 * (line.width_scale - 1) + line.height_scale - 1
                    command = _SET_SCALE + bytes([scale]) + command + _NORMAL_SCALE
                if line.strong:
                    command = _BOLD + command + _NOT_BOLD
                commands.append(command)

        commands.append(_CUT_PAPER)

    return b"".join(commands)


def _symbol(function: bytes) -> bytes:
    """Return the command for a function of the printer's own symbols."""
    size = len(function).to_bytes(2, "little")
    return _SYMBOL + size + function


def printable(
    text: str,
    code_page: str,
) -> str:
    """Return ``text`` in characters of the code page, each one column wide.

    A character that the code page lacks is replaced by the nearest one.
    """
    characters = []
    for character in text:
        is_visible_ascii = " " <= character <= "~"
        # Below 0x80, code pages have nothing else but controls.
        encoded = character.encode(code_page, "ignore")
        is_in_code_page = encoded >= b"\x80" and character not in _DRAWN_DIFFERENTLY

        if is_visible_ascii or is_in_code_page:
            characters.append(character)
        elif character in _NEAREST:
            characters.append(_NEAREST[character])
        elif unicodedata.category(character) not in _INVISIBLE_CATEGORIES:
            decomposed = unicodedata.normalize("NFKD", character)
            if decomposed == character:
                characters.append("?")
            else:
                characters.append(printable(decomposed, code_page))

    return "".join(characters)

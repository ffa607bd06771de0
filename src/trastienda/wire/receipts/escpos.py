"""Receipts in ESC/POS, the language of receipt printers: the few commands that all of them understand."""

import unicodedata
from collections.abc import Sequence
from functools import partial

from trastienda.wire.receipts.columns import Line, lines_of
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
"""Code pages by the names that Python has for them, and their numbers in ``ESC t``."""
CUT = _ESC + b"@" + _GS + b"VB\x00"
"""Start anew and cut off what was printed so far, which is fed past the knife."""
OPEN_DRAWER = _ESC + b"p\x00\x19\xfa"
"""A pulse of 50 ms at the drawer's first pin, then half a second of rest."""
_MODULE_DOTS = 6
"""Side of a module of the code: at 203 dots an inch, 21 modules are 16 mm, which the camera of any phone reads."""

_NEAREST = {
    "€": "EUR", "₡": "C", "₲": "Gs", "£": "GBP", "×": "x", "°": "o", "·": "-", "–": "-", "—": "-", "−": "-",
    "\u2018": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "¡": "!", "\u2044": "/", "ß": "ss", "æ": "ae",
    "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
}  # fmt: skip
"""What stands for a character that a code page lacks and Unicode does not take apart into others."""


def render(
    layouts: Sequence[Layout],
    columns: int,
    code_page: str,
    *,
    opens_drawer: bool = False,
) -> bytes:
    """Return receipts for a printer with this code page, each cut off. It holds no command but those of this file."""
    opening = OPEN_DRAWER if opens_drawer else b""
    return opening + b"".join(_receipt(one, columns, code_page) for one in layouts)


def _receipt(layout: Layout, columns: int, code_page: str) -> bytes:
    # FS . leaves the two-byte mode in which many printers made for China start, and print accents as Chinese.
    parts = [_ESC + b"@" + _FS + b"." + _ESC + b"t" + bytes([CODE_PAGES[code_page]])]
    for block in layout.blocks:
        if isinstance(block, Code):
            parts.append(_code(block.content))
        parts += [
            _line(line, code_page)
            for line in lines_of(
                block, columns, partial(printable, code_page=code_page)
            )
        ]
    parts.append(_GS + b"VB\x00")
    return b"".join(parts)


def printable(text: str, code_page: str) -> str:
    """Return ``text`` in characters of the code page, each of one column: what it lacks by what is nearest."""
    return "".join(_nearest(one, code_page) for one in text)


def _nearest(character: str, code_page: str) -> str:
    if " " <= character <= "~":
        return character
    if character not in _NO_PICTURE and _writes(character, code_page):
        return character
    if character in _NEAREST:
        return _NEAREST[character]
    if unicodedata.category(character) in {"Cc", "Cf", "Mn", "Me"}:
        return ""
    apart = unicodedata.normalize("NFKD", character)
    if apart == character:
        return "?"
    return "".join(_nearest(one, code_page) for one in apart)


_NO_PICTURE = frozenset("\xa0\xad")
"""Characters that code pages have and that printers draw in ways of their own."""


def _writes(character: str, code_page: str) -> bool:
    try:
        return character.encode(code_page)[0] >= 0x80
    except UnicodeEncodeError:
        return False


def _line(line: Line, code_page: str) -> bytes:
    content = line.text.encode(code_page) + b"\n"
    if line.centred:
        content = _ESC + b"a\x01" + content + _ESC + b"a\x00"
    if line.width_scale > 1 or line.height_scale > 1:
        content = (
            _GS
            + b"!"
            + bytes([16 * (line.width_scale - 1) + line.height_scale - 1])
            + content
            + _GS
            + b"!\x00"
        )
    if line.strong:
        content = _ESC + b"E\x01" + content + _ESC + b"E\x00"
    return content


def _code(content: str) -> bytes:
    """The printer draws the code itself: model 2, the size of its modules, level L, what it says, print."""
    stored = content.encode("ascii")
    functions = (
        b"1A2\x00",
        b"1C" + bytes([_MODULE_DOTS]),
        b"1E0",
        b"1P0" + stored,
        b"1Q0",
    )
    commands = b"".join(
        _GS + b"(k" + len(one).to_bytes(2, "little") + one for one in functions
    )
    return _ESC + b"a\x01" + commands + _ESC + b"a\x00"

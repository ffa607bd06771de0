"""Cells as codes of products, whatever a spreadsheet or a template has dressed them up
with.
"""

import re
from functools import lru_cache

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.past_sales import code_of_name
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import as_written
from trastienda.wire import reasons

_ROUNDED = re.compile(r"[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9][eE]\+[0-9]{1,3}")
"""7,80457E+12: what a spreadsheet shows of a long number, without its last digits. The
code ``5E12``, as a person writes it, has neither mark nor sign."""
_APOSTROPHES = "'’‘´`"  # noqa: RUF001 - as people and word processors write them
_AS_IT_STANDS = "''"
"""In front of a code of a shop that looks dressed up, as the shop exports it."""
_FORMULA_OF_TEXT = re.compile(r'=\s*["“”]+(?P<text>[^"“”]*)["“”]+')
_ZERO_DECIMALS = re.compile(r"(?P<whole>[0-9](?:[0-9.,\s]*[0-9])?)[.,]0{1,2}")
"""Of a whole number that a program wrote as one with decimals. Three zeros may as well
be thousands."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What comes along when a code is copied from a page."""
_BETWEEN_DIGITS = re.compile(r"[\s.,\-‐‑‒–—−]+")  # noqa: RUF001 - every dash there is


@lru_cache(maxsize=16384)
def code_in(
    text: str,
    name: str,
) -> str:
    """Return the code; without one, the code that is made of the name."""
    if _ROUNDED.fullmatch(text):
        raise BadCell(
            f"el código «{text}» lo cambió la planilla; "
            "da formato de texto a la columna del código"
        )

    code = undressed(as_written(text)) if text else code_of_name(name)
    if not code:
        raise BadCell("faltan el código y la descripción")
    try:
        barcode.check_code(code, in_house=True)
    except Invalid as invalid:
        reason = reasons.reason(invalid)
        raise BadCell(f"el código «{text}» {reason}") from invalid
    return code


def dressed(code: str) -> str:
    """Return the text of which :func:`code_in` makes exactly this code again."""
    if undressed(code) == code and not _ROUNDED.fullmatch(code):
        return code
    return _AS_IT_STANDS + code


def undressed(text: str) -> str:
    """Return the code that is meant, with dashes for spaces.

    ``'780…``, ``="780…"`` and ``780….0`` are what people and programs write to save a
    code from a spreadsheet, or what one made of it. A barcode may have the blanks, dots
    and dashes that are printed under its bars; its check digit proves that it is one.
    """
    if text.startswith(_AS_IT_STANDS):
        words = text.removeprefix(_AS_IT_STANDS).split()
        return "-".join(words)

    visible_text = _INVISIBLE.sub("", text)
    bare_text = _without_apostrophe(visible_text)
    formula = _FORMULA_OF_TEXT.fullmatch(bare_text)
    if formula is not None:
        bare_text = _without_apostrophe(formula["text"])
    bare_text = barcode.own_code(bare_text)
    number = _ZERO_DECIMALS.fullmatch(bare_text)
    whole_number = number["whole"] if number else bare_text

    for spelling in (bare_text, whole_number):
        digits = _BETWEEN_DIGITS.sub("", spelling)
        if barcode.is_gtin(digits):
            return digits

    code = whole_number if whole_number.isdigit() else bare_text
    words = code.split()
    return "-".join(words)


def _without_apostrophe(text: str) -> str:
    bare_text = text.strip()
    if bare_text[:1] in _APOSTROPHES:
        return bare_text[1:].strip()
    return bare_text


def lost_a_zero(code: str) -> bool:
    """Tell whether a GTIN probably lost its leading zero, as spreadsheets strip it."""
    # A GTIN of 8 or 12 digits, but for that zero.
    if len(code) not in {7, 11}:
        return False
    return code.isascii() and code.isdigit() and barcode.is_gtin("0" + code)

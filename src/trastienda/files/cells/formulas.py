"""Cells that a spreadsheet would take for a formula, or that look like an error of one.

They are guarded on the way out and restored on the way in.
"""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # noqa: RUF001 - full-width signs are formulas, too
"""With any apostrophes in front, so that guarding any text can be undone."""


_ERROR_WORD = re.compile(
    "#(?:N/[AD]|[¡¿]?(?:DIV/0!|REF!|VALUE!|VALOR!|NAME[?]|NOMBRE[?]|NUM!|NULL!|NULO!)"
    "|SPILL!|¡DESBORDAMIENTO!|CALC!|¡CALC!|GETTING_DATA|ERROR!?|#{3,})|Err:[0-9]{3}"
)
"""What spreadsheets show instead of a value, in English and Spanish; a row of # is a
column too narrow for its number."""


def is_error_word(text: str) -> bool:
    """Tell whether a cell shows an error of a spreadsheet instead of a value."""
    return _ERROR_WORD.fullmatch(text) is not None


def _needs_guard(text: str) -> bool:
    return _FORMULA.match(text) is not None or is_error_word(text.lstrip("'"))


def guarded(text: str) -> str:
    """Return the text, with an apostrophe in front if it could pass for a formula
    or an error."""
    if _needs_guard(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    if text.startswith("'") and _needs_guard(text):
        return text[1:]
    return text

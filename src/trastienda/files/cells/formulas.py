"""Cells that a spreadsheet would take for a formula.

They are guarded on the way out and restored on the way in.
"""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # noqa: RUF001 - full-width signs are formulas, too
"""With any apostrophes in front, so that guarding any text can be undone."""


def guarded(text: str) -> str:
    """Return the text with an apostrophe in front if a spreadsheet would take it for a
    formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    is_guarded = text.startswith("'") and _FORMULA.match(text)
    return text[1:] if is_guarded else text

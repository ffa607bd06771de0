"""Cells that a spreadsheet would take for a formula.

They are guarded on the way out and restored on the way in.
"""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # noqa: RUF001 - full-width signs are formulas, too
"""With any apostrophes in front, so that guarding any text can be undone."""


def guarded(text: str) -> str:
    """Return the text, with an apostrophe in front if it could pass for a formula."""
    if _FORMULA.match(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    if text.startswith("'") and _FORMULA.match(text):
        return text[1:]
    return text

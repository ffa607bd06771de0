"""Cells that a spreadsheet would take for a formula: made harmless on the way out, and as they were on the way in."""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # noqa: RUF001 - the wide ones count as formulas, too
"""Apostrophes in front of one are counted in, so that each text has one spelling and comes back as it was."""


def guarded(text: str) -> str:
    """Return the text with an apostrophe in front, where a spreadsheet would work it out instead of showing it."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

"""Breaking texts into lines, in whatever measure the medium has."""

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]
"""Returns the width of a text."""


def columns_of(text: str) -> int:
    """Return the columns of ``text``: one a character, two of emoji and kanji, none of accents."""
    columns = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        is_wide = unicodedata.east_asian_width(character) in {"W", "F"}
        columns += 2 if is_wide else 1
    return columns


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Break ``text`` between words into lines no wider than ``width``.

    A word that is wider than a line is cut.
    """
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if measure(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width, measure)
        lines += full
    return [*lines, line]


def _cut(word: str, width: float, measure: Measure) -> list[str]:
    pieces = []
    piece = ""
    for character in word:
        if piece and measure(piece + character) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def beside(
    left: str, right: str, width: float, gap: float, measure: Measure
) -> tuple[list[str], bool]:
    """Break ``left`` into lines, and tell whether ``right`` fits beside the last of them.

    If not, ``right`` needs a line of its own below. ``gap`` is the least distance between the two.
    """
    left_width = width - measure(right) - gap if right else width
    if measure(left) <= left_width or left_width >= width / 2:
        return wrap(left, left_width, measure), True
    return wrap(left, width, measure), False

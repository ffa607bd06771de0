"""Breaking texts into lines, in whatever measure the medium has."""

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]
"""Returns the width of a text."""


def columns_of(text: str) -> int:
    """Return how many columns wide ``text`` is.

    A character takes one, emoji and kanji take two, and accents none.
    """
    columns = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        is_wide = unicodedata.east_asian_width(character) in {"W", "F"}
        columns += 2 if is_wide else 1
    return columns


def wrap(
    text: str,
    width: float,
    measure: Measure,
) -> list[str]:
    """Break ``text`` between words into lines no wider than ``width``.

    A word that is wider than a line is cut.
    """
    lines: list[str] = []
    last_line = ""
    for word in text.split(" "):
        longer_line = f"{last_line} {word}" if last_line else word
        if measure(longer_line) <= width:
            last_line = longer_line
            continue

        if last_line:
            lines.append(last_line)
        last_line = ""
        for character in word:
            if last_line and measure(last_line + character) > width:
                lines.append(last_line)
                last_line = ""
            last_line += character

    return [*lines, last_line]


def beside(
    left: str,
    right: str,
    width: float,
    gap: float,
    measure: Measure,
) -> tuple[list[str], bool]:
    """Break ``left`` into lines, and say if ``right`` fits beside the last of them.

    If not, ``right`` needs a line of its own below. ``gap`` is the least distance
    between the two.
    """
    left_width = width
    if right:
        left_width = width - measure(right) - gap

    # A column that is narrower than half the paper is hard to read.
    if measure(left) <= left_width or left_width >= width / 2:
        return wrap(left, left_width, measure), True
    return wrap(left, width, measure), False

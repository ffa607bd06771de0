"""Breaking texts into lines, whatever the measure of the medium."""

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]


def columns_of(text: str) -> int:
    """Return how many columns ``text`` takes where every character has one or, as emoji and kanji, two."""
    return sum(
        0
        if unicodedata.combining(one)
        else 2
        if unicodedata.east_asian_width(one) in {"W", "F"}
        else 1
        for one in text
    )


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Break ``text`` between words into lines no wider than ``width``; a word that is wider still is cut."""
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
    pieces, piece = [], ""
    for character in word:
        if piece and measure(piece + character) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def beside(
    left: str, right: str, width: float, gap: float, measure: Measure
) -> tuple[list[str], bool]:
    """Break what stands left of ``right`` into lines; False where ``right`` needs a line of its own beneath them.

    ``gap`` is the least room between the two.
    """
    room = width - measure(right) - gap if right else width
    if measure(left) <= room or room >= width / 2:
        return wrap(left, room, measure), True
    return wrap(left, width, measure), False

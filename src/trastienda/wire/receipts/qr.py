"""QR codes, for the media that draw them themselves."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import segno

QUIET_MODULES = 4
"""Left empty around a code, as its standard demands."""
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
"""Two modules, one above the other, as one character that is twice as high as wide."""


class Run(NamedTuple):
    """Dark modules side by side: the first one's column and row, and how many they are."""

    x: int
    y: int
    length: int


def modules(text: str) -> list[Sequence[int]]:
    """Return the QR code of ``text`` as rows of modules, 1 for dark, with its quiet zone."""
    code = segno.make_qr(text, error="l")
    return [bytes(row) for row in code.matrix_iter(border=QUIET_MODULES)]


def runs(rows: Sequence[Sequence[int]]) -> list[Run]:
    """Return the dark modules as runs, for media that draw rectangles."""
    dark_runs = []
    for y, row in enumerate(rows):
        start = None
        for x, is_dark in enumerate((*row, 0)):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                dark_runs.append(Run(start, y, x - start))
                start = None
    return dark_runs


def half_blocks(text: str) -> Iterator[str]:
    """Yield the QR code of ``text`` as lines of text, two rows of modules a line."""
    rows = modules(text)
    if len(rows) % 2:
        rows.append(bytes(len(rows[0])))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        halves = zip(upper, lower, strict=True)
        yield "".join([_HALVES[pair] for pair in halves])

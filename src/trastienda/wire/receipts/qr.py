"""QR codes as modules, for the media that draw them themselves."""

from collections.abc import Sequence

import segno

QUIET = 4
"""Modules left empty around a code, as its standard wants."""


def modules(text: str) -> list[Sequence[int]]:
    """Return the QR code of ``text`` as rows of modules, 1 for dark, with its quiet zone."""
    return [
        bytes(row) for row in segno.make_qr(text, error="l").matrix_iter(border=QUIET)
    ]


def runs(rows: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """Return the dark modules as stretches ``(x, y, length)``, for media that draw rectangles."""
    found = []
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate((*row, 0)):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                found.append((start, y, x - start))
                start = None
    return found

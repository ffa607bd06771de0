"""QR codes, for the media that draw them themselves."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import segno

QUIET_MODULES = 4
"""Left empty around a code, as its standard demands."""
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
"""Two modules, one above the other, as one character that is twice as high as wide."""


class Run(NamedTuple):
    """Dark modules side by side: column and row of the first, and how many they are."""

    x: int
    y: int
    length: int


def modules(text: str) -> list[Sequence[int]]:
    """Return the QR code of ``text`` as rows of modules, with its quiet zone.

    A dark module is 1, a light one 0.
    """
    code = segno.make_qr(text, error="l")
    return [bytes(row) for row in code.matrix_iter(border=QUIET_MODULES)]


def runs(module_rows: Sequence[Sequence[int]]) -> list[Run]:
    """Return the dark modules as runs, for media that draw rectangles."""
    dark_runs = []
    for y, module_row in enumerate(module_rows):
        start = None
        # A light module behind the last one ends a run there.
        for x, is_dark in enumerate((*module_row, 0)):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                length = x - start
                dark_runs.append(Run(start, y, length))
                start = None

    return dark_runs


def svg(text: str) -> str:
    """Return the QR code of ``text`` as a picture for a web page."""
    module_rows = modules(text)
    size = len(module_rows)

    dark_path = ""
    for x, y, length in runs(module_rows):
        dark_path += f"M{x} {y}h{length}v1h-{length}z"

    label = f"Código QR {escape(text)}"
    return (
        f'<svg viewBox="0 0 {size} {size}" role="img" aria-label="{label}" '
        'shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path d="{dark_path}"/></svg>'
    )


def half_blocks(text: str) -> Iterator[str]:
    """Yield the QR code of ``text`` as lines of text, two rows of modules a line."""
    module_rows = modules(text)
    if len(module_rows) % 2:
        light_row = bytes(len(module_rows[0]))
        module_rows.append(light_row)

    upper_rows = module_rows[::2]
    lower_rows = module_rows[1::2]
    for upper, lower in zip(upper_rows, lower_rows, strict=True):
        halves = zip(upper, lower, strict=True)
        yield "".join([_HALVES[pair] for pair in halves])

"""Receipts as plain text in columns, the code drawn with half blocks."""

from collections.abc import Iterator, Sequence

from trastienda.wire.receipts.columns import lines_of
from trastienda.wire.receipts.layout import Code, Layout
from trastienda.wire.receipts.qr import modules
from trastienda.wire.receipts.wrapping import columns_of

_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
"""Two modules, one above the other, in a character that is twice as high as wide."""


def render(layouts: Sequence[Layout], columns: int) -> bytes:
    """Return receipts in UTF-8, one after the other, three empty lines between them."""
    return "\n\n\n".join(
        "".join(f"{line}\n" for line in _lines(one, columns)) for one in layouts
    ).encode()


def _lines(layout: Layout, columns: int) -> Iterator[str]:
    for block in layout.blocks:
        if isinstance(block, Code):
            yield from (_centre(line, columns) for line in _drawn(block.content))
        for line in lines_of(block, columns):
            yield _centre(line.text, columns) if line.centred else line.text


def _centre(text: str, columns: int) -> str:
    return (" " * ((columns - columns_of(text)) // 2) + text).rstrip()


def _drawn(content: str) -> Iterator[str]:
    rows = modules(content)
    if len(rows) % 2:
        rows.append(bytes(len(rows[0])))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))

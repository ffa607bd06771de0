"""Receipts as plain text in columns, the code drawn with half blocks."""

from collections.abc import Sequence

from trastienda.wire.receipts.columns import lines_of
from trastienda.wire.receipts.layout import Code, Layout
from trastienda.wire.receipts.qr import half_blocks
from trastienda.wire.receipts.wrapping import columns_of


def render(
    layouts: Sequence[Layout],
    columns: int,
) -> bytes:
    """Return receipts in UTF-8, with three empty lines between two of them."""
    receipts = []
    for layout in layouts:
        receipt = ""
        for block in layout.blocks:
            if isinstance(block, Code):
                for half_row in half_blocks(block.content):
                    receipt += _centre(half_row, columns) + "\n"

            for line in lines_of(block, columns):
                text = line.text
                if line.centred:
                    text = _centre(text, columns)
                receipt += text + "\n"

        receipts.append(receipt)

    return "\n\n\n".join(receipts).encode()


def _centre(
    text: str,
    columns: int,
) -> str:
    indent = (columns - columns_of(text)) // 2
    return (" " * indent + text).rstrip()

"""The media in which a receipt can be had."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.wire.receipts import escpos
from trastienda.wire.receipts.layout import lay_out

HTML = "text/html"
PDF = "application/pdf"
TEXT = "text/plain"
ESCPOS = "application/vnd.escpos"
PRINTABLE = (HTML, PDF, TEXT, ESCPOS)
COLUMNS = (32, 42, 48)
"""Columns of receipt printers: of 58 mm paper, and of 80 mm paper in two fonts."""


class Paper(Struct, frozen=True):
    """The paper of the shop's printer, in columns, and the printer's code page."""

    columns: int = 48
    code_page: str = "cp858"


def render(
    media: str,
    receipts: Sequence[Receipt],
    units: Mapping[int, Unit],
    paper: Paper,
    *,
    opens_drawer: bool = False,
) -> bytes:
    """Return receipts in one of the printable media.

    ``units`` are those of the products on them. ``opens_drawer``: in ESC/POS, open the
    cash drawer too.
    """
    layouts = [lay_out(receipt, units) for receipt in receipts]

    match media:
        case "text/html":
            from trastienda.wire.receipts import html

            return html.render(layouts)

        case "application/pdf":
            from trastienda.wire.receipts import pdf

            return pdf.render(layouts)

        case "text/plain":
            from trastienda.wire.receipts import text

            return text.render(layouts, paper.columns)

        case _:
            return escpos.render(
                layouts,
                paper.columns,
                paper.code_page,
                opens_drawer=opens_drawer,
            )

"""Receipts as one self-contained web page, for phones and for paper of 80 mm."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from math import ceil

from trastienda.wire.receipts.columns import lines_of
from trastienda.wire.receipts.layout import (
    Block,
    Centred,
    Code,
    Heading,
    Layout,
    Row,
    Rule,
    Stamp,
    Total,
)
from trastienda.wire.receipts.qr import svg

_STYLE = files(__package__).joinpath("receipt.css").read_text("utf-8")

_PAGE = """\
<!doctype html>
<html lang="es">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
<body>
{sheets}</body>
</html>
"""
_LARGE_COLUMNS, _NORMAL_COLUMNS = 24, 34
"""In headings and totals, and elsewhere: fewer columns than any usual font prints."""


def render(layouts: Sequence[Layout]) -> bytes:
    """Return a page with these receipts, each on a sheet of its own when printed."""
    title = layouts[0].title if len(layouts) == 1 else "Comprobantes"
    sheets = ""
    page_sizes = ""
    for position, layout in enumerate(layouts):
        sheet_name = f"sheet{position}"

        # CSS fixes the size of a page before the browser's font is known, so this is an
        # upper bound: few columns, and the tallest lines of each kind.
        height_mm = 12.0
        for block in layout.blocks:
            match block:
                case Rule():
                    height_mm += 7
                case Code():
                    height_mm += 40
                case Stamp():
                    height_mm += 16
                case Heading() | Total():
                    lines = list(lines_of(block, _LARGE_COLUMNS))
                    height_mm += 8 * len(lines) + 1.5
                case Centred() | Row():
                    lines = list(lines_of(block, _NORMAL_COLUMNS))
                    height_mm += 5 * len(lines)
                    is_minor = isinstance(block, Row) and block.minor
                    if not is_minor:
                        height_mm += 1.5
        page_size = f"80mm {ceil(height_mm)}mm"
        page_sizes += f"@page {sheet_name} {{ size: {page_size}; }}\n"

        blocks = "".join([_render_block(block) for block in layout.blocks])
        sheets += f'<article style="page: {sheet_name}">{blocks}</article>\n'

    page = _PAGE.format(
        title=escape(title),
        style=_STYLE + page_sizes,
        sheets=sheets,
    )
    return page.encode()


def _render_block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h1>{escape(text)}</h1>"

        case Centred(text, strong):
            classes = "centred strong" if strong else "centred"
            return f'<p class="{classes}">{escape(text)}</p>'

        case Row(left, right, strong, minor):
            classes = "row"
            if strong:
                classes += " strong"
            if minor:
                classes += " minor"
            return _render_pair(classes, left, right)

        case Total(left, right):
            return _render_pair("row total", left, right)

        case Stamp(text):
            return f'<p class="stamp"><span>{escape(text)}</span></p>'

        case Rule():
            return "<hr>"

        case Code(content, caption):
            picture = svg(content)
            figcaption = f"<figcaption>{escape(caption)}</figcaption>"
            return f"<figure>{picture}{figcaption}</figure>"


def _render_pair(
    classes: str,
    left: str,
    right: str,
) -> str:
    spans = f"<span>{escape(left)}</span><span>{escape(right)}</span>"
    return f'<p class="{classes}">{spans}</p>'

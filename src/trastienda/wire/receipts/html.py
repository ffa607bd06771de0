"""Receipts as one web page that needs nothing else: good on a phone, and printed on paper of 80 mm."""

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
from trastienda.wire.receipts.qr import modules, runs

_STYLE = files(__package__).joinpath("receipt.css").read_text("utf-8")


def render(layouts: Sequence[Layout]) -> bytes:
    """Return a page with these receipts, each on a sheet of its own when printed."""
    title = layouts[0].title if len(layouts) == 1 else "Comprobantes"
    sheets = "".join(
        f'<article style="page: sheet{place}">{"".join(map(_drawn, one.blocks))}</article>\n'
        for place, one in enumerate(layouts)
    )
    pages = "".join(
        f"@page sheet{place} {{ size: 80mm {_height_mm(one)}mm; }}\n"
        for place, one in enumerate(layouts)
    )
    return (
        '<!doctype html>\n<html lang="es">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}{pages}</style>\n<body>\n{sheets}</body>\n</html>\n"
    ).encode()


def _height_mm(layout: Layout) -> int:
    """Return how high a sheet has to be at least: a page has a size before it is known what the browser's font needs.

    Fewer columns than any usual font has in print, and the tallest lines of each kind.
    """
    height_mm = 12.0
    for block in layout.blocks:
        match block:
            case Rule():
                height_mm += 7
            case Code():
                height_mm += 40
            case Stamp():
                height_mm += 16
            case _:
                tall = isinstance(block, Heading | Total)
                height_mm += (8 if tall else 5) * len(
                    list(lines_of(block, 24 if tall else 34))
                )
                height_mm += 0 if isinstance(block, Row) and block.minor else 1.5
    return ceil(height_mm)


def _drawn(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h1>{escape(text)}</h1>"
        case Centred(text, strong):
            return f'<p class="centred{" strong" if strong else ""}">{escape(text)}</p>'
        case Row(left, right, strong, minor):
            kind = "row" + (" strong" if strong else "") + (" minor" if minor else "")
            return _pair(kind, left, right)
        case Total(left, right):
            return _pair("row total", left, right)
        case Stamp(text):
            return f'<p class="stamp"><span>{escape(text)}</span></p>'
        case Rule():
            return "<hr>"
        case Code(content, caption):
            return f"<figure>{_code(content)}<figcaption>{escape(caption)}</figcaption></figure>"


def _pair(kind: str, left: str, right: str) -> str:
    return (
        f'<p class="{kind}"><span>{escape(left)}</span><span>{escape(right)}</span></p>'
    )


def _code(content: str) -> str:
    rows = modules(content)
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs(rows))
    return (
        f'<svg viewBox="0 0 {len(rows)} {len(rows)}" role="img" aria-label="Código QR {escape(content)}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{len(rows)}v{len(rows)}H0z"/><path d="{path}"/></svg>'
    )

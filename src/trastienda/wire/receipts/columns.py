"""A layout in columns of characters, as text and printers want it."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from trastienda.wire.receipts.layout import (
    Block,
    Centred,
    Code,
    Heading,
    Row,
    Rule,
    Stamp,
    Total,
)
from trastienda.wire.receipts.wrapping import beside, columns_of, wrap

_INDENT = "  "


class Line(Struct, frozen=True):
    """A line no wider than the columns; one ``centred`` has no spaces around it. ``scale``: times as wide and high."""

    text: str
    strong: bool = False
    centred: bool = False
    width_scale: int = 1
    height_scale: int = 1


def lines_of(
    block: Block, columns: int, printable: Callable[[str], str] = str
) -> Iterator[Line]:
    """Yield the lines of a block; ``printable`` makes a text one that the medium can write. A code has its caption."""
    match block:
        case Heading(text):
            lines = wrap(printable(text), columns, columns_of)
            wide = len(lines) == 1 and 2 * columns_of(lines[0]) <= columns
            for line in lines:
                yield Line(
                    line,
                    strong=True,
                    centred=True,
                    width_scale=2 if wide else 1,
                    height_scale=2,
                )
        case Centred(text, strong):
            for line in wrap(printable(text), columns, columns_of):
                yield Line(line, strong=strong, centred=True)
        case Row():
            yield from _row(block, columns, printable)
        case Total(left, right):
            for line in _pair(printable(left), printable(right), columns):
                yield Line(line, strong=True, height_scale=2)
        case Stamp(text):
            yield Line(
                printable(f"*** {text} ***"), strong=True, centred=True, height_scale=2
            )
        case Rule():
            yield Line("-" * columns)
        case Code(_, caption):
            yield Line(printable(caption), centred=True)


def _row(row: Row, columns: int, printable: Callable[[str], str]) -> Iterator[Line]:
    indent = _INDENT if row.minor else ""
    for line in _pair(printable(row.left), printable(row.right), columns - len(indent)):
        yield Line(indent + line, strong=row.strong)


def _pair(left: str, right: str, columns: int) -> Iterator[str]:
    lines, joined = beside(left, right, columns, 1, columns_of)
    if not joined:
        lines.append("")
    yield from lines[:-1]
    yield (
        lines[-1] + right.rjust(columns - columns_of(lines[-1])) if right else lines[-1]
    )

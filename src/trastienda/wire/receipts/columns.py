"""A layout in columns of characters, for plain text and receipt printers."""

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
_RULE = "-"


class Line(Struct, frozen=True):
    """A line no wider than the paper; a ``centred`` one has no spaces around it.

    The scales say how many times as wide and high as usual it is printed.
    """

    text: str
    strong: bool = False
    centred: bool = False
    width_scale: int = 1
    height_scale: int = 1


def lines_of(
    block: Block,
    columns: int,
    printable: Callable[[str], str] = str,
) -> Iterator[Line]:
    """Yield the lines of a block; of a code those of its caption.

    ``printable`` turns a text into one that the medium can write.
    """
    match block:
        case Heading(text):
            lines = wrap(printable(text), columns, columns_of)
            fits_wide = len(lines) == 1 and 2 * columns_of(lines[0]) <= columns
            width_scale = 2 if fits_wide else 1

            for line in lines:
                yield Line(
                    line,
                    strong=True,
                    centred=True,
                    width_scale=width_scale,
                    height_scale=2,
                )

        case Centred(text, strong):
            for line in wrap(printable(text), columns, columns_of):
                yield Line(line, strong=strong, centred=True)

        case Row(left, right, strong, minor):
            indent = _INDENT if minor else ""
            width = columns - len(indent)
            for line in _pair(printable(left), printable(right), width):
                yield Line(indent + line, strong=strong)

        case Total(left, right):
            for line in _pair(printable(left), printable(right), columns):
                yield Line(line, strong=True, height_scale=2)

        case Stamp(text):
            stamp = printable(f"*** {text} ***")
            yield Line(
                stamp,
                strong=True,
                centred=True,
                height_scale=2,
            )

        case Rule():
            yield Line(_RULE * columns)

        case Code(_, caption):
            yield Line(printable(caption), centred=True)


def _pair(
    left: str,
    right: str,
    columns: int,
) -> Iterator[str]:
    """Yield the lines of ``left``, with ``right`` at the end of the last one.

    If ``right`` does not fit there, it stands below.
    """
    lines, fits_beside = beside(left, right, columns, 1, columns_of)
    if not fits_beside:
        lines.append("")
    *lines_above, last_line = lines

    yield from lines_above
    if right:
        last_line += right.rjust(columns - columns_of(last_line))
    yield last_line

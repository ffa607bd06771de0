"""Tables: tidy on a terminal, plain columns where another program reads them."""

import sys
from collections.abc import Sequence

import click


def show(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Print rows in columns.

    On a terminal they have headings and are no wider than it.
    """
    if not sys.stdout.isatty():
        columns = zip(*rows, strict=True)
        widths = [max(map(len, column)) for column in columns]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            click.echo("  ".join(cells).rstrip())
        return

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))  # what people are called is no markup
    Console(highlight=False).print(table)

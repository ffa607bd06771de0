"""What ``import --dry-run`` shows: how a file was understood."""

from collections.abc import Mapping
from itertools import islice
from operator import itemgetter

import click
from msgspec import UNSET

from trastienda.domain.shop import Shop
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.products import ProductList
from trastienda.files.tables.column_names import VOCABULARIES
from trastienda.files.tables.columns import FoundColumns
from trastienda.wire.written import day_and_time, money, quantity

SHOWN_ROWS = 5


def show_columns(
    header: tuple[str, ...],
    columns: FoundColumns | None,
    words: Mapping[str, str],
) -> None:
    """Show which column holds which field, and which hold none."""
    if columns is None:  # a file whose fields have fixed names
        return

    click.echo(
        "Columnas, como se entendieron (otra cosa se dice con --map COLUMNA=campo):"
    )
    for field, position in columns.positions.items():
        if field in words:
            click.echo(f"  «{header[position]}» → {words[field]}")

    if columns.unused:
        unused = ", ".join(f"«{column}»" for column in columns.unused)
        click.echo(f"  sin usar: {unused}")


def show_used_columns(columns: FoundColumns | None) -> None:
    """Show in a line which column was taken for what; one that has the name of its
    field is just that."""
    if columns is None:  # a file whose fields have fixed names
        return

    words = VOCABULARIES[columns.kind].words
    texts = []
    in_file_order = sorted(columns.positions.items(), key=itemgetter(1))
    for field, position in in_file_order:
        header = columns.header[position]
        is_own_word = header == words[field]
        texts.append(header if is_own_word else f"«{header}» → {words[field]}")
    click.echo(f"Columnas: {', '.join(texts)}")


def show_products(
    listed: ProductList,
    shop: Shop,
) -> None:
    """Show the first products."""
    texts = []
    for product in listed.products[:SHOWN_ROWS]:
        # A field that the file does not have stays as it is in the shop.
        fields = product.change
        parts = [f"línea {product.line}: {product.code}"]
        if fields.name is not UNSET:
            parts.append(f"«{fields.name}»")
        if fields.price_minor is not UNSET:
            parts.append(f"precio {money(fields.price_minor, shop)}")
        if fields.cost_minor is not UNSET:
            parts.append(f"costo {money(fields.cost_minor, shop)}")
        if fields.stock_milli is not UNSET:
            parts.append(f"stock {quantity(fields.stock_milli)}")
        if fields.category is not UNSET:
            parts.append(f"categoría {fields.category}")
        texts.append(", ".join(parts))
    _show("productos", texts)


def show_sales(
    sales: PastSales,
    shop: Shop,
) -> None:
    """Show the first documents."""
    texts = []
    for document in islice(sales.documents(), SHOWN_ROWS):
        line_texts = []
        for line in document.lines[:SHOWN_ROWS]:
            count_text = quantity(line.quantity_milli)
            total_text = money(line.total_minor, shop)
            line_texts.append(f"{count_text} × {line.name} = {total_text}")
        lines_text = "; ".join(line_texts)
        if len(document.lines) > SHOWN_ROWS:
            lines_text += " …"

        kind = "devolución" if document.is_return else "venta"
        moment = day_and_time(document.at_ms, shop.time_zone)
        texts.append(f"{kind} {document.number}, {moment}: {lines_text}")
    _show("documentos", texts)


def _show(
    noun: str,
    texts: list[str],
) -> None:
    if texts:
        click.echo(f"Primeros {noun}, como se entendieron:")
    for text in texts:
        click.echo(f"  {text}")

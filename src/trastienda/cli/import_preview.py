"""What ``import --dry-run`` shows: how a file was understood."""

from collections.abc import Mapping
from itertools import islice

import click
from msgspec import UNSET

from trastienda.domain.past_sales import ListedProduct, PastDocument
from trastienda.domain.shop import Shop
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.products import ProductList
from trastienda.files.tables.columns import FoundColumns
from trastienda.wire.written import day_and_time, money, quantity

SHOWN_ROWS = 5


def show_columns(
    header: tuple[str, ...], columns: FoundColumns | None, words: Mapping[str, str]
) -> None:
    """Show which column holds which field, and which hold none."""
    if columns is None:
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


def show_products(listed: ProductList, shop: Shop) -> None:
    """Show the first products."""
    products = listed.products[:SHOWN_ROWS]
    _show("productos", [_product_text(product, shop) for product in products])


def show_sales(sales: PastSales, shop: Shop) -> None:
    """Show the first documents."""
    documents = islice(sales.documents(), SHOWN_ROWS)
    _show("documentos", [_document_text(document, shop) for document in documents])


def _show(noun: str, texts: list[str]) -> None:
    if texts:
        click.echo(f"Primeros {noun}, como se entendieron:")
    for text in texts:
        click.echo(f"  {text}")


def _product_text(product: ListedProduct, shop: Shop) -> str:
    fields = product.given
    parts = [f"línea {product.line}: {product.code}", f"«{fields.name}»"]
    if fields.price_minor is not UNSET:
        parts.append(f"precio {money(fields.price_minor, shop)}")
    if fields.cost_minor is not UNSET:
        parts.append(f"costo {money(fields.cost_minor, shop)}")
    if fields.stock_milli is not UNSET:
        parts.append(f"stock {quantity(fields.stock_milli)}")
    if fields.category is not UNSET:
        parts.append(f"categoría {fields.category}")
    return ", ".join(parts)


def _document_text(document: PastDocument, shop: Shop) -> str:
    kind = "devolución" if document.is_return else "venta"
    moment = day_and_time(document.at_ms, shop.zone)
    lines = []
    for line in document.lines[:SHOWN_ROWS]:
        total = money(line.total_minor, shop)
        lines.append(f"{quantity(line.quantity_milli)} × {line.name} = {total}")
    more = " …" if len(document.lines) > SHOWN_ROWS else ""
    return f"{kind} {document.number}, {moment}: {'; '.join(lines)}{more}"

"""What ``import --dry-run`` shows: which column was taken for what, and the first rows as they were understood."""

from collections.abc import Iterator, Mapping
from itertools import islice

import click
from msgspec import UNSET

from trastienda.domain.past_sales import ListedProduct, PastDocument
from trastienda.domain.shop import Shop
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.products import ProductList
from trastienda.files.tables.columns import Found
from trastienda.wire.written import day_and_time, money, quantity

SHOWN_ROWS = 5


def show_columns(
    header: tuple[str, ...], columns: Found | None, words: Mapping[str, str]
) -> None:
    """Say which column holds which field, and which hold none."""
    if columns is None:
        return
    click.echo(
        "Columnas, como se entendieron (otra cosa se dice con --map COLUMNA=campo):"
    )
    for field, place in columns.places.items():
        if field in words:
            click.echo(f"  «{header[place]}» → {words[field]}")
    if columns.unused:
        click.echo("  sin usar: " + ", ".join(f"«{one}»" for one in columns.unused))


def show_products(found: ProductList, shop: Shop) -> None:
    """Show the first products."""
    _show((_product(one, shop) for one in found.products), "productos")


def show_sales(found: PastSales, shop: Shop) -> None:
    """Show the first documents."""
    _show((_document(one, shop) for one in found.documents()), "documentos")


def _show(rows: Iterator[str], what: str) -> None:
    first = list(islice(rows, SHOWN_ROWS))
    if first:
        click.echo(f"Primeros {what}, como se entendieron:")
    for row in first:
        click.echo(f"  {row}")


def _product(one: ListedProduct, shop: Shop) -> str:
    given = one.given
    parts = [f"línea {one.line}: {one.code}", f"«{given.name}»"]
    if given.price_minor is not UNSET:
        parts.append(f"precio {money(given.price_minor, shop)}")
    if given.cost_minor is not UNSET:
        parts.append(f"costo {money(given.cost_minor, shop)}")
    if given.stock_milli is not UNSET:
        parts.append(f"stock {quantity(given.stock_milli)}")
    if given.category is not UNSET:
        parts.append(f"categoría {given.category}")
    return ", ".join(parts)


def _document(one: PastDocument, shop: Shop) -> str:
    kind = "devolución" if one.is_return else "venta"
    lines = "; ".join(
        f"{quantity(line.quantity_milli)} × {line.name} = {money(line.total_minor, shop)}"
        for line in one.lines[:SHOWN_ROWS]
    )
    more = " …" if len(one.lines) > SHOWN_ROWS else ""
    return f"{kind} {one.number}, {day_and_time(one.at_ms, shop.zone)}: {lines}{more}"

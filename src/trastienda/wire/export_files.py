"""Files that an export writes as a stream: CSV for spreadsheets, JSON lines, and ``inventario.json``."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from trastienda.domain.products import Product
from trastienda.wire.export_rows import Cell, Terms
from trastienda.wire.formulas import guarded
from trastienda.wire.numerals import decimal_comma
from trastienda.wire.products import product_out

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]
"""Name, header and rows of a table."""


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write a table the way that a Chilean spreadsheet opens with a double click, and an import reads back."""
    _, header, rows = sheet
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows(map(_text, rows))


def _text(cells: Sequence[Cell]) -> list[str]:
    return [_cell(cell) for cell in cells]


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case bool():
            return "si" if cell else "no"
        case Decimal():
            return decimal_comma(cell)
        case date():
            return cell.isoformat()
    return str(cell)


def write_lines(path: Path, objects: Iterable[Any]) -> None:
    """Write objects as JSON, one a line."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for one in objects:
            file.write(encoder.encode(one) + b"\n")


def write_inventory(path: Path, products: Iterable[Product], now_ms: int, terms: Terms) -> None:
    """Write products as ``{name: {precio, cantidad, …}}``, money in units; of equal names the later have their code."""
    seen: set[str] = set()
    with path.open("wb") as file:
        before = b"{\n"
        for product in products:
            name = product.name if product.name not in seen else f"{product.name} ({product.code})"
            seen.add(name)
            file.write(before + msgspec.json.encode(name) + b": " + _entry(product, now_ms, terms))
            before = b",\n"
        file.write((b"{" if before == b"{\n" else b"\n") + b"}\n")


def _entry(product: Product, now_ms: int, terms: Terms) -> bytes:
    shown = product_out(product, now_ms, terms.zone, staff=True)
    fields: dict[str, Any] = {"precio": _number(product.price_minor, terms), "cantidad": shown.stock}
    for field in shown.__struct_fields__:
        if field not in {"precio", "stock", "costo", "precio_final", "cantidad"}:
            fields[field] = getattr(shown, field)
    fields["costo"] = _number(product.cost_minor, terms)
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not UNSET})


def _number(amount_minor: int, terms: Terms) -> msgspec.Raw:
    return msgspec.Raw(format(terms.money(amount_minor), "f").encode())

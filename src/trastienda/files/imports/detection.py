"""What a file is by its content: table or JSON, product list or past sales."""

from collections.abc import Set
from pathlib import Path

import msgspec

from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.column_names import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
)
from trastienda.files.tables.columns import field_named, match_columns
from trastienda.files.tables.csv_table import open_csv
from trastienda.files.tables.header_fields import KnownHeaders
from trastienda.files.tables.markup_table import is_markup, open_markup
from trastienda.files.tables.spreadsheet_table import open_spreadsheet
from trastienda.files.tables.table import FileRefused, Table, header_key, quoted

SALE_KEYS = frozenset({"id_venta", "id_devolucion"})
"""An exported object with one of these is a sale or a return."""
EXPORT_ONLY_KEYS = frozenset({"id_compra", "hash", "saldo"})
"""An exported object with one of these is a purchase, a registro or a movement."""

_CHANGED_ALONE = frozenset(
    {"price", "stock", "cost", "min_stock", "discount_percent", "discount_amount"}
)
"""What a table may change of products that exist, with nothing but their code."""

_SPREADSHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of .xlsx, .ods and .xlsb, and of .xls."""
_UTF8_MARK = b"\xef\xbb\xbf"
_START_BYTES = 1 << 20
"""Enough for the first line of JSON lines; a sale of 500 lines is some 150 kB."""


def _start(path: Path) -> bytes:
    """Return how the file begins, without the mark of UTF-8 and blanks before it."""
    with path.open("rb") as file:
        first_bytes = file.read(_START_BYTES)
    return first_bytes.removeprefix(_UTF8_MARK).lstrip()


def is_json(path: Path) -> bool:
    """Tell whether the file begins as a JSON object or list does."""
    start = _start(path)
    return start.startswith((b"{", b"["))


def is_json_lines(path: Path) -> bool:
    """Tell whether the file holds a JSON object a line.

    It does if a second object follows a complete first line; a single object counts if
    the file has the name of JSON lines.
    """
    start = _start(path)
    if not start.startswith(b"{"):
        return False

    first_line, _, other_lines = start.partition(b"\n")
    has_second_object = other_lines.lstrip().startswith(b"{")
    if not has_second_object:
        return path.suffix.lower() in {".jsonl", ".ndjson"}
    return isinstance(_decode(first_line), dict)


def _decode(line: bytes) -> object:
    """Return the value of a line of JSON; None for a line that is no JSON."""
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None


def open_table(
    path: Path,
    options: ImportOptions,
    *kinds: str,
) -> Table:
    """Open ``path`` as a table of one of the ``kinds``, or raise FileRefused."""
    named_columns = [column for column, _ in options.column_map]
    known_headers = KnownHeaders(kinds, named_columns)
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_SPREADSHEET_STARTS):
        return open_spreadsheet(path, known_headers, options.sheet)
    if is_markup(path):
        return open_markup(path, known_headers, options.sheet)
    return open_csv(path, known_headers)


def is_for_known_products(fields: Set[str]) -> bool:
    """Tell whether these columns suffice for products that the shop has: their code, and
    a price, a count or the like."""
    return "code" in fields and not _CHANGED_ALONE.isdisjoint(fields)


def detect_kind(
    path: Path,
    options: ImportOptions,
) -> str:
    """Return which of the KINDS the file holds.

    Raises FileRefused if it is unclear, OSError if the file cannot be read.
    """
    if is_json_lines(path):
        first_line, _, _ = _start(path).partition(b"\n")
        first_object = _decode(first_line)
        keys = first_object.keys() if isinstance(first_object, dict) else set()
        if keys & EXPORT_ONLY_KEYS:
            raise FileRefused(
                "Son compras, movimientos o registros, que solo se exportan."
            )
        is_sale = keys & (SALE_KEYS | {"detalle"})
        return PAST_SALES if is_sale else PRODUCTS

    if is_json(path):
        return PRODUCTS
    table = open_table(path, options, *KINDS)
    return _kind_of_table(table, options)


def _kind_of_table(table: Table, options: ImportOptions) -> str:
    """Return which of the KINDS has the columns of the table."""
    mapped_words = [word for _, word in options.column_map if word]
    fields_by_kind: dict[str, set[str]] = {}
    for kind in KINDS:
        if all(field_named(kind, word) for word in mapped_words):
            columns = match_columns(table, kind, options.column_map)
            fields_by_kind[kind] = set(columns.positions)
    if not fields_by_kind:
        # No kind has all the fields of the column map; this raises and says which one
        # is unknown.
        match_columns(table, PRODUCTS, options.column_map)

    if header_key(table.header[0]) == "idcompra":
        raise FileRefused(
            "Son compras, que solo se exportan; "
            "con backup y restore se lleva toda la tienda."
        )
    sale_fields = fields_by_kind.get(PAST_SALES, set())
    if {"number", "quantity", "date"} <= sale_fields:
        return PAST_SALES
    product_fields = fields_by_kind.get(PRODUCTS, set())
    # Numbered and dated rows are sales of which a column is not understood.
    is_dated = {"number", "date"} <= sale_fields
    if {"name", "price"} <= product_fields and not is_dated:
        return PRODUCTS
    # Of a list that lacks its price, the refusal of lists says so.
    is_list = "name" in product_fields or is_for_known_products(product_fields)
    if is_list and not sale_fields & {"number", "date"}:
        return PRODUCTS
    raise FileRefused(
        "No se sabe si son productos o ventas por sus columnas "
        f"({quoted(table.header)}); indica --kind, "
        "y con --map COLUMNA=campo lo que no se entienda."
    )

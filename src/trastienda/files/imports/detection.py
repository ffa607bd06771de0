"""What a file is, found out from its content: table or JSON, product list or past
sales."""

from pathlib import Path

import msgspec

from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.column_names import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
    VOCABULARIES,
)
from trastienda.files.tables.columns import field_named, find_columns
from trastienda.files.tables.csv_table import open_csv
from trastienda.files.tables.spreadsheet_table import open_spreadsheet
from trastienda.files.tables.table import FileRefused, Table, header_key, quoted

SALE_KEYS = frozenset({"id_venta", "id_devolucion"})
"""An exported object with one of these is a sale or a return."""
EXPORT_ONLY_KEYS = frozenset({"id_compra", "hash", "saldo"})
"""An exported object with one of these is a purchase, a registro or a movement."""

_SPREADSHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of .xlsx, .ods and .xlsb, and of .xls."""
_UTF8_MARK = b"\xef\xbb\xbf"
_START_BYTES = 1 << 20
"""Enough for the first line of JSON lines; a sale of 500 lines is some 150 kB."""


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES).removeprefix(_UTF8_MARK).lstrip()


def is_json(path: Path) -> bool:
    """Tell whether the file begins as a JSON object or list does."""
    return _start(path)[:1] in {b"{", b"["}


def is_json_lines(path: Path) -> bool:
    """Tell whether the file holds a JSON object a line.

    It does if a second object follows a complete first line; a single object counts if
    the file has the name of JSON lines.
    """
    start = _start(path)
    if not start.startswith(b"{"):
        return False
    first, _, rest = start.partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return path.suffix.lower() in {".jsonl", ".ndjson"}
    return isinstance(_decode(first), dict)


def _decode(line: bytes) -> object:
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
    known_headers = {header_key(column) for column, _ in options.column_map}
    for kind in kinds:
        for headers in VOCABULARIES[kind].headers.values():
            known_headers.update(headers)
    with path.open("rb") as file:
        is_spreadsheet = file.read(4).startswith(_SPREADSHEET_STARTS)
    if is_spreadsheet:
        return open_spreadsheet(path, frozenset(known_headers), options.sheet)
    return open_csv(path, frozenset(known_headers))


def detect_kind(
    path: Path,
    options: ImportOptions,
) -> str:
    """Return which of the KINDS the file holds.

    Raises FileRefused if it is unclear, OSError if the file cannot be read.
    """
    if is_json_lines(path):
        first_line, _, _ = _start(path).partition(b"\n")
        first = _decode(first_line)
        keys = first.keys() if isinstance(first, dict) else set()
        if keys & EXPORT_ONLY_KEYS:
            raise FileRefused(
                "Son compras, movimientos o registros, que solo se exportan."
            )
        return PAST_SALES if keys & (SALE_KEYS | {"detalle"}) else PRODUCTS
    if is_json(path):
        return PRODUCTS
    return _kind_of_table(open_table(path, options, *KINDS), options)


def _kind_of_table(
    table: Table,
    options: ImportOptions,
) -> str:
    words = [word for _, word in options.column_map if word]
    found: dict[str, set[str]] = {}
    for kind in KINDS:
        if all(field_named(kind, word) for word in words):
            columns = find_columns(table, kind, options.column_map)
            found[kind] = set(columns.positions)
    if not found:
        # No kind has all the fields of the column map; this raises and says which one
        # is unknown.
        find_columns(table, PRODUCTS, options.column_map)

    if header_key(table.header[0]) == "idcompra":
        raise FileRefused(
            "Son compras, que solo se exportan; "
            "con backup y restore se lleva toda la tienda."
        )
    if {"number", "quantity", "date"} <= found.get(PAST_SALES, set()):
        return PAST_SALES
    if {"name", "price"} <= found.get(PRODUCTS, set()):
        return PRODUCTS
    raise FileRefused(
        "No se sabe si son productos o ventas por sus columnas "
        f"({quoted(table.header)}); indique --kind, "
        "y con --map COLUMNA=campo lo que no se entienda."
    )

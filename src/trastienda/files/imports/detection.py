"""What an import is told about a file, how it is opened, and what kind of file it is."""

from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.files.tables.columns import (
    KINDS,
    PAST_SALES,
    PRODUCTS,
    Given,
    field_named,
    find,
    of_kind,
)
from trastienda.files.tables.csv_table import open_text
from trastienda.files.tables.spreadsheet_table import open_sheet
from trastienda.files.tables.table import FileRefused, Table, header_key, quoted

_SHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of .xlsx, .ods and .xlsb, and of .xls."""
_START_BYTES = 1 << 20
"""As long as a line of JSON may be that tells what its file is; a sale of 500 lines is some 150 kB."""


class ImportOptions(Struct, frozen=True, kw_only=True):
    """The shop's decimals and zone, and what whoever imports has decided.

    ``exponent`` is how many decimals the shop's currency has; ``date_order`` is one of ``dmy``, ``mdy``, ``ymd``;
    ``sheet`` names one of a spreadsheet; nothing sold may be later than ``latest_ms``.
    """

    exponent: int
    zone: ZoneInfo
    date_order: str | None = None
    sheet: str | None = None
    given: Given = ()
    latest_ms: int | None = None


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()


def is_json(path: Path) -> bool:
    """Tell whether the file begins as a JSON object or list does."""
    return _start(path)[:1] in {b"{", b"["}


def is_json_lines(path: Path) -> bool:
    """Tell whether the file holds a JSON object a line: it is called so, or has a second one below a whole first."""
    start = _start(path)
    if not start.startswith(b"{"):
        return False
    first, _, rest = start.partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return path.suffix.lower() in {".jsonl", ".ndjson"}
    return isinstance(_decoded(first), dict)


def _decoded(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None


def open_table(path: Path, options: ImportOptions, *kinds: str) -> Table:
    """Find out how to read ``path`` as a table of one of the ``kinds``, or raise FileRefused."""
    known = {
        name for kind in kinds for words in of_kind(kind)[0].values() for name in words
    }
    known |= {header_key(column) for column, _ in options.given}
    with path.open("rb") as file:
        if not file.read(4).startswith(_SHEET_STARTS):
            return open_text(path, frozenset(known))
    return open_sheet(path, frozenset(known), options.sheet)


def sniff_kind(path: Path, options: ImportOptions) -> str:
    """Return which of the KINDS the file holds; raise FileRefused where it cannot be told, OSError where unreadable."""
    if is_json_lines(path):
        return _kind_of_object(_decoded(_start(path).partition(b"\n")[0]))
    if is_json(path):
        return PRODUCTS
    table = open_table(path, options, *KINDS)
    fields = {
        kind: find(table, kind, options.given).places.keys()
        for kind in KINDS
        if all(not word or field_named(kind, word) for _, word in options.given)
    }
    if not fields:
        find(table, PRODUCTS, options.given)  # says which field it is that no file has
    if header_key(table.header[0]) == "idcompra":
        raise FileRefused(
            "Son compras, que solo se exportan; con backup y restore se lleva toda la tienda."
        )
    if {"number", "quantity", "date"} <= fields.get(PAST_SALES, set()):
        return PAST_SALES
    if {"name", "price"} <= fields.get(PRODUCTS, set()):
        return PRODUCTS
    raise FileRefused(
        f"No se sabe si son productos o ventas por sus columnas ({quoted(table.header)}); indique --kind, "
        "y con --map COLUMNA=campo lo que no se entienda."
    )


def _kind_of_object(first: object) -> str:
    keys = first.keys() if isinstance(first, dict) else set()
    if keys & {"id_compra", "hash", "saldo"}:
        raise FileRefused("Son compras, movimientos o registros, que solo se exportan.")
    return PAST_SALES if keys & {"id_venta", "id_devolucion", "detalle"} else PRODUCTS

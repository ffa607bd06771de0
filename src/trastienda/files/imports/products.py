"""Product lists in files: a table with a product a line, a JSON list of objects, or ``{name: {…}}``."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

from msgspec.structs import replace

from trastienda.domain import barcode
from trastienda.domain.past_sales import ListedProduct
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import Marks, decide
from trastienda.files.imports.detection import (
    ImportOptions,
    is_json,
    is_json_lines,
    no_progress,
    open_table,
)
from trastienda.files.imports.notices import Notices
from trastienda.files.imports.product_rows import JsonNumber, Marking, product_of
from trastienda.files.imports.refused_rows import RefusedRows, write_beside
from trastienda.files.tables.columns import (
    PRODUCT_NAMES,
    PRODUCTS,
    Found,
    find,
    missing,
)
from trastienda.files.tables.table import (
    FileRefused,
    Progress,
    Table,
    check_width,
    header_key,
)

MAX_JSON_BYTES = 256 * 1024 * 1024
"""JSON is held in memory whole; that is more than a million products."""

Entry = tuple[int, dict[str, Any], list[str]]
"""The line where a product begins, its fields, and its cells as they were."""


class ProductList:
    """A file of products, read: what cannot be taken, and the products. A context, as temporary files go at its end."""

    def __init__(
        self,
        path: Path,
        header: tuple[str, ...],
        separator: str,
        columns: Found | None = None,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="trastienda-")
        self._path = path
        self.header = header
        self._separator = separator
        self.columns = columns
        """None for JSON, whose fields have names of their own."""
        self.notices = Notices()
        self.remarks: list[str] = []
        self.total_rows = 0
        self.refused = RefusedRows(Path(self._temporary.name))
        self.products: list[ListedProduct] = []
        """What can be taken, in the order of the file."""
        self._cells: dict[int, list[str]] = {}

    def __enter__(self) -> "ProductList":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self.refused.close()
        self._temporary.cleanup()

    def write_refused(self) -> Path:
        """Write the rows that are not taken beside the file, each with its line and reason; return where."""
        return write_beside(self._path, self.header, self._separator, self.refused)

    def refuse(self, reasons: Mapping[int, str]) -> None:
        """Put products aside that the shop cannot take, by their lines."""
        for line, reason in reasons.items():
            self.refused.add(line, reason, self._cells[line])
        self.products = [
            product for product in self.products if product.line not in reasons
        ]

    def load(
        self,
        entries: Iterable[Entry | tuple[int, BadCell, list[str]]],
        marking: Marking,
    ) -> None:
        """Take in every product that can be taken, and put the others aside."""
        lines: dict[str, int] = {}
        for line, fields, cells in entries:
            self.total_rows += 1
            try:
                if isinstance(fields, BadCell):
                    raise fields
                product = product_of(line, fields, marking, self.notices)
                first = lines.setdefault(barcode.key(product.code), line)
                if first != line:
                    raise BadCell(
                        f"el código «{product.code}» ya está en la línea {first}"
                    )
                self.products.append(product)
                self._cells[line] = cells
            except BadCell as bad:
                self.refused.add(line, str(bad), cells)


def read(
    path: Path, options: ImportOptions, progress: Progress = no_progress
) -> ProductList:
    """Read a file of products; raise FileRefused where it cannot be taken as a whole. Close what is returned."""
    if is_json(path):
        return _read_json(path, options, progress)
    table = open_table(path, options, PRODUCTS)
    found = find(table, PRODUCTS, options.given)
    lacking = [
        words
        for field, words in (("name", "el nombre"), ("price", "el precio"))
        if field not in found.places
    ]
    if lacking:
        raise missing(table, lacking)
    columns, total = found.places, 2 * table.size
    marking = _study(
        (
            fields
            for _, fields, _ in _table_entries(
                table, columns, lambda done: progress(done, total)
            )
        ),
        options,
    )
    entries = _table_entries(
        table, columns, lambda done: progress(table.size + done, total)
    )
    listed = ProductList(path, table.header, table.separator, found)
    listed.remarks += table.remarks
    return _filled(listed, entries, marking)


def _filled(
    found: ProductList, entries: Iterable[Any], marking: Marking
) -> ProductList:
    try:
        found.load(entries, marking)
    except BaseException:
        found.close()
        raise
    return found


def _table_entries(
    table: Table, columns: Mapping[str, int], tell: Any
) -> Iterator[tuple[int, Any, list[str]]]:
    for line, cells in table.rows(tell):
        try:
            whole = check_width(table, cells)
        except BadCell as bad:
            yield line, bad, bad.cells if isinstance(cells, BadCell) else cells
            continue
        yield line, {field: whole[place] for field, place in columns.items()}, whole


def _study(entries: Iterable[Any], options: ImportOptions) -> Marking:
    """Find out the decimal marks of money and of quantities from all rows."""
    money, quantities = Marks(whole=options.exponent == 0), Marks()
    for fields in entries:
        if isinstance(fields, BadCell):
            continue
        for names, marks in (
            (("price", "cost", "discount_amount"), money),
            (("stock", "min_stock"), quantities),
        ):
            for name in names:
                if isinstance(text := fields.get(name), str):
                    marks.see(text)
    return Marking(
        decide(money, quantities), decide(quantities, money), options.exponent
    )


def _read_json(path: Path, options: ImportOptions, progress: Progress) -> ProductList:
    size_bytes = path.stat().st_size
    if size_bytes > MAX_JSON_BYTES:
        raise FileRefused("El archivo JSON es demasiado grande; use CSV.")
    try:
        text = path.read_text("utf-8-sig")
        lines = is_json_lines(path)
        values = [
            one
            for one in (_json_lines(text) if lines else _json_values(text))
            if not _is_else(one[2])
        ]
        entries = [_json_entry(*one) for one in values]
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FileRefused(f"No es JSON legible: {error}.") from error
    progress(size_bytes, size_bytes)
    marking = _study((fields for _, fields, _ in entries), options)
    if lines:
        marking = replace(marking, minor=True)
    return _filled(ProductList(path, ("nombre", "objeto"), ","), entries, marking)


def _is_else(value: Any) -> bool:
    """Tell whether this is one of the other objects of an export of everything."""
    return isinstance(value, dict) and not value.keys().isdisjoint(
        ("id_venta", "id_devolucion", "id_compra", "hash", "saldo")
    )


def _json_lines(text: str) -> Iterator[tuple[int, str | None, Any]]:
    """Yield ``(line, no name, value)`` for each line; what is no JSON comes as the text that it is."""
    for line, one in enumerate(text.split("\n"), start=1):
        if one.strip():
            try:
                yield (
                    line,
                    None,
                    json.loads(
                        one, parse_float=Decimal, parse_int=Decimal, parse_constant=str
                    ),
                )
            except (ValueError, RecursionError):
                yield line, None, one


def _json_values(text: str) -> Iterator[tuple[int, str | None, Any]]:
    """Yield ``(line, name if it has one, value)`` for each member of the object or list that the text is."""

    def refuse_constant(word: str) -> None:
        raise ValueError(f"{word} no es un número")

    decoder = json.JSONDecoder(
        parse_float=Decimal, parse_int=Decimal, parse_constant=refuse_constant
    )
    decoder.decode(
        text
    )  # the whole of it first: what follows relies on its being right
    space = json.decoder.WHITESPACE  # type: ignore[attr-defined]
    at = space.match(text, 0).end()
    named = text[at] == "{"
    line, seen, at = 1, 0, at + 1
    while text[at := space.match(text, at).end()] not in "]}":
        line, seen = line + text.count("\n", seen, at), at
        name = None
        if named:
            name, at = decoder.raw_decode(text, at)
            at = space.match(
                text, space.match(text, at).end() + 1
            ).end()  # over the colon
        value, at = decoder.raw_decode(text, at)
        yield line, name, value
        at = space.match(text, at).end()
        at += text[at] == ","


def _json_entry(line: int, name: str | None, value: Any) -> tuple[int, Any, list[str]]:
    cells = [name or "", json.dumps(value, ensure_ascii=False, default=str)]
    if not isinstance(value, dict):
        return line, BadCell("no es un objeto con los datos de un producto"), cells
    keys: dict[str, Any] = {}
    for key, one in value.items():
        keys.setdefault(header_key(key), one)
    fields = {
        field: _json_cell(keys[word])
        for field, known in PRODUCT_NAMES.items()
        if (word := next((word for word in known if keys.get(word) is not None), None))
        is not None
    }
    if name is not None:
        fields.setdefault("name", name)
    return line, fields, cells


def _json_cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return JsonNumber(value)
    return value if isinstance(value, str | bool | dict) else str(value)

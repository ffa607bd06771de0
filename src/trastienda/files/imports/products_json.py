"""Product lists in JSON: a list of objects, ``{name: {…}}``, or an object a line."""

import contextlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from trastienda.files.cells.codes import dressed
from trastienda.files.imports.detection import EXPORT_ONLY_KEYS, SALE_KEYS
from trastienda.files.imports.product_cells import JsonNumber, ProductCell
from trastienda.files.imports.product_rows import ProductRow
from trastienda.files.tables.column_names import PRODUCT_HEADERS
from trastienda.files.tables.table import FileRefused, header_key

MAX_JSON_BYTES = 256 * 1024 * 1024
"""JSON is held in memory whole; that is more than a million products."""
JSON_HEADER = ("nombre", "objeto")
"""The columns of refused objects in the file of refused rows."""
_SPACE = re.compile(r"[ \t\n\r]*")


class _Member(NamedTuple):
    """A value of the file, the line where it begins, and its name in an object that has
    names."""

    line: int
    name: str | None
    value: object


def read_json_rows(
    path: Path,
    *,
    has_lines: bool,
) -> list[ProductRow]:
    """Return the products of a JSON file; ``has_lines`` says that it holds an object a
    line.

    Raises FileRefused for a file that is no JSON.
    """
    if path.stat().st_size > MAX_JSON_BYTES:
        raise FileRefused("El archivo JSON es demasiado grande; usa CSV.")
    try:
        text = path.read_text("utf-8-sig")
        members = _line_members(text) if has_lines else _members(text)
        rows = []
        for member in members:
            if isinstance(member.value, dict):
                keys = member.value.keys()
                if not keys.isdisjoint(SALE_KEYS | EXPORT_ONLY_KEYS):
                    continue  # one of the other objects of an export of everything
            rows.append(_product_row(member))
        return rows
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FileRefused(f"No es JSON legible: {error}.") from error


def _line_members(text: str) -> Iterator[_Member]:
    """Yield the value of each line; a line that is no JSON is the value itself, as a
    text."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value: object = line
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(
                line,
                parse_float=Decimal,
                parse_int=Decimal,
                parse_constant=str,
            )
        yield _Member(number, None, value)


def _members(text: str) -> Iterator[_Member]:
    """Yield each member of the object or list that the text is; raise ValueError for no
    JSON."""

    def refuse_constant(word: str) -> None:
        raise ValueError(f"{word} no es un número")

    decoder = json.JSONDecoder(
        parse_float=Decimal,
        parse_int=Decimal,
        parse_constant=refuse_constant,
    )
    # All of it first: the loop below relies on the text being right.
    decoder.decode(text)

    start = _skip_space(text, 0)
    has_names = text[start] == "{"
    position = start + 1
    line = 1
    counted_until = 0
    while True:
        position = _skip_space(text, position)
        if text[position] in "]}":
            return
        line += text.count("\n", counted_until, position)
        counted_until = position

        name = None
        if has_names:
            name, position = decoder.raw_decode(text, position)
            colon = _skip_space(text, position)
            position = _skip_space(text, colon + 1)
        value, position = decoder.raw_decode(text, position)
        yield _Member(line, name, value)

        position = _skip_space(text, position)
        if text[position] == ",":
            position += 1


def _skip_space(
    text: str,
    position: int,
) -> int:
    space = _SPACE.match(text, position)
    return position if space is None else space.end()


def _product_row(member: _Member) -> ProductRow:
    line, name, value = member
    raw_cells = [name or "", json.dumps(value, ensure_ascii=False, default=str)]
    if not isinstance(value, dict):
        problem = "no es un objeto con los datos de un producto"
        return ProductRow(line, {}, raw_cells, problem)

    values: dict[str, object] = {}
    for key, item in value.items():
        values.setdefault(header_key(key), item)
    cells: dict[str, ProductCell] = {}
    for field, headers in PRODUCT_HEADERS.items():
        for header in headers:
            item = values.get(header)
            if item is not None:
                cells[field] = _cell(item)
                break
    code = cells.get("code")
    if isinstance(code, str):
        # No spreadsheet has touched it.
        cells["code"] = dressed(code)
    if name is not None:
        cells.setdefault("name", name)
    return ProductRow(line, cells, raw_cells)


def _cell(value: object) -> ProductCell:
    if isinstance(value, Decimal):
        return JsonNumber(value)
    if isinstance(value, str | bool | dict):
        return value
    return str(value)

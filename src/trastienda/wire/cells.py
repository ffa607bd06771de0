"""Cells of a row: texts, codes and numbers, each refused in words where it is none."""

from functools import lru_cache

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.history import code_of_name
from trastienda.domain.text import clean
from trastienda.wire import refusals
from trastienda.wire.numerals import Numeral, numeral


class BadCell(Exception):
    """A row cannot be taken; the text says why, in Spanish."""


def number_in(text: str, mark: str | None, words: str) -> tuple[Numeral, int]:
    """Return the number in a cell and its scale, with ``mark`` as the decimal one; ``words`` name the cell."""
    found = numeral(text)
    if found is None:
        if not text.strip():
            raise BadCell(f"falta {words}")
        raise BadCell(f"{words} «{text}» no es un número")
    scale = found.scale_with(mark)
    if scale is None:
        raise BadCell(f"{words} «{text}» puede tener tres decimales o un separador de miles, y el archivo no lo aclara")
    return found, scale


@lru_cache(maxsize=16384)
def text_in(text: str, words: str, limit: int) -> str:
    """Return the text tidied; it may be empty."""
    try:
        return clean(text, "name", limit=limit, empty=True)
    except Invalid as invalid:
        raise BadCell(f"{words} {refusals.reason(invalid)}") from invalid


@lru_cache(maxsize=16384)
def code_in(text: str, name: str) -> str:
    """Return the code, spaces in it as dashes; without one that of the name."""
    code = "-".join(text.split()) if text else code_of_name(name)
    if not code:
        raise BadCell("faltan el código y la descripción")
    try:
        barcode.check_code(code, in_house=True)
    except Invalid as invalid:
        raise BadCell(f"el código «{text}» {refusals.reason(invalid)}") from invalid
    return code

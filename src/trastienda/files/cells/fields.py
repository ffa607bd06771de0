"""Cells of a row: texts, codes and numbers, each refused in words where it is none."""

import re
from functools import lru_cache

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.past_sales import code_of_name
from trastienda.domain.text import clean, fold
from trastienda.files.cells.numbers import Numeral, numeral, shown
from trastienda.wire import refusals

_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_BREAKS = re.compile(r"\s*[\t\n\v\f\r\u0085\u2028\u2029]\s*")
_YES = frozenset("si s yes y true verdadero 1 x exento activo active".split())
_NO = frozenset("no n false falso 0 afecto inactivo inactive retirado".split())


class BadCell(Exception):
    """A row cannot be taken; the text says why, in Spanish. ``cells`` is what stands in it, if the row has none."""

    def __init__(self, reason: str, cells: list[str] | None = None) -> None:
        super().__init__(reason)
        self.cells = cells or []


def number_in(text: str, mark: str | None, words: str) -> tuple[Numeral, int]:
    """Return the number in a cell and its scale, with ``mark`` as the decimal one; ``words`` name the cell."""
    found = numeral(text)
    if found is None:
        if not text.strip():
            raise BadCell(f"falta {words}")
        raise BadCell(f"{words} «{shown(text)}» no es un número")
    scale = found.scale_with(mark)
    if scale is None:
        raise BadCell(
            f"{words} «{text}» puede tener tres decimales o un separador de miles, y el archivo no lo aclara"
        )
    return found, scale


@lru_cache(maxsize=16384)
def text_in(text: str, words: str, limit: int) -> str:
    """Return the text tidied, in one line; it may be empty."""
    try:
        return clean(
            _BREAKS.sub(" ", shown(text).strip()), "name", limit=limit, empty=True
        )
    except Invalid as invalid:
        raise BadCell(f"{words} {refusals.reason(invalid)}") from invalid


@lru_cache(maxsize=16384)
def code_in(text: str, name: str) -> str:
    """Return the code, spaces in it as dashes; without one that of the name."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell(
            f"el código «{text}» lo cambió la planilla; dé formato de texto a la columna del código"
        )
    code = "-".join(shown(text).split()) if text else code_of_name(name)
    if not code:
        raise BadCell("faltan el código y la descripción")
    try:
        barcode.check_code(code, in_house=True)
    except Invalid as invalid:
        raise BadCell(f"el código «{text}» {refusals.reason(invalid)}") from invalid
    return code


def lost_a_zero(code: str) -> bool:
    """Tell whether a GTIN has most likely lost the zero in front of it, as spreadsheets take it off."""
    return (
        len(code) in {7, 11}
        and code.isascii()
        and code.isdigit()
        and barcode.is_gtin("0" + code)
    )


def flag_in(text: str, words: str) -> bool:
    """Return yes or no."""
    word = fold(text.strip())
    if word in _YES or word in _NO:
        return word in _YES
    raise BadCell(f"{words} «{text.strip()}» no es sí ni no")

"""Cells as values of fields: texts, codes, numbers and flags. What a cell cannot be is
BadCell."""

import re
from functools import lru_cache

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.past_sales import code_of_name
from trastienda.domain.text import clean, fold
from trastienda.files.cells.numbers import as_written, parse_number
from trastienda.wire import refusals

_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_BREAKS = re.compile(r"\s*[\t\n\v\f\r\u0085\u2028\u2029]\s*")
_YES = frozenset("si s yes y true verdadero 1 x exento activo active".split())
_NO = frozenset("no n false falso 0 afecto inactivo inactive retirado".split())


class BadCell(Exception):
    """A row cannot be taken because of what stands in a cell; the text says why, in
    Spanish."""


def number_in(
    text: str,
    decimal_mark: str | None,
    words: str,
) -> tuple[int, int]:
    """Return mantissa and scale of a number, ``mantissa / 10**scale``; ``words`` name
    the cell."""
    number = parse_number(text)
    if number is None:
        if not text.strip():
            raise BadCell(f"falta {words}")
        raise BadCell(f"{words} «{as_written(text)}» no es un número")
    scale = number.scale_with(decimal_mark)
    if scale is None:
        raise BadCell(
            f"{words} «{text}» puede tener tres decimales o un separador de miles, "
            "y el archivo no lo aclara"
        )
    return number.mantissa, scale


@lru_cache(maxsize=16384)
def text_in(
    text: str,
    words: str,
    limit: int,
) -> str:
    """Return the text tidied, in one line; it may be empty."""
    one_line = _BREAKS.sub(" ", as_written(text).strip())
    try:
        return clean(one_line, "name", limit=limit, empty=True)
    except Invalid as invalid:
        raise BadCell(f"{words} {refusals.reason(invalid)}") from invalid


@lru_cache(maxsize=16384)
def code_in(
    text: str,
    name: str,
) -> str:
    """Return the code with dashes for spaces, or the code made of the name if there is
    none."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell(
            f"el código «{text}» lo cambió la planilla; "
            "dé formato de texto a la columna del código"
        )
    if text:
        code = "-".join(as_written(text).split())
    else:
        code = code_of_name(name)
    if not code:
        raise BadCell("faltan el código y la descripción")
    try:
        barcode.check_code(code, in_house=True)
    except Invalid as invalid:
        raise BadCell(f"el código «{text}» {refusals.reason(invalid)}") from invalid
    return code


def lost_a_zero(code: str) -> bool:
    """Tell whether a GTIN probably lost the zero in front of it, as spreadsheets strip
    it."""
    if len(code) not in {7, 11}:
        return False
    return code.isascii() and code.isdigit() and barcode.is_gtin("0" + code)


def flag_in(
    text: str,
    words: str,
) -> bool:
    """Return True for yes and False for no."""
    word = fold(text.strip())
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell(f"{words} «{text.strip()}» no es sí ni no")

"""Cells as values of fields: texts, numbers, flags and RUTs.

What a cell cannot be is BadCell.
"""

import re
from functools import lru_cache

from trastienda.domain.errors import Invalid
from trastienda.domain.rut import normalise
from trastienda.domain.text import clean, fold
from trastienda.files.cells.numbers import TYPED_MARK, as_written, parse_number
from trastienda.wire import reasons

_BREAKS = re.compile(r"\s*[\t\n\v\f\r\u0085\u2028\u2029]\s*")
_YES = frozenset("si s yes y true verdadero 1 x exento activo active".split())
_NO = frozenset("no n false falso 0 afecto inactivo inactive retirado".split())


class BadCell(Exception):
    """A row cannot be taken because of a cell; the text says why, in Spanish."""

    def __init__(self, reason: str) -> None:
        # The cells that a reason quotes stand in it as people write them.
        super().__init__(reason.replace(TYPED_MARK, ","))


def number_in(
    text: str,
    decimal_mark: str | None,
    words: str,
) -> tuple[int, int]:
    """Return mantissa and scale of a number, ``mantissa / 10**scale``.

    ``words`` name the cell.
    """
    number = parse_number(text)
    if number is None:
        if not text.strip():
            raise BadCell(f"falta {words}")
        raise BadCell(f"{words} «{text}» no es un número")

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
    written_text = as_written(text).strip()
    one_line = _BREAKS.sub(" ", written_text)
    try:
        return clean(one_line, "name", limit=limit, empty=True)
    except Invalid as invalid:
        reason = reasons.reason(invalid)
        raise BadCell(f"{words} {reason}") from invalid


@lru_cache(maxsize=4096)
def rut_in(text: str) -> str:
    """Return a customer's RUT; empty for anything else that shops call a customer."""
    if "-" not in text:
        return ""
    try:
        return normalise(text)
    except Invalid:
        return ""


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

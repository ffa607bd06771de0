"""What kind of document a row of past sales is of, and whether it still counts."""

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from trastienda.domain.text import fold


class Role(StrEnum):
    """What a document is to the shop."""

    SALE = "sale"
    RETURN = "return"
    NO_SALE = "no_sale"
    """A delivery note, a quotation, an invoice of somebody else."""


class DocumentType(Struct, frozen=True):
    """A type of document: its name before the number, and what it means.

    The name is empty where the type says no more than the role. ``exempt`` is None for
    a type that leaves that to the product.
    """

    name: str
    role: Role = Role.SALE
    exempt: bool | None = None


ANY_SALE = DocumentType("")
_ANY_RETURN = DocumentType("", Role.RETURN)
_BOLETA = DocumentType("Boleta")
_BOLETA_EXENTA = DocumentType("Boleta exenta", exempt=True)
_FACTURA = DocumentType("Factura")
_FACTURA_EXENTA = DocumentType("Factura exenta", exempt=True)
_NOTA_DE_DEBITO = DocumentType("Nota de débito")
_NOTA_DE_CREDITO = DocumentType("Nota de crédito", Role.RETURN)
_GUIA = DocumentType("Guía de despacho", Role.NO_SALE)
_FACTURA_DE_COMPRA = DocumentType("Factura de compra", Role.NO_SALE)
_COTIZACION = DocumentType("Cotización", Role.NO_SALE)
_ORDEN_DE_COMPRA = DocumentType("Orden de compra", Role.NO_SALE)
_PEDIDO = DocumentType("Pedido", Role.NO_SALE)
_EN_BODEGA = DocumentType("Movimiento de bodega", Role.NO_SALE)
_EN_CAJA = DocumentType("Movimiento de caja", Role.NO_SALE)

_BY_CODE = {
    30: _FACTURA, 33: _FACTURA, 32: _FACTURA_EXENTA, 34: _FACTURA_EXENTA,
    35: _BOLETA, 39: _BOLETA, 38: _BOLETA_EXENTA, 41: _BOLETA_EXENTA,
    45: _FACTURA_DE_COMPRA, 46: _FACTURA_DE_COMPRA, 50: _GUIA, 52: _GUIA,
    55: _NOTA_DE_DEBITO, 56: _NOTA_DE_DEBITO, 60: _NOTA_DE_CREDITO,
    61: _NOTA_DE_CREDITO, 110: DocumentType("Factura de exportación", exempt=True),
    111: DocumentType("Nota de débito de exportación", exempt=True),
    112: DocumentType("Nota de crédito de exportación", Role.RETURN, exempt=True),
    801: _ORDEN_DE_COMPRA, 802: _PEDIDO,
}  # fmt: skip
"""The codes of the Chilean tax office, on paper and electronic."""

_BY_WORDS: tuple[tuple[str, DocumentType], ...] = (
    (r"notas? (de )?credito|credit (note|memo)|n c|nc|nce|ncr", _NOTA_DE_CREDITO),
    (r"notas? (de )?debito|debit (note|memo)|n d|nd|nde", _NOTA_DE_DEBITO),
    (r"refund(ed)?|return(ed)?|devolucion(es)?|reembolso|reversa", _ANY_RETURN),
    (r"facturas? (rectificativa|de abono)|notas? de abono", _ANY_RETURN),
    (r"guias?|gd|delivery note|traslado|^albaran(es)?", _GUIA),
    (r"^orden(es)? de compra|^purchase order", _ORDEN_DE_COMPRA),
    (r"^pedidos?|^notas? de pedido", _PEDIDO),
    (r"^mermas?|^traspasos?|^ajustes?", _EN_BODEGA),
    (r"^cierres?|^aperturas?|^arqueos?|^abonos?|^retiros?", _EN_CAJA),
    (r"factura (electronica )?de compra|^compra$|^purchase$", _FACTURA_DE_COMPRA),
    (r"cotizacion|presupuesto|proforma|pro forma|quote|quotation", _COTIZACION),
    (r"boletas? .*exenta|boleta exenta|be", _BOLETA_EXENTA),
    (r"factura .*exenta|factura exenta|fe exenta", _FACTURA_EXENTA),
    (r"boletas?|bol|bv|b", _BOLETA),
    (r"facturas?|fact|fac|invoice|f", _FACTURA),
    (r"^ventas?$|^sales?$|^normal$", ANY_SALE),
)
"""The first of these that stands in the name of a type as words of it."""
_CODE = re.compile(r"(?:dte |tipo |t)?0*([1-9][0-9]{1,2})(?![0-9])")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")

_VOID = re.compile(
    r"(anulad|nul[ao]$|void|cancel(l?ed)?$|rechazad|reject|eliminad|deleted|borrador"
    r"|draft)"
)
_CANCELADA = re.compile(r"cancelad[ao]s?")
_YES = frozenset(
    "si s yes y x 1 true verdadero anulada anulado nula nulo void voided".split()
)


@lru_cache(maxsize=4096)
def document_type_in(text: str) -> DocumentType:
    """Return the type that a cell names by its code or its words.

    Any other is a sale of that name.
    """
    words = _NOT_A_WORD.sub(" ", fold(text)).strip()
    if not words:
        return ANY_SALE

    code = _CODE.match(words)
    if code is not None and int(code[1]) in _BY_CODE:
        return _BY_CODE[int(code[1])]
    for pattern, document_type in _BY_WORDS:
        if re.search(rf"\b({pattern})\b", words):
            return document_type
    return DocumentType(" ".join(text.split()))


@lru_cache(maxsize=4096)
def is_void_state(text: str) -> bool:
    """Tell whether the state of a document says that it does not count."""
    words = _NOT_A_WORD.sub(" ", fold(text)).strip()
    if re.match(r"no |not ", words):  # no anulada
        return False
    return _VOID.match(words) is not None


@lru_cache(maxsize=4096)
def is_paid_or_void(text: str) -> bool:
    """Tell whether the state is a word that means paid to some, and void to others."""
    return _CANCELADA.fullmatch(fold(text).strip()) is not None


@lru_cache(maxsize=4096)
def says_void(text: str) -> bool:
    """Tell whether the cell of a column such as ``anulada`` says yes.

    A day there is the one on which it was voided.
    """
    words = fold(text).strip()
    return words in _YES or re.search("[1-9]", words) is not None


@lru_cache(maxsize=16384)
def number_in_full(
    number: str,
    document_type: str,
    till: str,
    branch: str,
) -> str:
    """Return a number with what makes it one: its type in front, its place behind.

    Each till numbers for itself, and so does each type of document.
    """
    full_number = number
    if document_type and not fold(number).startswith(fold(document_type)):
        full_number = f"{document_type} {number}"
    for noun, place in (("caja", till), ("sucursal", branch)):
        tidy_place = " ".join(place.split())
        if tidy_place.isdigit():
            tidy_place = f"{noun} {tidy_place}"
        if tidy_place:
            full_number += f", {tidy_place}"
    return full_number

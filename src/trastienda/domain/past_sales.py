"""Past sales and product lists from elsewhere: what an import brings in, before it is
anything of the shop's.
"""

import re
import zlib
from collections.abc import Iterable, Iterator

from msgspec import UNSET, Struct
from msgspec.structs import replace

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid, Refusal
from trastienda.domain.money import EXACT, split_vat
from trastienda.domain.past_payments import payments_of, refunds_of
from trastienda.domain.payments import Method
from trastienda.domain.products import Product, ProductChange, ProductDraft, Unit
from trastienda.domain.quantities import amount
from trastienda.domain.returns import (
    Return,
    Returned,
    ReturnLine,
    ReturnNumbers,
    ReturnOrder,
    decide,
)
from trastienda.domain.sales import (
    OrderLine,
    Reduction,
    ReductionCause,
    Sale,
    SaleLine,
)
from trastienda.domain.text import fold

CHUNK_DOCUMENTS = 500
CHUNK_LINES = 2000
"""What one transaction of an import takes: some fifty milliseconds, which a till that
sells meanwhile may wait.
"""
MAX_CODE = 48


class PastLine(Struct, frozen=True, gc=False):
    """A line of an old document. The quantity is above zero, of a return too; the total
    may lack the unit's cents.
    """

    code: str
    name: str
    quantity_milli: int
    unit_price_minor: int
    total_minor: int
    exempt: bool | None = None
    """None where nobody said; then it is as the product."""
    cost_minor: int | None = None
    """Of a unit; None where nobody said, and then it is the product's."""


class PastDocument(Struct, frozen=True, kw_only=True):
    """A sale or a return of long ago under its own number; ``sale_number`` is what a
    return says of its sale.
    """

    number: str
    is_return: bool
    at_ms: int
    lines: tuple[PastLine, ...]
    customer_rut: str | None = None
    sale_number: str | None = None
    reason: str = ""
    paid: tuple[tuple[Method, int | None], ...] = ()
    """By what, and how much of it; a None is all. Nothing is cash."""


class PastGood(Struct, gc=False):
    """What all of a file's rows say of a code: the product to be made where the shop has none."""

    code: str
    name: str = ""
    price_minor: int | None = None
    divisible: bool = False
    exempt: bool | None = None
    cost_minor: int | None = None

    def to_product(self, product_id: int) -> Product:
        """Return the product; a code that only looks like a GTIN is the shop's own."""
        return ProductDraft(
            code=self.code,
            name=self.name or self.code,
            price_minor=self.price_minor or 0,
            cost_minor=self.cost_minor or 0,
            in_house=only_looks_like_gtin(self.code),
            unit=Unit.KILOGRAM if self.divisible else Unit.PIECE,
            exempt=self.exempt is True,
        ).to_product(product_id)


class ListedProduct(Struct, frozen=True):
    """A row of a product list: the code, and what the row gives of the product; without
    name or price it can only be of a product that exists.
    """

    line: int
    code: str
    change: ProductChange

    @property
    def is_whole(self) -> bool:
        """Whether the row says enough to create the product."""
        return self.change.name is not UNSET and self.change.price_minor is not UNSET

    def to_draft(self) -> ProductDraft:
        """Return the product to be created."""
        draft = ProductDraft(code=self.code, name=self.code, price_minor=0)
        stock_milli = 0 if self.change.stock_milli is UNSET else self.change.stock_milli
        return replace(draft, stock_milli=stock_milli, **self.change.fields())


def only_looks_like_gtin(code: str) -> bool:
    """Tell whether the code has the shape of a GTIN without its check digit."""
    try:
        barcode.check_code(code, in_house=False)
    except Invalid as invalid:
        return invalid.reason == "gtin_check_digit"
    return False


def code_of_name(name: str) -> str:
    """Return the code of a product that has none: its name in lower case, ``-`` for
    spaces, no accents.

    What no code may hold is left out; of names too long for a code the end is replaced
    by a sum over all of it.
    """
    whole = "-".join(fold(name).replace("/", " ").split())
    code = re.sub(r"[^!-~]", "", whole)
    if len(code) > MAX_CODE:
        code = f"{code[: MAX_CODE - 9]}-{zlib.crc32(whole.encode()):08x}"
    return code


_OWN = {False: "F", True: "D"}


def number_of(
    own: int | None,
    origin_number: str | None,
    *,
    is_return: bool,
) -> str:
    """Return the number under which a document of this shop goes elsewhere.

    ``own`` is the folio of a sale or the id of a return. It gets a letter in front, so
    that in no shop it is taken for a number from elsewhere; a number that looks the
    same gets one more.
    """
    letter = _OWN[is_return]
    if origin_number is None:
        return f"{letter}{own}"
    return (
        letter + origin_number
        if re.fullmatch(f"{letter}+[0-9]+", origin_number)
        else origin_number
    )


def own_number(
    number: str,
    *,
    is_return: bool,
) -> tuple[int | None, str | None]:
    """Return the folio or id, or else the number from elsewhere, that :func:`number_of`
    makes this number of.
    """
    letter = _OWN[is_return]
    if not re.fullmatch(f"{letter}+[0-9]{{1,18}}", number):
        return None, None
    rest = number.removeprefix(letter)
    return (int(rest), None) if rest.isdigit() else (None, rest)


def in_chunks(documents: Iterable[PastDocument]) -> Iterator[list[PastDocument]]:
    """Yield the documents in lists, each of them the work of one short transaction."""
    chunk: list[PastDocument] = []
    lines = 0
    for document in documents:
        if chunk and (
            len(chunk) == CHUNK_DOCUMENTS or lines + len(document.lines) > CHUNK_LINES
        ):
            yield chunk
            chunk, lines = [], 0
        chunk.append(document)
        lines += len(document.lines)
    if chunk:
        yield chunk


def _amounts(
    lines: Iterable[SaleLine] | Iterable[ReturnLine],
    vat_bp: int,
) -> tuple[int, int, int, int]:
    """Return total, net, tax and exempt of the lines."""
    total_minor = exempt_minor = 0
    for line in lines:
        total_minor += line.total_minor
        if line.exempt:
            exempt_minor += line.total_minor
    net_minor, vat_minor = split_vat(total_minor - exempt_minor, vat_bp)
    return total_minor, net_minor, vat_minor, exempt_minor


def _exempt(
    line: PastLine,
    product: Product,
) -> bool:
    return product.exempt if line.exempt is None else line.exempt


def _cost_minor(
    line: PastLine,
    product: Product,
) -> int:
    return product.cost_minor if line.cost_minor is None else line.cost_minor


def to_sale(
    document: PastDocument,
    products: dict[str, Product],
    sale_id: int,
    vat_bp: int,
) -> Sale:
    """Return the sale that the document tells of, paid to the cent; ``products`` by
    :func:`barcode.key`.
    """
    lines = [
        _sale_line(line, products[barcode.key(line.code)]) for line in document.lines
    ]
    total_minor, net_minor, vat_minor, exempt_minor = _amounts(lines, vat_bp)
    payments = payments_of(
        document.paid, total_minor, may_owe=document.customer_rut is not None
    )
    debts = [payment for payment in payments if payment.method is Method.OWED]
    return Sale(
        id=sale_id,
        folio=None,
        at_ms=document.at_ms,
        seller_id=None,
        seller=None,
        buyer_id=None,
        customer_rut=document.customer_rut,
        lines=tuple(lines),
        net_minor=net_minor,
        vat_minor=vat_minor,
        exempt_minor=exempt_minor,
        total_minor=total_minor,
        rounding_minor=0,
        payments=payments,
        change_minor=0,
        owed_minor=sum(debt.amount_minor for debt in debts),
        vat_bp=vat_bp,
        origin_number=document.number,
    )


def _sale_line(
    line: PastLine,
    product: Product,
) -> SaleLine:
    list_minor = amount(line.quantity_milli, line.unit_price_minor)
    discount_minor = list_minor - line.total_minor
    reductions: tuple[Reduction, ...] = ()
    if discount_minor:
        reductions = (Reduction(ReductionCause.IMPORTED, discount_minor),)
    return SaleLine(
        product_id=product.id,
        code=product.code,
        name=line.name,
        quantity_milli=line.quantity_milli,
        unit_price_minor=line.unit_price_minor,
        discount_minor=discount_minor,
        total_minor=line.total_minor,
        cost_minor=_cost_minor(line, product),
        exempt=_exempt(line, product),
        reductions=reductions,
        cost_rest_milli=product.cost_rest_milli,
    )


def to_return(
    document: PastDocument,
    products: dict[str, Product],
    return_id: int,
    vat_bp: int,
) -> Return:
    """Return the return that the document tells of, of no known sale, refunded to the cent."""
    lines = []
    for position, line in enumerate(document.lines):
        product = products[barcode.key(line.code)]
        lines.append(
            ReturnLine(
                position,
                product.id,
                product.code,
                line.name,
                line.quantity_milli,
                line.total_minor,
                _cost_minor(line, product),
                _exempt(line, product),
                product.cost_rest_milli,
            )
        )
    total_minor, net_minor, vat_minor, exempt_minor = _amounts(lines, vat_bp)
    refunds = refunds_of(document.paid, total_minor)
    return Return(
        id=return_id,
        sale_id=None,
        at_ms=document.at_ms,
        seller_id=None,
        seller=None,
        reason=document.reason,
        lines=tuple(lines),
        net_minor=net_minor,
        vat_minor=vat_minor,
        exempt_minor=exempt_minor,
        total_minor=total_minor,
        rounding_minor=0,
        method=refunds[0].method,
        refund_minor=total_minor,
        debt_reduced_minor=0,
        origin_number=document.number,
        refunds=refunds if len(refunds) > 1 else (),
    )


def to_return_of(
    document: PastDocument,
    sale: Sale,
    returned: Returned,
    units: dict[int, Unit],
    return_id: int,
) -> Return | None:
    """Return the return as one of ``sale``, or None where it does not fit: goods, units
    or money that are not in it.
    """
    if document.at_ms < sale.at_ms:
        return None

    order = ReturnOrder(
        lines=[OrderLine(line.code, line.quantity_milli) for line in document.lines],
        reason=document.reason,
    )
    numbers = ReturnNumbers(return_id, document.at_ms, None, None)
    try:
        decided = decide(sale, order, returned, units, EXACT, numbers)
    except Refusal:
        return None

    document_minor = sum(line.total_minor for line in document.lines)
    given_minor = decided.refund_minor + decided.debt_reduced_minor
    if not decided.total_minor == given_minor == document_minor:
        return None
    # How it was given back is told, and not decided here.
    refunds = refunds_of(document.paid, decided.refund_minor)
    return replace(
        decided,
        method=refunds[0].method,
        refunds=refunds if len(refunds) > 1 else (),
        origin_number=document.number,
    )

"""What stands on a receipt, and in which order.

Blocks know no medium; each medium draws them its own way.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from trastienda.domain.payments import Method
from trastienda.domain.products import Unit
from trastienda.domain.quantities import MILLI
from trastienda.domain.receipts import Receipt
from trastienda.domain.returns import Return
from trastienda.wire import written
from trastienda.wire.receipts.scannable import content
from trastienda.wire.sales import METHOD_NAMES

NO_TAX_DOCUMENT = {"CL": "Comprobante interno, no válido como boleta"}
"""What a receipt says of itself in a country where it is no tax document."""
_TITLE = "Comprobante de venta"
_SOLD_BY_PIECE = {None, Unit.PIECE}
"""Units that are not written; an unknown unit is taken to be pieces."""


class Heading(Struct, frozen=True):
    """Whose receipt it is: large, centred."""

    text: str


class Centred(Struct, frozen=True):
    """A centred text."""

    text: str
    strong: bool = False


class Row(Struct, frozen=True):
    """A text on the left and its value on the right, which is short and is not broken.

    ``minor``: an explanation of the row above, or a lesser sum.
    """

    left: str
    right: str = ""
    strong: bool = False
    minor: bool = False


class Total(Struct, frozen=True):
    """The total, larger than any row."""

    left: str
    right: str


class Stamp(Struct, frozen=True):
    """A word that nobody may overlook."""

    text: str


class Rule(Struct, frozen=True):
    """A line across."""


class Code(Struct, frozen=True):
    """A code to be scanned, and its caption for people."""

    content: str
    caption: str


Block = Heading | Centred | Row | Total | Stamp | Rule | Code


class Layout(Struct, frozen=True):
    """A receipt: its title, its blocks from top to bottom, the moment of the sale."""

    title: str
    blocks: tuple[Block, ...]
    at_ms: int


def lay_out(
    receipt: Receipt,
    units: Mapping[int, Unit],
) -> Layout:
    """Return the layout of a receipt.

    ``units`` are those of the products on it, as far as they are known.
    """
    sections = _Sections(receipt, units)
    blocks: list[Block] = []
    for section in sections.in_order():
        section_blocks = list(section)
        if blocks and section_blocks:
            blocks.append(Rule())
        blocks += section_blocks

    shop_name = written.plain(receipt.shop.name)
    title = f"{sections.number()} · {shop_name}"
    return Layout(title, tuple(blocks), receipt.sale.at_ms)


class _Sections:
    """The sections of one receipt; each yields its blocks in order, or none."""

    def __init__(
        self,
        receipt: Receipt,
        units: Mapping[int, Unit],
    ) -> None:
        self._receipt = receipt
        self._sale = receipt.sale
        self._shop = receipt.shop
        self._units = units

    def in_order(self) -> Iterator[Iterator[Block]]:
        """Yield the sections from top to bottom."""
        yield self._issuer()
        yield self._facts()
        yield self._lines()
        yield self._payment()
        yield self._taxes()
        for return_document in self._receipt.returned:
            yield self._returned(return_document)
        yield self._end()

    def number(self) -> str:
        """Return the number of the sale as people call it."""
        sale = self._sale
        if sale.folio is not None:
            return f"Folio {sale.folio}"

        origin_number = sale.origin_number or str(sale.id)
        return f"N° de origen {written.plain(origin_number)}"

    def _money(self, amount_minor: int) -> str:
        return written.money(amount_minor, self._shop)

    def _moment(self, at_ms: int) -> str:
        return written.day_and_time(at_ms, self._shop.time_zone)

    def _issuer(self) -> Iterator[Block]:
        shop = self._shop
        yield Heading(written.plain(shop.name))
        if shop.business:
            yield Centred(written.plain(shop.business))
        if shop.rut:
            yield Centred(f"RUT {written.rut(shop.rut)}")
        if shop.address:
            yield Centred(written.plain(shop.address))

    def _facts(self) -> Iterator[Block]:
        sale = self._sale
        title = NO_TAX_DOCUMENT.get(self._shop.country, _TITLE)
        yield Centred(title, strong=True)
        if self._receipt.annulled:
            yield Stamp("ANULADA")

        yield Row(self.number(), self._moment(sale.at_ms), strong=True)
        if sale.seller is not None:
            yield Row(f"Atendió: {written.plain(sale.seller.name)}")
        if sale.customer_rut is not None:
            yield Row(f"Cliente: RUT {written.rut(sale.customer_rut)}")

    def _lines(self) -> Iterator[Block]:
        """Yield the products at their full price, each with its discount below.

        So the column on the right adds up to the total.
        """
        sale_lines = self._sale.lines
        marks_exempt = len({line.exempt for line in sale_lines}) > 1

        for sale_line in sale_lines:
            product_name = written.plain(sale_line.name)
            if marks_exempt and sale_line.exempt:
                product_name += " (exento)"
            full_price_minor = sale_line.total_minor + sale_line.discount_minor
            yield Row(product_name, self._money(full_price_minor))

            unit = self._units.get(sale_line.product_id)
            is_one_piece = sale_line.quantity_milli == MILLI and unit in _SOLD_BY_PIECE
            if not is_one_piece:
                quantity = written.quantity(sale_line.quantity_milli, unit)
                unit_price = self._money(sale_line.unit_price_minor)
                yield Row(f"{quantity} × {unit_price}", minor=True)

            if sale_line.discount_minor:
                # A scale's label may ask for more than the list price.
                is_discount = sale_line.discount_minor > 0
                reason = "Descuento" if is_discount else "Según etiqueta"
                discount = self._money(-sale_line.discount_minor)
                yield Row(reason, discount, minor=True)

    def _payment(self) -> Iterator[Block]:
        """Yield the total, and each method of payment once, in order of appearance.

        What is still owed stands last. What was owed at first stands among the methods
        only if returns have changed it.
        """
        sale = self._sale
        yield Total("TOTAL", self._money(sale.total_minor))
        if sale.rounding_minor:
            due_minor = sale.total_minor + sale.rounding_minor
            yield Row("Redondeo", self._money(sale.rounding_minor))
            yield Row("A pagar", self._money(due_minor), strong=True)

        sums_minor: dict[Method, int] = {}
        for payment in sale.payments:
            previous_minor = sums_minor.get(payment.method, 0)
            sums_minor[payment.method] = previous_minor + payment.amount_minor

        if sums_minor.get(Method.OWED) == sale.owed_minor:
            del sums_minor[Method.OWED]
        for method, amount_minor in sums_minor.items():
            if amount_minor:
                yield Row(METHOD_NAMES[method], self._money(amount_minor))

        if sale.change_minor:
            yield Row("Vuelto", self._money(sale.change_minor))
        if sale.owed_minor:
            yield Row("PENDIENTE DE PAGO", self._money(sale.owed_minor), strong=True)

    def _taxes(self) -> Iterator[Block]:
        sale = self._sale
        if sale.net_minor or sale.vat_minor:
            rate = written.percent(sale.vat_bp)
            yield Row("Neto", self._money(sale.net_minor), minor=True)
            yield Row(f"IVA {rate}", self._money(sale.vat_minor), minor=True)
        if sale.exempt_minor:
            yield Row("Exento", self._money(sale.exempt_minor), minor=True)

        saved_minor = 0
        for line in sale.lines:
            saved_minor += max(0, line.discount_minor)
        if saved_minor:
            yield Row("Ahorraste", self._money(saved_minor), minor=True)

    def _returned(self, return_document: Return) -> Iterator[Block]:
        moment = self._moment(return_document.at_ms)
        yield Row(f"DEVOLUCIÓN {return_document.id}", moment, strong=True)

        for return_line in return_document.lines:
            unit = self._units.get(return_line.product_id)
            quantity = written.quantity(return_line.quantity_milli, unit)
            if unit in _SOLD_BY_PIECE:
                quantity += " ×"
            product_name = written.plain(return_line.name)
            total = self._money(-return_line.total_minor)
            yield Row(f"{quantity} {product_name}", total)

        returned_total = self._money(-return_document.total_minor)
        yield Row("Total devuelto", returned_total, strong=True)
        if return_document.rounding_minor:
            rounding = self._money(-return_document.rounding_minor)
            yield Row("Redondeo", rounding)
        if return_document.debt_reduced_minor:
            debt_reduction = self._money(return_document.debt_reduced_minor)
            yield Row("Rebajado de lo pendiente", debt_reduction)
        for refund in return_document.money:
            method = METHOD_NAMES[refund.method].lower()
            yield Row(f"Entregado: {method}", self._money(refund.amount_minor))

    def _end(self) -> Iterator[Block]:
        if not self._receipt.annulled:
            yield Centred("Gracias por tu compra")

        sale_id = self._sale.id
        yield Code(content(sale_id), f"Venta {sale_id}")

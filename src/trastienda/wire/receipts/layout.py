"""What stands on a receipt, in which order: blocks that know no medium, drawn by each medium its own way."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from trastienda.domain.payments import Method
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale, SaleLine
from trastienda.domain.shop import Shop
from trastienda.wire import written
from trastienda.wire.receipts.scannable import content

NO_TAX_DOCUMENT = {"CL": "Comprobante interno, no válido como boleta"}
"""What a receipt has to say about itself, by country, since it is no tax document there."""
_TITLE = "Comprobante de venta"
_METHODS = {
    Method.CASH: "Efectivo",
    Method.DEBIT: "Tarjeta de débito",
    Method.CREDIT: "Tarjeta de crédito",
    Method.TRANSFER: "Transferencia",
    Method.OTHER: "Otro medio",
    Method.OWED: "Quedó pendiente",
}


class Heading(Struct, frozen=True):
    """Whose receipt it is: large, in the middle."""

    text: str


class Centred(Struct, frozen=True):
    """A text in the middle."""

    text: str
    strong: bool = False


class Row(Struct, frozen=True):
    """A text on the left and its value on the right, which is short and stays whole.

    ``minor``: an explanation of the row before, or a lesser sum.
    """

    left: str
    right: str = ""
    strong: bool = False
    minor: bool = False


class Total(Struct, frozen=True):
    """What it all comes to: larger than any row."""

    left: str
    right: str


class Stamp(Struct, frozen=True):
    """What nobody may overlook."""

    text: str


class Rule(Struct, frozen=True):
    """A line across."""


class Code(Struct, frozen=True):
    """A code to be scanned, and what it says to people."""

    content: str
    caption: str


Block = Heading | Centred | Row | Total | Stamp | Rule | Code


class Layout(Struct, frozen=True):
    """A receipt: its blocks from top to bottom, a title for media that have one, and the moment of the sale."""

    title: str
    blocks: tuple[Block, ...]
    at_ms: int


def lay_out(receipt: Receipt, units: Mapping[int, Unit]) -> Layout:
    """Return the layout of a receipt; ``units`` are those of its products, as far as they are known."""
    sale, shop = receipt.sale, receipt.shop
    sections = (
        _shop(shop),
        _facts(receipt),
        _lines(sale, shop, units),
        _sum(sale, shop),
        _taxes(sale, shop),
        *(_return(one, shop, units) for one in receipt.returned),
        _end(receipt),
    )
    title = f"{_number(sale)} · {written.plain(shop.name)}"
    return Layout(title, tuple(_ruled(sections)), sale.at_ms)


def _ruled(sections: Iterable[Iterable[Block]]) -> Iterator[Block]:
    """Put a line between sections that hold something."""
    for place, blocks in enumerate(filter(None, map(tuple, sections))):
        if place:
            yield Rule()
        yield from blocks


def _number(sale: Sale) -> str:
    if sale.folio is not None:
        return f"Folio {sale.folio}"
    return f"N° de origen {written.plain(sale.origin_number or str(sale.id))}"


def _shop(shop: Shop) -> Iterator[Block]:
    yield Heading(written.plain(shop.name))
    if shop.business:
        yield Centred(written.plain(shop.business))
    if shop.rut:
        yield Centred(f"RUT {written.rut(shop.rut)}")
    if shop.address:
        yield Centred(written.plain(shop.address))


def _facts(receipt: Receipt) -> Iterator[Block]:
    sale, shop = receipt.sale, receipt.shop
    yield Centred(NO_TAX_DOCUMENT.get(shop.country, _TITLE), strong=True)
    if receipt.annulled:
        yield Stamp("ANULADA")
    yield Row(_number(sale), written.day_and_time(sale.at_ms, shop.zone), strong=True)
    if sale.seller is not None:
        yield Row(f"Atendió: {written.plain(sale.seller.name)}")
    if sale.customer_rut is not None:
        yield Row(f"Cliente: RUT {written.rut(sale.customer_rut)}")


def _lines(sale: Sale, shop: Shop, units: Mapping[int, Unit]) -> Iterator[Block]:
    mixed = len({line.exempt for line in sale.lines}) > 1
    for line in sale.lines:
        yield from _line(
            line, shop, units.get(line.product_id), mark_exempt=mixed and line.exempt
        )


def _line(
    line: SaleLine, shop: Shop, unit: Unit | None, *, mark_exempt: bool
) -> Iterator[Block]:
    """A product with what it costs; the discount beneath it, so that the column on the right adds up to the total."""
    name = written.plain(line.name) + (" (exento)" if mark_exempt else "")
    yield Row(name, written.money(line.total_minor + line.discount_minor, shop))
    one_piece = line.quantity_milli == 1000 and unit in {None, Unit.PIECE}
    if not one_piece:
        count = written.quantity(line.quantity_milli, unit)
        yield Row(f"{count} × {written.money(line.unit_price_minor, shop)}", minor=True)
    if line.discount_minor:
        word = "Descuento" if line.discount_minor > 0 else "Según etiqueta"
        yield Row(word, written.money(-line.discount_minor, shop), minor=True)


def _sum(sale: Sale, shop: Shop) -> Iterator[Block]:
    yield Total("TOTAL", written.money(sale.total_minor, shop))
    if sale.rounding_minor:
        yield Row("Redondeo", written.money(sale.rounding_minor, shop))
        yield Row(
            "A pagar",
            written.money(sale.total_minor + sale.rounding_minor, shop),
            strong=True,
        )
    yield from _payments(sale, shop)


def _payments(sale: Sale, shop: Shop) -> Iterator[Block]:
    """Each method once, in order of first appearance. What is owed stands last, as it is now; what was owed at first
    stands among the methods only where returns have changed it."""
    sums: dict[Method, int] = {}
    for payment in sale.payments:
        sums[payment.method] = sums.get(payment.method, 0) + payment.amount_minor
    if sums.get(Method.OWED) == sale.owed_minor:
        del sums[Method.OWED]
    for method, amount_minor in sums.items():
        if amount_minor:
            yield Row(_METHODS[method], written.money(amount_minor, shop))
    if sale.change_minor:
        yield Row("Vuelto", written.money(sale.change_minor, shop))
    if sale.owed_minor:
        yield Row(
            "PENDIENTE DE PAGO", written.money(sale.owed_minor, shop), strong=True
        )


def _taxes(sale: Sale, shop: Shop) -> Iterator[Block]:
    if sale.net_minor or sale.vat_minor:
        yield Row("Neto", written.money(sale.net_minor, shop), minor=True)
        yield Row(
            f"IVA {written.percent(sale.vat_bp)}",
            written.money(sale.vat_minor, shop),
            minor=True,
        )
    if sale.exempt_minor:
        yield Row("Exento", written.money(sale.exempt_minor, shop), minor=True)
    saved_minor = sum(max(0, line.discount_minor) for line in sale.lines)
    if saved_minor:
        yield Row("Usted ahorró", written.money(saved_minor, shop), minor=True)


def _return(one: Return, shop: Shop, units: Mapping[int, Unit]) -> Iterator[Block]:
    yield Row(
        f"DEVOLUCIÓN {one.id}", written.day_and_time(one.at_ms, shop.zone), strong=True
    )
    for line in one.lines:
        unit = units.get(line.product_id)
        by_piece = unit in {None, Unit.PIECE}
        count = written.quantity(line.quantity_milli, unit) + (" ×" if by_piece else "")
        yield Row(
            f"{count} {written.plain(line.name)}",
            written.money(-line.total_minor, shop),
        )
    yield Row("Total devuelto", written.money(-one.total_minor, shop), strong=True)
    if one.rounding_minor:
        yield Row("Redondeo", written.money(-one.rounding_minor, shop))
    if one.debt_reduced_minor:
        yield Row(
            "Rebajado de lo pendiente", written.money(one.debt_reduced_minor, shop)
        )
    if one.refund_minor:
        yield Row(
            f"Entregado: {_METHODS[one.method].lower()}",
            written.money(one.refund_minor, shop),
        )


def _end(receipt: Receipt) -> Iterator[Block]:
    if not receipt.annulled:
        yield Centred("¡Gracias por su compra!")
    yield Code(content(receipt.sale.id), f"Venta {receipt.sale.id}")

"""``/boleta``, ``/boletas`` and ``/impresora``: receipts as JSON, to be read or printed, and printed here."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from msgspec import Struct, field
from msgspec.structs import replace

from trastienda.actions import receipts
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.servers.http.answers import (
    Answer,
    Headers,
    json_answer,
    page_answer,
    snapshot_answer,
    snapshot_number,
)
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import number_option
from trastienda.servers.http.paths import SalePath
from trastienda.storage.transactions import Snapshot
from trastienda.wire.printing import EnCola, Impresora, printer_out
from trastienda.wire.receipts import media
from trastienda.wire.receipts.document import Boleta, receipt_out
from trastienda.wire.receipts.media import Paper

MAX_PRINTED_LINES = 5000
"""Lines of sales in one printable answer. A PDF of so many takes two seconds."""

_HTML_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:",
)
_CONTENT_TYPES = {
    media.HTML: b"text/html; charset=utf-8",
    media.TEXT: b"text/plain; charset=utf-8",
}


class ReceiptsQuery(Struct, frozen=True, kw_only=True):
    """How wide a receipt is."""

    columns: Annotated[
        int | None,
        number_option(media.COLUMNS, "Columnas de text/plain y application/vnd.escpos"),
    ] = field(default=None, name="ancho")


class _Drawing(Struct, frozen=True):
    """Receipts to be drawn, with all that drawing needs of the shop, so that no snapshot is held meanwhile."""

    receipts: Sequence[Receipt]
    units: dict[int, Unit]
    snapshot_number: tuple[bytes, bytes]


def _drawing(snapshot: Snapshot, printed: Sequence[Receipt]) -> _Drawing:
    units = receipts.units(snapshot, printed)
    return _Drawing(printed, units, snapshot_number(snapshot))


def _check_length(printed: Sequence[Receipt]) -> None:
    """Raise Invalid where the receipts are too long to be drawn in one answer."""
    if sum(len(receipt.sale.lines) for receipt in printed) > MAX_PRINTED_LINES:
        raise Invalid("limit", "too_many_lines", limit=MAX_PRINTED_LINES)


async def _draw(exchange: Exchange, drawing: _Drawing, paper: Paper) -> Answer:
    """Return the answer with receipts drawn in the medium that was asked for."""
    medium = exchange.media
    content = await exchange.site.in_a_thread(
        partial(media.render, medium, drawing.receipts, drawing.units, paper)
    )
    headers: Headers = [drawing.snapshot_number]
    if medium == media.HTML:
        headers = [*headers, _HTML_POLICY]
    content_type = _CONTENT_TYPES.get(medium, medium.encode())
    return Answer(200, content, headers, content_type)


def _paper(exchange: Exchange) -> Paper:
    """Return the shop's paper, as wide as the query asks for."""
    columns = exchange.query(ReceiptsQuery).columns
    paper = exchange.site.paper
    return paper if columns is None else replace(paper, columns=columns)


async def get(exchange: Exchange) -> Answer:
    """Return a receipt."""
    paper = _paper(exchange)
    sale_id = exchange.path(SalePath).sale_id

    def read(snapshot: Snapshot) -> Answer:
        receipt = receipts.get(snapshot, exchange.actor, sale_id)
        return snapshot_answer(receipt_out(receipt), snapshot)

    def read_drawing(snapshot: Snapshot) -> _Drawing:
        receipt = receipts.get(snapshot, exchange.actor, sale_id)
        _check_length([receipt])
        return _drawing(snapshot, [receipt])

    if exchange.media in media.PRINTABLE:
        drawing = exchange.desk.reader.now(read_drawing)
        return await _draw(exchange, drawing, paper)
    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of receipts."""
    paper = _paper(exchange)

    def read(snapshot: Snapshot) -> Answer:
        page = receipts.listed(snapshot, exchange.actor, exchange.window(snapshot))
        return page_answer(page, receipt_out, snapshot)

    def read_drawing(snapshot: Snapshot) -> _Drawing:
        page = receipts.listed(snapshot, exchange.actor, exchange.window(snapshot))
        _check_length(page.items)
        return _drawing(snapshot, page.items)

    if exchange.media in media.PRINTABLE:
        drawing = await exchange.desk.reader.run(read_drawing)
        return await _draw(exchange, drawing, paper)
    return await exchange.desk.reader.run(read)


async def print_one(exchange: Exchange) -> Answer:
    """Print a receipt on the shop's printer."""
    site = exchange.site
    sale_id = exchange.path(SalePath).sale_id

    def read(snapshot: Snapshot) -> _Drawing:
        receipt = receipts.get(snapshot, exchange.actor, sale_id)
        return _drawing(snapshot, [receipt])

    drawing = exchange.desk.reader.now(read)
    draw = partial(
        media.render, media.ESCPOS, drawing.receipts, drawing.units, site.paper
    )
    return json_answer(EnCola(site.printer.order(draw)), 202)


async def printer(exchange: Exchange) -> Answer:
    """Return how the printer is doing."""
    state = exchange.site.printer.state
    return json_answer(printer_out(state.address, state.waiting, state.error))


ROUTES = (
    Route(
        method="GET",
        path="/boleta/{id_venta}",
        path_parameters=SalePath,
        handler=get,
        summary="El comprobante de una venta, como JSON o para imprimir",
        permission=Permission.LOOK,
        answer=Boleta,
        also=media.PRINTABLE,
        query=ReceiptsQuery,
        snapshot=True,
        refusals=(404,),
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/boletas",
        handler=listed,
        summary="Los comprobantes, como JSON o para imprimir",
        permission=Permission.LOOK,
        answer=Boleta,
        also=media.PRINTABLE,
        listed=True,
        query=ReceiptsQuery,
        snapshot=True,
        tag="Ventas",
    ),
    Route(
        method="POST",
        path="/boleta/{id_venta}/imprimir",
        path_parameters=SalePath,
        handler=print_one,
        summary="Imprime el comprobante de una venta en la impresora de la tienda",
        permission=Permission.PRINT,
        answer=EnCola,
        status=202,
        refusals=(404, 409),
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/impresora",
        handler=printer,
        summary="Cómo está la impresora de comprobantes",
        permission=Permission.PRINT,
        answer=Impresora,
        tag="Tienda",
    ),
)

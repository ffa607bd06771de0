"""``/boleta``, ``/boletas`` and ``/impresora``: receipts to read, or printed here."""

from functools import partial
from typing import Annotated

from msgspec import Struct, field
from msgspec.structs import replace

from trastienda.actions import receipts
from trastienda.actions.receipts import Printable
from trastienda.domain.people import Permission
from trastienda.reader import Reading
from trastienda.servers.http.answers import (
    Answer,
    Headers,
    json_answer,
    snapshot_answer,
    snapshot_number,
)
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import number_option
from trastienda.servers.http.paths import SalePath
from trastienda.wire.printing import EnCola, Impresora, printer_out
from trastienda.wire.receipts import media
from trastienda.wire.receipts.document import Boleta, receipt_out
from trastienda.wire.receipts.media import Paper

_HTML_POLICY = (
    b"content-security-policy",
    (
        b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        b"form-action 'none'; frame-ancestors 'none'"
    ),
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


async def _draw(
    exchange: Exchange,
    reading: Reading[Printable],
    paper: Paper,
) -> Answer:
    """Return the answer with receipts drawn in the medium that was asked for."""
    medium, printable = exchange.media, reading.value
    draw = partial(
        media.render,
        medium,
        printable.receipts,
        printable.units,
        paper,
    )
    content = await exchange.in_a_thread(draw)

    headers: Headers = [snapshot_number(reading.n)]
    if medium == media.HTML:
        headers = [*headers, _HTML_POLICY]
    content_type = _CONTENT_TYPES.get(medium, medium.encode())
    return Answer(200, content, headers, content_type)


def _paper(exchange: Exchange) -> Paper:
    """Return the shop's paper, as wide as the query asks for."""
    columns = exchange.query(ReceiptsQuery).columns
    paper = exchange.site.paper
    if columns is None:
        return paper
    return replace(paper, columns=columns)


async def get(exchange: Exchange) -> Answer:
    """Return a receipt."""
    reader, actor = exchange.desk.reader, exchange.actor
    paper = _paper(exchange)
    sale_id = exchange.path(SalePath).sale_id
    if exchange.media in media.PRINTABLE:
        printable = await reader.read(receipts.get_printable, actor, sale_id)
        return await _draw(exchange, printable, paper)

    reading = await reader.read(receipts.get, actor, sale_id)
    shape = receipt_out(reading.value)
    return snapshot_answer(shape, reading.n)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of receipts."""
    reader, actor = exchange.desk.reader, exchange.actor
    paper = _paper(exchange)
    window = exchange.window()
    if exchange.media in media.PRINTABLE:
        printable = await reader.read(receipts.list_printable, actor, window)
        return await _draw(exchange, printable, paper)

    reading = await reader.read(receipts.listed, actor, window)
    return await exchange.page_answer(reading, receipt_out)


async def print_one(exchange: Exchange) -> Answer:
    """Print a receipt on the shop's printer."""
    site = exchange.site
    sale_id = exchange.path(SalePath).sale_id
    reading = await exchange.desk.reader.read(
        receipts.get_printable,
        exchange.actor,
        sale_id,
    )
    printable = reading.value

    draw = partial(
        media.render,
        media.ESCPOS,
        printable.receipts,
        printable.units,
        site.paper,
    )
    waiting = site.printer.order(draw)
    return json_answer(EnCola(waiting), 202)


async def printer(exchange: Exchange) -> Answer:
    """Return how the printer is doing."""
    state = exchange.site.printer.state
    shape = printer_out(state.address, state.waiting, state.error)
    return json_answer(shape)


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

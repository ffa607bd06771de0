"""``/boleta``, ``/boletas`` and ``/impresora``: receipts as JSON, to be read or printed, and printed here."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from trastienda.actions import receipts
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Headers,
    Route,
    json_answer,
    page_answer,
    snapshot_answer,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire.printing import EnCola, Impresora, printer_out
from trastienda.wire.receipts import media
from trastienda.wire.receipts.document import Boleta, receipt_out
from trastienda.wire.receipts.media import Paper

MAX_PRINTED_LINES = 5000
"""Lines of sales in one printable answer: a PDF of so many takes two seconds, which a list of them may not exceed."""

_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:",
)
_HEADERS: dict[str, Headers] = {media.HTML: [_POLICY]}
_TYPES = {
    media.HTML: b"text/html; charset=utf-8",
    media.TEXT: b"text/plain; charset=utf-8",
}


def _paper(exchange: Exchange, query: Mapping[str, str]) -> Paper:
    """Return the shop's paper, as wide as the query asks for."""
    if "ancho" not in query:
        return exchange.site.paper
    if query["ancho"] not in map(str, media.COLUMNS):
        raise Invalid(
            "columns", "not_an_option", options=", ".join(map(str, media.COLUMNS))
        )
    return replace(exchange.site.paper, columns=int(query["ancho"]))


def _printable(
    exchange: Exchange, snapshot: Snapshot, shown: Sequence[Receipt], paper: Paper
) -> Answer:
    if sum(len(one.sale.lines) for one in shown) > MAX_PRINTED_LINES:
        raise Invalid("limit", "too_many_lines", limit=MAX_PRINTED_LINES)
    content = media.render(
        exchange.media, shown, receipts.units(snapshot, shown), paper
    )
    headers = [(b"trastienda-n", b"%d" % snapshot.n), *_HEADERS.get(exchange.media, ())]
    return Answer(
        200, content, headers, _TYPES.get(exchange.media, exchange.media.encode())
    )


async def get(exchange: Exchange) -> Answer:
    """Return one receipt."""
    paper = _paper(exchange, exchange.query())

    def read(snapshot: Snapshot) -> Answer:
        receipt = receipts.get(snapshot, exchange.actor, exchange.number("id_venta"))
        if exchange.media in media.PRINTABLE:
            return _printable(exchange, snapshot, [receipt], paper)
        return snapshot_answer(receipt_out(receipt), snapshot)

    if exchange.media in media.PRINTABLE:
        return await exchange.desk.reader.run(read)
    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of receipts."""
    query = exchange.query()
    paper = _paper(exchange, query)

    def read(snapshot: Snapshot) -> Answer:
        page = receipts.listed(snapshot, exchange.actor, window(query, snapshot))
        if exchange.media in media.PRINTABLE:
            return _printable(exchange, snapshot, page.items, paper)
        return page_answer(page, receipt_out, snapshot)

    return await exchange.desk.reader.run(read)


async def print_one(exchange: Exchange) -> Answer:
    """Print one receipt on the shop's printer."""
    site = exchange.site

    def read(snapshot: Snapshot) -> tuple[Receipt, dict[int, Unit]]:
        receipt = receipts.get(snapshot, exchange.actor, exchange.number("id_venta"))
        return receipt, receipts.units(snapshot, [receipt])

    receipt, units = exchange.desk.reader.now(read)
    waiting = site.printer.order(
        partial(media.render, media.ESCPOS, [receipt], units, site.paper)
    )
    return json_answer(EnCola(waiting), 202)


async def printer(exchange: Exchange) -> Answer:
    """Tell how the printer does."""
    snapshot = exchange.site.printer.state
    return json_answer(printer_out(snapshot.address, snapshot.waiting, snapshot.error))


ROUTES = (
    Route(
        method="GET",
        path="/boleta/{id_venta}",
        handler=get,
        summary="El comprobante de una venta, como JSON o para imprimir",
        permission=Permission.LOOK,
        answer=Boleta,
        also=media.PRINTABLE,
        filters=("ancho",),
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
        filters=("ancho",),
        snapshot=True,
        tag="Ventas",
    ),
    Route(
        method="POST",
        path="/boleta/{id_venta}/imprimir",
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

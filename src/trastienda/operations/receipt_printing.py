"""Each sale of the staff is printed once it is committed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from msgspec import Struct

from trastienda.actions import receipts
from trastienda.actions.receipts import Printable
from trastienda.devices.printer import Printer
from trastienda.domain.events import Event, Kind
from trastienda.domain.payments import Method
from trastienda.domain.sales import Sale
from trastienda.live.bus import Bus
from trastienda.reader import Reader
from trastienda.wire.receipts import media
from trastienda.wire.receipts.media import Paper

log = logging.getLogger(__name__)

DRAWER_S = 20
"""How long after its sale a receipt may still open the drawer: later nobody stands
before it."""


class _SaleToPrint(Struct):
    sale: Sale
    opens_drawer: bool
    sold_s: float
    """The monotonic clock when the sale was heard of."""


@asynccontextmanager
async def printing_sales(
    bus: Bus, reader: Reader, printer: Printer, paper: Paper, *, opens_drawer: bool
) -> AsyncIterator[None]:
    """Have each new sale of the staff printed meanwhile, if there is a printer.

    With ``opens_drawer`` a sale in cash opens the cash drawer. At the end, what was
    heard of is handed to the printer.
    """
    if printer.address is None:
        yield
        return

    sales: asyncio.Queue[_SaleToPrint | None] = asyncio.Queue()

    def hear(events: Sequence[Event]) -> None:
        for event in events:
            sale = event.subject
            if isinstance(sale, Sale) and _is_new(event, sale):
                for_cash = any(paid.method is Method.CASH for paid in sale.payments)
                opens = opens_drawer and for_cash
                sales.put_nowait(_SaleToPrint(sale, opens, monotonic()))

    async def print_all() -> None:
        while (heard := await sales.get()) is not None:
            try:
                reading = await reader.read(receipts.new_printable, heard.sale)
            except Exception:
                log.exception("sale %d is not printed", heard.sale.id)
            else:
                printer.offer(_content(reading.value, heard, paper))

    bus.listen(hear, {Kind.SALE})
    printing = asyncio.create_task(print_all())
    try:
        yield
    finally:
        sales.put_nowait(None)
        await printing


def _is_new(event: Event, sale: Sale) -> bool:
    """Tell whether the staff made this sale just now.

    A sale is announced again when its debt changes. Imported sales have no folio.
    """
    is_first_announcement = event.at_ms == sale.at_ms
    is_imported = sale.folio is None
    is_by_staff = sale.seller_id is not None
    return is_first_announcement and is_by_staff and not is_imported


def _content(
    printable: Printable, heard: _SaleToPrint, paper: Paper
) -> Callable[[], bytes]:
    """Return what makes the bytes for the printer, in the printer's thread."""

    def content() -> bytes:
        is_recent = monotonic() - heard.sold_s < DRAWER_S
        return media.render(
            media.ESCPOS,
            printable.receipts,
            printable.units,
            paper,
            opens_drawer=heard.opens_drawer and is_recent,
        )

    return content

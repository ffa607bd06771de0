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
    """A sale that waits for its receipt."""

    sale: Sale
    opens_drawer: bool
    sold_s: float
    """The monotonic clock when the sale was heard of."""

    def content(self, printable: Printable, paper: Paper) -> Callable[[], bytes]:
        """Return what makes the bytes for the printer, in the printer's thread."""

        def render() -> bytes:
            # A receipt may have waited for its printer.
            is_recent = monotonic() - self.sold_s < DRAWER_S
            return media.render(
                media.ESCPOS,
                printable.receipts,
                printable.units,
                paper,
                opens_drawer=self.opens_drawer and is_recent,
            )

        return render


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
            if not isinstance(sale, Sale):
                continue

            # A sale is announced again when its debt changes.
            is_first_announcement = event.at_ms == sale.at_ms
            is_imported = sale.folio is None
            is_by_staff = sale.seller_id is not None
            if is_imported or not is_first_announcement or not is_by_staff:
                continue

            is_in_cash = any(
                payment.method is Method.CASH and payment.amount_minor
                for payment in sale.payments
            )
            waiting_sale = _SaleToPrint(
                sale=sale,
                opens_drawer=opens_drawer and is_in_cash,
                sold_s=monotonic(),
            )
            sales.put_nowait(waiting_sale)

    async def print_all() -> None:
        while (waiting_sale := await sales.get()) is not None:
            sale = waiting_sale.sale
            try:
                reading = await reader.read(receipts.new_printable, sale)
            except Exception:
                log.exception("sale %d is not printed", sale.id)
            else:
                printer.offer(waiting_sale.content(reading.value, paper))

    bus.listen(hear, {Kind.SALE})
    printing = asyncio.create_task(print_all())
    try:
        yield
    finally:
        sales.put_nowait(None)
        await printing

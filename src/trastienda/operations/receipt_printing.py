"""Each sale of the staff is printed once it is committed."""

from collections.abc import Callable, Sequence
from time import monotonic

from trastienda.actions import receipts
from trastienda.devices.printer import Printer
from trastienda.domain.events import Event, Kind
from trastienda.domain.payments import Method
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.sales import Sale
from trastienda.live.bus import Bus
from trastienda.reader import Reader
from trastienda.storage.transactions import Snapshot
from trastienda.wire.receipts import media
from trastienda.wire.receipts.media import Paper

DRAWER_S = 20
"""How long after its sale a receipt may still open the drawer: later nobody stands
before it."""


def print_sales(
    bus: Bus, reader: Reader, printer: Printer, paper: Paper, *, opens_drawer: bool
) -> None:
    """Have each new sale of the staff printed from now on, if there is a printer.

    With ``opens_drawer`` a sale in cash opens the cash drawer.
    """
    if printer.address is None:
        return

    def hear(events: Sequence[Event]) -> None:
        for event in events:
            sale = event.subject
            if isinstance(sale, Sale) and _is_new(event, sale):
                for_cash = any(paid.method is Method.CASH for paid in sale.payments)
                opens = opens_drawer and for_cash
                printer.offer(_receipt(reader, sale, paper, opens_drawer=opens))

    bus.listen(hear, {Kind.SALE})


def _is_new(event: Event, sale: Sale) -> bool:
    """Tell whether the staff made this sale just now.

    A sale is announced again when its debt changes. Imported sales have no folio.
    """
    is_first_announcement = event.at_ms == sale.at_ms
    is_imported = sale.folio is None
    is_by_staff = sale.seller_id is not None
    return is_first_announcement and is_by_staff and not is_imported


def _receipt(
    reader: Reader, sale: Sale, paper: Paper, *, opens_drawer: bool
) -> Callable[[], bytes]:
    """Return what makes the bytes for the printer, in the printer's thread."""

    def read(snapshot: Snapshot) -> tuple[Receipt, dict[int, Unit]]:
        receipt = Receipt(sale, (), snapshot.shop)
        return receipt, receipts.units(snapshot, [receipt])

    receipt, units = reader.now(read)
    sold_s = monotonic()

    def content() -> bytes:
        is_recent = monotonic() - sold_s < DRAWER_S
        opens = opens_drawer and is_recent
        return media.render(media.ESCPOS, [receipt], units, paper, opens_drawer=opens)

    return content

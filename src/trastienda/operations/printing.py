"""The receipt printer of a shop that is served: each sale of its staff is printed once it is committed."""

from collections.abc import Callable, Sequence
from time import monotonic

from trastienda.actions import receipts
from trastienda.config import Settings
from trastienda.devices.printing import Printing
from trastienda.domain.events import Event, Kind
from trastienda.domain.payments import Method
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.sales import Sale
from trastienda.live.bus import Bus
from trastienda.reader import Reader
from trastienda.storage.transactions import Snapshot
from trastienda.wire.receipts import escpos, media
from trastienda.wire.receipts.media import Paper

DRAWER_S = 20
"""How long after its sale a receipt may still open the drawer: later nobody stands before it."""


def paper_of(settings: Settings) -> Paper:
    """Return what the shop's printer prints on."""
    return Paper(int(settings["printer_columns"]), settings["printer_codepage"])


def printing_of(settings: Settings) -> Printing:
    """Return the shop's printer, or what stands for none."""
    return Printing(settings["printer"], escpos.CUT)


def print_sales(
    bus: Bus, reader: Reader, printing: Printing, settings: Settings
) -> None:
    """Have each sale of the staff printed from now on, where the settings say so."""
    if printing.address is None or not settings["print_sales"]:
        return
    paper, drawer = paper_of(settings), settings["cash_drawer"]

    def hear(events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event.subject, Sale) and _is_new(event, event.subject):
                printing.offer(
                    _content(reader, event.subject, paper, opens_drawer=drawer)
                )

    bus.listen(hear, {Kind.SALE})


def _is_new(event: Event, sale: Sale) -> bool:
    """A sale is announced at its own moment, and again later when its debt changes. Imported ones have no folio."""
    return (
        event.at_ms == sale.at_ms
        and sale.folio is not None
        and sale.seller_id is not None
    )


def _content(
    reader: Reader, sale: Sale, paper: Paper, *, opens_drawer: bool
) -> Callable[[], bytes]:
    def read(snapshot: Snapshot) -> tuple[Receipt, dict[int, Unit]]:
        receipt = Receipt(sale, (), snapshot.shop)
        return receipt, receipts.units(snapshot, [receipt])

    receipt, units = reader.now(read)
    opens_drawer = opens_drawer and any(
        one.method is Method.CASH for one in sale.payments
    )
    sold_s = monotonic()

    def content() -> bytes:
        opens = opens_drawer and monotonic() - sold_s < DRAWER_S
        return media.render(media.ESCPOS, [receipt], units, paper, opens_drawer=opens)

    return content

"""What an import knows before it reads a file."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.files.tables.columns import ColumnMap

Progress = Callable[[int, int], None]
"""Shows ``(done, total)``, in bytes or rows."""


class ImportOptions(Struct, frozen=True, kw_only=True):
    """The shop's currency and zone, and what the importer decided.

    ``exponent`` is the number of decimals of the shop's currency; ``date_order`` is one
    of ``dmy``, ``mdy``, ``ymd``; ``sheet`` is the name of one in a spreadsheet; a sale
    may not be later than ``latest_ms``; ``negative_stock_is_zero`` takes a stock below
    zero for none. ``prices_are_net``: past sales have them without the IVA, whose rate
    is ``vat_bp`` in basis points.
    """

    exponent: int
    time_zone: ZoneInfo
    date_order: str | None = None
    sheet: str | None = None
    column_map: ColumnMap = ()
    latest_ms: int | None = None
    negative_stock_is_zero: bool = False
    vat_bp: int = 0
    prices_are_net: bool = False


def no_progress(
    done: int,
    total: int,
) -> None:
    """Show no progress."""

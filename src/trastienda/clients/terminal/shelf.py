"""The products as a table that pages."""

import shutil
from collections.abc import Callable

import msgspec

from trastienda.clients.lines import LineClient
from trastienda.clients.shelf_row import ShelfRow, shelf_row
from trastienda.clients.terminal import texts
from trastienda.clients.terminal.texts import Pieces
from trastienda.domain.shop import Shop
from trastienda.wire.lines.sentences import NO_PRODUCTS
from trastienda.wire.products import Producto
from trastienda.wire.receipts.wrapping import columns_of

ROWS_BESIDE = 4
"""Lines of the terminal that are no products: headings, what follows, what is typed."""
FEWEST_ROWS, MOST_ROWS = 5, 50
CODE_COLUMNS, PRICE_COLUMNS, LEFT_COLUMNS = 14, 12, 10
NARROW_COLUMNS = 60
"""A terminal narrower than this has a product on two lines."""
HEADING = ShelfRow("código", "producto", "precio", "quedan")
MORE = "Hay más: Enter sigue."


class Shelf:
    """What was looked at last, and where it goes on."""

    def __init__(
        self,
        client: LineClient,
        show: Callable[[Pieces], None],
    ) -> None:
        self._client = client
        self._show = show
        self._shop: Shop | None = None
        self._question = ""
        self._cursor: str | None = None

    async def show(self, question: str) -> None:
        """Show the first page of what a text or a code means."""
        self._question, self._cursor = question, None
        await self._show_page()

    async def show_more(self) -> None:
        """Show the next page, if there is one."""
        if self._cursor is not None:
            await self._show_page()

    async def _show_page(self) -> None:
        if self._shop is None:
            page = await self._client.ask("tienda")
            self._shop = Shop(country=page["pais"], currency=page["moneda"])
        size = shutil.get_terminal_size()
        limit = min(max(size.lines - ROWS_BESIDE, FEWEST_ROWS), MOST_ROWS)
        answer = await self._client.ask(
            "ver", q=self._question, limite=limit, cursor=self._cursor
        )
        self._cursor = answer["siguiente"]
        products = msgspec.convert(answer["datos"], list[Producto])
        rows = [shelf_row(product, self._shop) for product in products]
        self._show([("", table(rows, size.columns) if rows else NO_PRODUCTS)])
        if self._cursor is not None:
            self._show(texts.notice(MORE))


def table(
    rows: list[ShelfRow],
    columns: int,
) -> str:
    """Return products in columns; in a narrow terminal each on two lines."""
    if columns < NARROW_COLUMNS:
        return "\n".join(
            f"{fitted(row.name, columns)}\n  {row.code}  {row.price}  quedan {row.left}"
            for row in rows
        )

    beside = CODE_COLUMNS + PRICE_COLUMNS + LEFT_COLUMNS + 3
    name_columns = columns - beside - 1
    lines = []
    for row in [HEADING, *rows]:
        cells = (
            row.code.ljust(CODE_COLUMNS),
            fitted(row.name, name_columns),
            row.price.rjust(PRICE_COLUMNS),
            row.left.rjust(LEFT_COLUMNS),
        )
        lines.append(" ".join(cells).rstrip())
    return "\n".join(lines)


def fitted(
    text: str,
    columns: int,
) -> str:
    """Return a text in as many columns, cut or filled up."""
    if columns_of(text) > columns:
        while columns_of(text) >= columns:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - columns_of(text))

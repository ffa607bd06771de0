"""The products as a table that pages."""

import shutil
from collections.abc import Callable
from typing import Any

from trastienda.clients.lines import LineClient
from trastienda.clients.terminal import texts
from trastienda.clients.terminal.texts import Pieces
from trastienda.domain.products import Unit
from trastienda.domain.shop import Shop
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.sentences import NO_PRODUCTS
from trastienda.wire.receipts.wrapping import columns_of
from trastienda.wire.values import quantity_in
from trastienda.wire.written import money, quantity

ROWS_BESIDE = 4
"""Lines of the terminal that are no products: headings, what follows, what is typed."""
FEWEST_ROWS, MOST_ROWS = 5, 50
CODE_COLUMNS, PRICE_COLUMNS, LEFT_COLUMNS = 14, 12, 10
NARROW_COLUMNS = 60
"""A terminal narrower than this has a product on two lines."""
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
        rows = [_row(product, self._shop) for product in answer["datos"]]
        self._show([("", table(rows, size.columns) if rows else NO_PRODUCTS)])
        if self._cursor is not None:
            self._show(texts.notice(MORE))


def _row(
    product: dict[str, Any],
    shop: Shop,
) -> tuple[str, str, str, str]:
    left_milli = quantity_in(product["stock"], "stock")
    price = int(product.get("precio_final", product["precio"]))
    return (
        clean(str(product["codigo_barras"])),
        clean(str(product["nombre"])),
        money(price, shop),
        quantity(left_milli, Unit(product["unidad"])),
    )


def table(
    rows: list[tuple[str, str, str, str]],
    columns: int,
) -> str:
    """Return products in columns; in a narrow terminal each on two lines."""
    if columns < NARROW_COLUMNS:
        return "\n".join(
            f"{fitted(name, columns)}\n  {code}  {price}  quedan {left}"
            for code, name, price, left in rows
        )

    beside = CODE_COLUMNS + PRICE_COLUMNS + LEFT_COLUMNS + 3
    name_columns = columns - beside - 1
    lines = []
    for code, name, price, left in [("código", "producto", "precio", "quedan"), *rows]:
        cells = (
            code.ljust(CODE_COLUMNS),
            fitted(name, name_columns),
            price.rjust(PRICE_COLUMNS),
            left.rjust(LEFT_COLUMNS),
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

"""The shelves of one window: products as they are now; apart from any widget."""

from collections.abc import Callable
from typing import Any

import msgspec

from trastienda.clients.lines import Announced, LineClient
from trastienda.clients.shelf_row import ShelfRow, shelf_row
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.shop_line import ShopLine
from trastienda.domain.shop import Shop
from trastienda.wire.products import Producto, ProductoFuera, Stock

PAGE = 200


class Shelf:
    """What a search found, page by page, kept as the shop announces it."""

    def __init__(
        self,
        line: ShopLine,
        *,
        show: Callable[[list[Producto]], None],
        add: Callable[[list[Producto]], None],
        change: Callable[[Producto], None],
        remove: Callable[[str], None],
        inform: Callable[[str], None],
    ) -> None:
        self._line = line
        self._show = show
        self._add = add
        self._change = change
        self._remove = remove
        self._inform = inform
        self.shop: Shop | None = None
        self.products: dict[str, Producto] = {}
        """By their codes, in the order of the shop."""
        self._words = ""
        self._cursor: str | None = None
        self._is_asking = False
        self._reads_all = False
        """All pages are wanted: they are sorted here."""

    def search(self, words: str) -> None:
        """Look for products whose name or code holds some words; all, for none."""
        self._words, self._cursor = words, None
        self._ask(is_first=True)

    def read_on(self) -> None:
        """Ask for the next page, if there is one."""
        if self._cursor is not None and not self._is_asking:
            self._ask(is_first=False)

    def read_all(self) -> None:
        """Ask for all pages there are, one after the other."""
        self._reads_all = True
        self.read_on()

    def _ask(self, *, is_first: bool) -> None:
        words, cursor = self._words, self._cursor
        self._is_asking = True

        async def ask(client: LineClient) -> dict[str, Any]:
            if self.shop is None:
                page = await client.ask("tienda")
                self.shop = Shop(country=page["pais"], currency=page["moneda"])
            return await client.ask("ver", q=words, limite=PAGE, cursor=cursor)

        def take(page: dict[str, Any]) -> None:
            self._is_asking = False
            if words != self._words:  # somebody typed on meanwhile
                return
            products = msgspec.convert(page["datos"], list[Producto])
            self._cursor = page["siguiente"]
            if is_first:
                self.products.clear()
            new = [item for item in products if item.codigo_barras not in self.products]
            self.products |= {product.codigo_barras: product for product in products}
            if is_first:
                self._show(products)
            else:
                self._add(new)
            if self._reads_all:
                self.read_on()

        def refused(error: Exception) -> None:
            self._is_asking = False
            self._inform(sentence_of(error))

        self._line.begin(ask, take, refused)

    def row(self, product: Producto) -> ShelfRow:
        """Return a product in words."""
        assert self.shop is not None, "products came before the shop that they are of"
        return shelf_row(product, self.shop)

    def hear(self, announced: Announced) -> None:
        """Take note of what the shop announced, as far as it is on show."""
        body = announced.body
        if announced.name == "producto_eliminado":
            self._take_away(str(body.get("codigo_barras", "")))
        elif isinstance(body, ProductoFuera):
            self._take_away(body.codigo_barras)
        elif isinstance(body, Stock) and body.codigo_barras in self.products:
            product = self.products[body.codigo_barras]
            self._put(msgspec.structs.replace(product, stock=body.stock))
        elif isinstance(body, Producto) and body.codigo_barras in self.products:
            if body.estado == "Activo":
                self._put(body)
            else:
                self._take_away(body.codigo_barras)
        elif isinstance(body, Producto) and body.estado == "Activo" and not self._words:
            self.products = {body.codigo_barras: body} | self.products
            self._show(list(self.products.values()))

    def _put(self, product: Producto) -> None:
        self.products[product.codigo_barras] = product
        self._change(product)

    def _take_away(self, code: str) -> None:
        if self.products.pop(code, None) is not None:
            self._remove(code)

    def trade(
        self,
        action: str,
        product: Producto,
        quantity: str,
        then: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        """Buy or give back; once, whatever becomes of the line. Its answer is for people."""
        text = f"/{action} {product.codigo_barras} {quantity}".rstrip()
        self._line.type(text, then, lambda error: failed(sentence_of(error)))

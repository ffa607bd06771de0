"""The shelves on the screen: a table to search in, and one product beside it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.lines import Announced
from trastienda.clients.window.product_card import ProductCard
from trastienda.clients.window.shelf import Shelf
from trastienda.clients.window.shelf_table import ShelfTable
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.wire.products import Producto

CARD, NARROW_CARD = 320, 240
WIDE = 860
"""Narrower, and the product has less room, and the table no codes."""
TYPING_MS = 200
"""After so long without a key the shop is asked."""
NOTHING = "Nada calza con eso. Prueba con menos letras."
OFFLINE = "Sin conexión. No se compró ni devolvió nada. Prueba cuando vuelva."
EMPTY = "Todavía no hay productos. Los agrega un Administrador."


class ShelfPage(ttk.Frame):
    """One window's shelves, which follow the stock as it changes."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        line: ShopLine,
        *,
        inform: Callable[[str], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._inform = inform
        self._shelf = Shelf(
            line,
            show=self._show,
            add=self._add,
            change=self._change,
            remove=self._remove,
            inform=inform,
        )
        self.is_online = True
        """Whether the line stands: nothing is bought that would be done some time later."""
        self._chosen = ""
        self._typing = ""
        """The timer that runs while somebody types."""

        self._left = ttk.Frame(self)
        self._label = ttk.Label(
            self._left, text="Busca un producto o un código", style="SurfaceNote.TLabel"
        )
        self._entry = ttk.Entry(self._left)
        self._hint = ttk.Label(self._left, style="SurfaceNote.TLabel")
        self.table = ShelfTable(self._left, theme, self._shelf, choose=self._choose)
        self._edge = ttk.Frame(self, style="Line.TFrame", width=1)
        self.card = ProductCard(self, theme, self._trade)
        self._lay_out()
        self._bind_keys()
        theme.on_change(self, self._dress)

    def _lay_out(self) -> None:
        self._left.columnconfigure(0, weight=1)
        self._left.rowconfigure(3, weight=1)
        self._label.grid(row=0, sticky="w")
        self._entry.grid(row=1, sticky="ew")
        self.table.grid(row=3, sticky="nswe")
        self.card.pack(side="right", fill="y")
        self._edge.pack(side="right", fill="y")
        self._left.pack(side="left", fill="both", expand=True)

    def _bind_keys(self) -> None:
        self._entry.bind("<KeyRelease>", self._typed)
        for key in ("<Down>", "<Return>"):
            self._entry.bind(key, lambda _: self.table.go_in())
        self.table.tree.bind("<Return>", lambda _: self.card.entry.focus_set())
        self.table.tree.bind("<Escape>", lambda _: self._entry.focus_set())
        self.card.entry.bind("<Escape>", lambda _: self.table.go_in())
        self.bind("<Configure>", lambda _: self._share_width())

    def _dress(self) -> None:
        theme = self._theme
        pad = theme.px(20)
        self._label.grid_configure(padx=pad, pady=(theme.px(14), theme.px(2)))
        self._entry.grid_configure(padx=theme.px(17))
        self.table.grid_configure(padx=(theme.px(12), 0), pady=theme.px(8))
        self._share_width()
        self._show_product()

    def _share_width(self) -> None:
        theme = self._theme
        is_wide = self.winfo_width() >= theme.px(WIDE)
        self.card.set_width(theme.px(CARD if is_wide else NARROW_CARD))
        self.table.show_columns(has_codes=is_wide)

    # What is on show

    def arrive(self, *, may_trade: bool) -> None:
        """Take note that one is in, or back: everything is looked at anew."""
        self.card.may_trade = may_trade
        self._shelf.search(self._words)
        self._show_product()

    def hear(self, announced: Announced) -> None:
        """Take note of what the shop announced."""
        self._shelf.hear(announced)

    def focus_first(self) -> None:
        """Take the keyboard."""
        self._entry.focus_set()

    def open_search(self) -> None:
        """Look for something else."""
        self._entry.focus_set()
        self._entry.selection_range(0, "end")

    @property
    def hint(self) -> str:
        """Why there is nothing on show; empty where there is."""
        return str(self._hint.cget("text")) if self._hint.winfo_manager() else ""

    @property
    def _words(self) -> str:
        return self._entry.get().strip()

    def _typed(self, event: "tk.Event[tk.Misc]") -> None:
        if self._typing:
            self.after_cancel(self._typing)
        self._typing = self.after(TYPING_MS, self._search_typed)

    def _search_typed(self) -> None:
        self._typing = ""
        self._shelf.search(self._words)

    def _show(self, products: list[Producto]) -> None:
        self.table.show(products)
        self._hint.grid_forget()
        if not products:
            self._hint.configure(text=NOTHING if self._words else EMPTY)
            self._hint.grid(row=2, sticky="w", padx=self._theme.px(20))

    def _add(self, products: list[Producto]) -> None:
        self.table.add(products)

    def _change(self, product: Producto) -> None:
        self.table.change(product)
        if product.codigo_barras == self._chosen:
            self._show_product()

    def _remove(self, code: str) -> None:
        self.table.remove(code)

    # The product that is chosen

    def _choose(self, code: str) -> None:
        if code != self._chosen:
            self._chosen = code
            self.card.begin_anew()
        self._show_product()

    def _show_product(self) -> None:
        product = self._shelf.products.get(self._chosen)
        if product is None:
            self.card.show_nothing()
        else:
            self.card.show(product, self._shelf.row(product))

    def _trade(
        self,
        action: str,
        quantity: str,
    ) -> None:
        product = self._shelf.products.get(self._chosen)
        if product is None:
            return
        if not self.is_online:
            self.card.explain(OFFLINE, is_done=False)
            return
        self._shelf.trade(
            action,
            product,
            quantity,
            lambda words: self._answer(product, words, is_done=True),
            lambda words: self._answer(product, words, is_done=False),
        )

    def _answer(
        self,
        product: Producto,
        words: str,
        *,
        is_done: bool,
    ) -> None:
        if product.codigo_barras == self._chosen:
            self.card.explain(words, is_done=is_done)
        else:  # somebody has turned to another product meanwhile
            self.card.let_go_on()
            self._inform(words)

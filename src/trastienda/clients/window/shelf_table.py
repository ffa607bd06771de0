"""Products as a table: sorted by a touch on a heading, and lit where they have just changed."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Any, Literal

from trastienda.clients.window.shelf import Shelf
from trastienda.clients.window.theme import Theme
from trastienda.wire.products import Producto

COLUMNS = (
    ("code", "Código", 150),
    ("name", "Producto", 140),
    ("price", "Precio", 96),
    ("left", "Quedan", 104),
)
"""Name, heading and width of each; the names have whatever the others leave."""
AMOUNTS = {"price", "left"}
"""Columns that stand at the right."""
LIGHT_MS = 900
"""How long a row is lit that has just changed."""
NEAR_END = 0.9
"""So far down the table more is asked for."""
NAME_LEAST = 100

_ORDERS: dict[str, Callable[[Producto], Any]] = {
    "code": lambda product: product.codigo_barras,
    "name": lambda product: product.nombre.casefold(),
    "price": lambda product: product.precio_final,
    "left": lambda product: product.stock,
}


class ShelfTable(ttk.Frame):
    """Rows of products, of which one is chosen."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        shelf: Shelf,
        *,
        choose: Callable[[str], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shelf = shelf
        self._order: tuple[str, bool] = ("", False)
        """The column that the rows are sorted by, and whether downwards."""
        self.tree = ttk.Treeview(
            self, columns=[column[0] for column in COLUMNS], show="headings"
        )
        self._scrollbar = ttk.Scrollbar(self, command=self.tree.yview)
        self.tree.configure(yscrollcommand=self._scrolled)
        self._scrollbar.pack(side="right", fill="y")
        self.tree.pack(side="left", fill="both", expand=True)
        for name, words, _ in COLUMNS:
            anchor: Literal["e", "w"] = "e" if name in AMOUNTS else "w"
            sort = partial(self.sort, name)
            self.tree.heading(name, text=words, anchor=anchor, command=sort)
            self.tree.column(name, anchor=anchor, stretch=name == "name")
        self.tree.bind("<<TreeviewSelect>>", lambda _: choose(self.chosen))
        self.tree.bind("<Configure>", lambda _: self._fit())
        self.show_columns(has_codes=True)
        theme.on_change(self, self._dress)

    def _dress(self) -> None:
        theme, palette = self._theme, self._theme.palette
        for name, _, width in COLUMNS:
            self.tree.column(name, width=theme.px(width), minwidth=theme.px(60))
        self.tree.tag_configure("lit", background=palette.select)
        self.tree.tag_configure("gone", foreground=palette.ink_3)
        self._fit()

    def show_columns(self, *, has_codes: bool) -> None:
        """Show the codes, or leave them out where there is little room."""
        names = [column[0] for column in COLUMNS]
        self.tree.configure(displaycolumns=names if has_codes else names[1:])
        self._fit()

    def _fit(self) -> None:
        """Give the names whatever the other columns leave."""
        names = [str(name) for name in self.tree.cget("displaycolumns")]
        taken = sum(self.tree.column(name, "width") for name in names if name != "name")
        room = self.tree.winfo_width() - taken
        self.tree.column("name", width=max(room, self._theme.px(NAME_LEAST)))

    # What is on show

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What is on show, row by row."""
        return [
            tuple(self.tree.set(code, column[0]) for column in COLUMNS)
            for code in self.tree.get_children()
        ]

    @property
    def chosen(self) -> str:
        """The code of the row that is chosen; empty for none."""
        selection = self.tree.selection()
        return selection[0] if selection else ""

    def show(self, products: Sequence[Producto]) -> None:
        """Show these products, and choose the first if none of them is chosen."""
        codes = {product.codigo_barras for product in products}
        self.tree.delete(
            *(code for code in self.tree.get_children() if code not in codes)
        )
        for product in products:
            self._put(product)
        self._put_in_order()
        if not self.chosen:
            self._choose_first()

    def add(self, products: Sequence[Producto]) -> None:
        """Show these products as well."""
        for product in products:
            self._put(product)
        if self._order[0]:
            self._put_in_order()

    def change(self, product: Producto) -> None:
        """Show a product as it is now, and light it up for a moment."""
        code = product.codigo_barras
        if not self.tree.exists(code):
            return
        self._put(product)
        self.tree.item(code, tags=[*self._tags(code), "lit"])
        self.after(LIGHT_MS, lambda: self._dim(code))

    def remove(self, code: str) -> None:
        """Show a product no more."""
        if self.tree.exists(code):
            self.tree.delete(code)

    def go_in(self) -> None:
        """Take the keyboard, to the row that is chosen."""
        if not self.chosen:
            self._choose_first()
        self.tree.focus(self.chosen)
        self.tree.focus_set()

    def _choose_first(self) -> None:
        first = self.tree.get_children()[:1]
        self.tree.selection_set(first)
        if first:
            self.tree.focus(first[0])

    def _put(self, product: Producto) -> None:
        row, code = self._shelf.row(product), product.codigo_barras
        values = (row.code, row.name, row.price, row.left)
        tags = ["gone"] if product.stock == 0 else []
        if self.tree.exists(code):
            self.tree.item(code, values=values, tags=tags)
        else:
            self.tree.insert("", "end", iid=code, values=values, tags=tags)

    def _tags(self, code: str) -> list[str]:
        return [str(tag) for tag in self.tree.item(code, "tags")]

    def _dim(self, code: str) -> None:
        if self.tree.exists(code):
            tags = [tag for tag in self._tags(code) if tag != "lit"]
            self.tree.item(code, tags=tags)

    def sort(self, column: str) -> None:
        """Sort what is on show by a column; again, the other way round."""
        name, is_down = self._order
        self._order = (column, name == column and not is_down)
        for heading, words, _ in COLUMNS:
            arrow = " ↓" if self._order[1] else " ↑"
            self.tree.heading(heading, text=words + arrow * (heading == column))
        self._put_in_order()
        self._shelf.read_all()

    def _put_in_order(self) -> None:
        column, is_down = self._order
        products = list(self._shelf.products.values())
        if column:
            products.sort(key=_ORDERS[column], reverse=is_down)
        for place, product in enumerate(products):
            self.tree.move(product.codigo_barras, "", place)

    def _scrolled(
        self,
        first: float,
        last: float,
    ) -> None:
        self._scrollbar.set(first, last)
        if float(last) > NEAR_END:
            self._shelf.read_on()

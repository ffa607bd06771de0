"""The shelves on the screen: a table to search in, and one product beside it."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Any, Literal

from trastienda.clients.lines import Announced
from trastienda.clients.window.shelf import Shelf
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.wire.products import Producto

DRAWER, NARROW_DRAWER = 320, 240
COLUMNS = (
    ("code", "Código", 150),
    ("name", "Producto", 140),
    ("price", "Precio", 110),
    ("left", "Quedan", 110),
)
"""Name, heading and least width of each; amounts stand at the right."""
AMOUNTS = {"price", "left"}
TYPING_MS = 200
"""After so long without a key the shop is asked."""
LIGHT_MS = 900
"""How long a row is lit that has just changed."""
NEAR_END = 0.9
NAME_LEAST = 100
WIDE = 860
"""Narrower, and the product has less room, and the table no codes."""
NOTHING = "Nada calza con eso. Prueba con menos letras."
EMPTY = "Todavía no hay productos. Los agrega un Administrador."
CHOOSE = "Elige un producto para verlo."
TO_BUY = "Entra con tu cuenta para comprar o devolver."


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
        self._shelf = Shelf(
            line,
            show=self._show,
            change=self._change,
            remove=self._remove,
            inform=inform,
        )
        self._may_trade = False
        self.chosen = ""
        self._typing = ""
        self._sorted_by = ("", False)

        self._left = ttk.Frame(self)
        self._entry = ttk.Entry(self._left)
        self._label = ttk.Label(self._left, text="Busca un producto o un código")
        self._table = ttk.Treeview(
            self._left, columns=[column[0] for column in COLUMNS], show="headings"
        )
        self._scrollbar = ttk.Scrollbar(self._left, command=self._table.yview)
        self._hint = ttk.Label(self._left, style="SurfaceNote.TLabel")
        self._edge = ttk.Frame(self, style="Line.TFrame", width=1)
        self._drawer = ttk.Frame(self)
        self._make_drawer()
        self._lay_out()
        self._bind_keys()
        theme.on_change(self, self._dress)

    def _make_drawer(self) -> None:
        drawer = self._drawer
        self._product_name = ttk.Label(drawer)
        self._code = ttk.Label(drawer, style="SurfaceNote.TLabel")
        self._price = ttk.Label(drawer)
        self._stock = ttk.Label(drawer)
        self._low = ttk.Label(drawer, text="bajo mínimo", style="Warn.TLabel")
        self._trade = ttk.Frame(drawer)
        self._quantity_label = ttk.Label(
            self._trade, text="Cantidad", style="SurfaceNote.TLabel"
        )
        self._less = ttk.Button(self._trade, style="Normal.TButton")
        self._more = ttk.Button(self._trade, style="Normal.TButton")
        self._less.configure(command=lambda: self._step(-1))
        self._more.configure(command=lambda: self._step(1))
        self._quantity = ttk.Entry(self._trade, width=8, justify="right")
        self.buy = ttk.Button(self._trade, text="Comprar", style="Primary.TButton")
        self.give_back = ttk.Button(
            self._trade, text="Devolver", style="Normal.TButton"
        )
        self.buy.configure(command=lambda: self._do("comprar"))
        self.give_back.configure(command=lambda: self._do("devolver"))
        self._answer = ttk.Label(drawer)

    def _lay_out(self) -> None:
        self._left.columnconfigure(0, weight=1)
        self._left.rowconfigure(3, weight=1)
        self._label.grid(row=0, column=0, sticky="w")
        self._entry.grid(row=1, column=0, columnspan=2, sticky="ew")
        self._table.grid(row=3, column=0, sticky="nswe")
        self._scrollbar.grid(row=3, column=1, sticky="ns")
        for name, words, _ in COLUMNS:
            anchor: Literal["e", "w"] = "e" if name in AMOUNTS else "w"
            sort = partial(self._sort, name)
            self._table.heading(name, text=words, anchor=anchor, command=sort)
            self._table.column(name, anchor=anchor, stretch=name == "name")
        self._drawer.pack(side="right", fill="y")
        self._drawer.pack_propagate(False)
        self._edge.pack(side="right", fill="y")
        self._left.pack(side="left", fill="both", expand=True)
        self._trade.columnconfigure(1, weight=1)
        self._quantity_label.grid(row=0, column=0, columnspan=3, sticky="w")
        self._less.grid(row=1, column=0)
        self._quantity.grid(row=1, column=1, sticky="ew")
        self._more.grid(row=1, column=2)
        self.buy.grid(row=2, column=0, columnspan=3, sticky="ew")
        self.give_back.grid(row=3, column=0, columnspan=3, sticky="ew")

    def _bind_keys(self) -> None:
        self._entry.bind("<KeyRelease>", self._typed)
        self._entry.bind("<Down>", lambda _: self._go_into_table())
        self._entry.bind("<Return>", lambda _: self._go_into_table())
        self._table.configure(yscrollcommand=self._scrolled)
        self._table.bind("<<TreeviewSelect>>", lambda _: self._choose())
        self._table.bind("<Return>", lambda _: self._quantity.focus_set())
        self._table.bind("<Escape>", lambda _: self._entry.focus_set())
        self._quantity.bind("<Return>", lambda _: self._do("comprar"))
        self._quantity.bind("<Escape>", lambda _: self._table.focus_set())
        self._quantity.bind("<Up>", lambda _: self._step(1))
        self._quantity.bind("<Down>", lambda _: self._step(-1))
        self.bind("<Configure>", lambda _: self._share_width())
        self._table.bind("<Configure>", lambda _: self._fit_columns())

    def _dress(self) -> None:
        theme, palette = self._theme, self._theme.palette
        pad = theme.px(20)
        self._label.configure(style="SurfaceNote.TLabel")
        self._label.grid_configure(padx=pad, pady=(theme.px(14), theme.px(2)))
        self._entry.grid_configure(padx=theme.px(17))
        self._table.grid_configure(padx=(theme.px(12), 0), pady=theme.px(8))
        for name, _, width in COLUMNS:
            self._table.column(name, width=theme.px(width), minwidth=theme.px(60))
        self._table.tag_configure("lit", background=palette.select)
        self._table.tag_configure("gone", foreground=palette.ink_3)
        self._drawer.configure(padding=pad)
        self._share_width()
        self._product_name.configure(font=theme.font("title"))
        self._price.configure(font=theme.font("figure"))
        self._stock.configure(font=theme.font("large"))
        self._less.configure(image=theme.icon("minus", "ink", 16), padding=theme.px(9))
        self._more.configure(image=theme.icon("plus", "ink", 16), padding=theme.px(9))
        for widget in (self.buy, self.give_back):
            widget.grid_configure(pady=(theme.px(8), 0))
        self._show_product()

    def _share_width(self) -> None:
        """Give the product less where there is little, and the table fewer columns."""
        theme, width = self._theme, self.winfo_width()
        drawer = theme.px(DRAWER if width >= theme.px(WIDE) else NARROW_DRAWER)
        names = [column[0] for column in COLUMNS]
        columns = names if width >= theme.px(WIDE) else names[1:]
        self._drawer.configure(width=drawer)
        self._table.configure(displaycolumns=columns)
        self._fit_columns()
        wrap = drawer - theme.px(40)
        for label in (self._product_name, self._code, self._answer):
            label.configure(wraplength=wrap)

    def _fit_columns(self) -> None:
        """Give the names whatever the other columns leave."""
        shown = [str(name) for name in self._table.cget("displaycolumns")]
        taken = sum(
            self._table.column(name, "width") for name in shown if name != "name"
        )
        room = self._table.winfo_width() - taken
        self._table.column("name", width=max(room, self._theme.px(NAME_LEAST)))

    # What is on show

    def arrive(self, *, may_trade: bool) -> None:
        """Take note that one is in, or back: everything is looked at anew."""
        self._may_trade = may_trade
        self._shelf.search(self._entry.get().strip())
        self._show_product()

    def hear(self, announced: Announced) -> None:
        """Take note of what the shop announced."""
        self._shelf.hear(announced)

    def focus_first(self) -> None:
        """Take the keyboard."""
        self._entry.focus_set()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What is on show, row by row."""
        table = self._table
        return [
            tuple(table.set(row, column[0]) for column in COLUMNS)
            for row in table.get_children()
        ]

    @property
    def quantity(self) -> str:
        """How much is to be bought or given back."""
        return self._quantity.get()

    @property
    def answer(self) -> str:
        """What the shop answered, as it stands there."""
        return str(self._answer.cget("text"))

    @property
    def hint(self) -> str:
        """Why there is nothing on show; empty where there is."""
        return str(self._hint.cget("text")) if self._hint.winfo_manager() else ""

    def open_search(self) -> None:
        """Look for something else."""
        self._entry.focus_set()
        self._entry.selection_range(0, "end")

    def _typed(self, event: "tk.Event[tk.Misc]") -> None:
        if self._typing:
            self.after_cancel(self._typing)
        self._typing = self.after(TYPING_MS, self._search_typed)

    def _search_typed(self) -> None:
        self._typing = ""
        self._shelf.search(self._entry.get().strip())

    def _show(self, products: list[Producto]) -> None:
        table = self._table
        codes = [product.codigo_barras for product in products]
        table.delete(*(code for code in table.get_children() if code not in set(codes)))
        for product in products:
            self._put(product)
        self._order()
        self._hint.grid_forget()
        if not products:
            self._hint.configure(text=NOTHING if self._entry.get() else EMPTY)
            self._hint.grid(row=2, column=0, sticky="w", padx=self._theme.px(20))
        elif self.chosen not in codes:
            table.selection_set(table.get_children()[0])
            table.focus(table.get_children()[0])

    def _put(self, product: Producto) -> None:
        row = self._shelf.row(product)
        values = (row.code, row.name, row.price, row.left)
        tags = ("gone",) if product.stock == 0 else ()
        code = product.codigo_barras
        if self._table.exists(code):
            self._table.item(code, values=values, tags=tags)
        else:
            self._table.insert("", "end", iid=code, values=values, tags=tags)

    def _change(self, product: Producto) -> None:
        """Show a product as it is now, and light it up for a moment."""
        code = product.codigo_barras
        if not self._table.exists(code):
            return
        self._put(product)
        tags = [str(tag) for tag in self._table.item(code, "tags")]
        self._table.item(code, tags=[*tags, "lit"])
        self.after(LIGHT_MS, lambda: self._dim(code))
        if code == self.chosen:
            self._show_product()

    def _dim(self, code: str) -> None:
        if self._table.exists(code):
            tags = [str(tag) for tag in self._table.item(code, "tags") if tag != "lit"]
            self._table.item(code, tags=tags)

    def _remove(self, code: str) -> None:
        if self._table.exists(code):
            self._table.delete(code)
        if code == self.chosen:
            self.chosen = ""
            self._show_product()

    def _sort(self, column: str) -> None:
        """Put what is on show in the order of a column; again, the other way round."""
        name, is_down = self._sorted_by
        self._sorted_by = (column, not is_down if name == column else False)
        self._order()

    def _order(self) -> None:
        column, is_down = self._sorted_by
        if not column:
            return
        products = self._shelf.products
        keys: dict[str, Callable[[str], Any]] = {
            "code": lambda code: code,
            "name": lambda code: products[code].nombre.casefold(),
            "price": lambda code: products[code].precio_final,
            "left": lambda code: products[code].stock,
        }
        codes = sorted(
            self._table.get_children(),
            key=keys[column],
            reverse=is_down,
        )
        for place, code in enumerate(codes):
            self._table.move(code, "", place)

    def _scrolled(
        self,
        first: float,
        last: float,
    ) -> None:
        self._scrollbar.set(first, last)
        if float(last) > NEAR_END:
            self._shelf.read_on()

    # One product

    def _go_into_table(self) -> None:
        rows = self._table.get_children()
        if rows:
            if not self._table.selection():
                self._table.selection_set(rows[0])
            self._table.focus(self._table.selection()[0])
            self._table.focus_set()

    def _choose(self) -> None:
        selection = self._table.selection()
        code = selection[0] if selection else ""
        if code != self.chosen:
            self.chosen = code
            self._set_quantity("1")
            self._answer.pack_forget()
        self._show_product()

    def _show_product(self) -> None:
        for child in self._drawer.pack_slaves():
            child.pack_forget()
        product = self._shelf.products.get(self.chosen)
        if product is None:
            self._code.configure(text=CHOOSE)
            self._code.pack(anchor="w")
            return

        theme, row = self._theme, self._shelf.row(product)
        self._product_name.configure(text=row.name)
        unit = "" if product.unidad == "un" else f"/{product.unidad}"
        self._price.configure(text=f"{row.price}{unit}")
        self._code.configure(text=row.code)
        left = "agotado" if product.stock == 0 else f"quedan {row.left}"
        self._stock.configure(text=left)
        self._product_name.pack(anchor="w")
        self._code.pack(anchor="w", pady=(theme.px(2), theme.px(10)))
        self._price.pack(anchor="w")
        self._stock.pack(anchor="w", pady=(theme.px(2), theme.px(4)))
        if product.stock < product.stock_minimo:
            self._low.pack(anchor="w")
        if self._may_trade:
            self._trade.pack(fill="x", pady=(theme.px(12), 0))
        else:
            self._say(TO_BUY, "Notice")
        if self._may_trade and self._answer.cget("text"):
            self._answer.pack(fill="x", pady=(theme.px(14), 0))

    def _set_quantity(self, words: str) -> None:
        self._quantity.delete(0, "end")
        self._quantity.insert(0, words)

    def _step(self, steps: int) -> str:
        try:
            quantity = float(self._quantity.get().replace(",", "."))
        except ValueError:
            quantity = 0
        self._set_quantity(f"{max(quantity + steps, 1):g}".replace(".", ","))
        return "break"

    def _do(self, action: str) -> None:
        product = self._shelf.products.get(self.chosen)
        if product is None or not self._may_trade or self.buy.instate(["disabled"]):
            return
        for button in (self.buy, self.give_back):
            button.state(["disabled"])
        self._shelf.trade(
            action,
            product,
            self._quantity.get().strip(),
            lambda answer: self._done(answer, "Good"),
            lambda sentence: self._done(sentence, "Error"),
        )

    def _done(
        self,
        words: str,
        panel: str,
    ) -> None:
        for button in (self.buy, self.give_back):
            button.state(["!disabled"])
        self._say(words, panel)

    def _say(
        self,
        words: str,
        panel: str,
    ) -> None:
        self._answer.configure(text=words, style=f"{panel}.TLabel")
        self._answer.pack(fill="x", pady=(self._theme.px(14), 0))

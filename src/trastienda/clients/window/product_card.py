"""One product beside the shelves: what it costs, what is left, and buying and returning it."""

import re
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.shelf_row import ShelfRow
from trastienda.clients.window.theme import Theme
from trastienda.wire.products import Producto

CHOOSE = "Elige un producto para verlo."
TO_BUY = "Entra con tu cuenta para comprar o devolver."
HOW_MUCH = "Escribe una cantidad, como 2 o 0,350."
QUANTITY = re.compile(r"[0-9]{1,9}([.,][0-9]{1,3})?")
SIDES = 20
"""Pixels between the edge and what is written."""


class ProductCard(ttk.Frame):
    """The product that is chosen."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        trade: Callable[[str, str], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._trade = trade
        self.may_trade = False
        """Whether whoever sits here came in with an account."""
        self._name_label = ttk.Label(self)
        self._code = ttk.Label(self, style="SurfaceNote.TLabel")
        self._price = ttk.Label(self)
        self._stock = ttk.Label(self)
        self._low = ttk.Label(self, text="bajo mínimo", style="Warn.TLabel")
        self._answer = ttk.Label(self)
        self._form = ttk.Frame(self)
        self._label = ttk.Label(self._form, text="Cantidad", style="SurfaceNote.TLabel")
        self._less = ttk.Button(self._form, style="Normal.TButton")
        self._more = ttk.Button(self._form, style="Normal.TButton")
        self.entry = ttk.Entry(self._form, width=8, justify="right")
        self.buy = ttk.Button(self._form, text="Comprar", style="Primary.TButton")
        self.give_back = ttk.Button(self._form, text="Devolver", style="Normal.TButton")
        self.pack_propagate(False)
        self._lay_out()
        self._bind_keys()
        theme.on_change(self, self._dress)

    def _lay_out(self) -> None:
        self._form.columnconfigure(1, weight=1)
        self._label.grid(row=0, column=0, columnspan=3, sticky="w")
        self._less.grid(row=1, column=0)
        self.entry.grid(row=1, column=1, sticky="ew")
        self._more.grid(row=1, column=2)
        self.buy.grid(row=2, column=0, columnspan=3, sticky="ew")
        self.give_back.grid(row=3, column=0, columnspan=3, sticky="ew")

    def _bind_keys(self) -> None:
        self._less.configure(command=lambda: self._step(-1))
        self._more.configure(command=lambda: self._step(1))
        self.buy.configure(command=lambda: self._do("comprar"))
        self.give_back.configure(command=lambda: self._do("devolver"))
        self.entry.bind("<FocusIn>", lambda _: self.entry.selection_range(0, "end"))
        self.entry.bind("<Return>", lambda _: self._do("comprar"))
        self.entry.bind("<Up>", lambda _: self._step(1))
        self.entry.bind("<Down>", lambda _: self._step(-1))

    def _dress(self) -> None:
        theme = self._theme
        self.configure(padding=theme.px(SIDES))
        self._name_label.configure(font=theme.font("title"))
        self._price.configure(font=theme.font("figure"))
        self._stock.configure(font=theme.font("large"))
        for button, icon in ((self._less, "minus"), (self._more, "plus")):
            button.configure(image=theme.icon(icon, "ink", 16), padding=theme.px(9))
        for button in (self.buy, self.give_back):
            button.grid_configure(pady=(theme.px(8), 0))

    def set_width(self, pixels: int) -> None:
        """Be so wide, and break lines accordingly."""
        self.configure(width=pixels)
        for label in (self._name_label, self._code, self._answer):
            label.configure(wraplength=pixels - 2 * self._theme.px(SIDES))

    # What is on show

    @property
    def quantity(self) -> str:
        """How much is to be bought or given back."""
        return self.entry.get().strip()

    @property
    def answer(self) -> str:
        """What the shop answered, as it stands there."""
        return str(self._answer.cget("text"))

    def show_nothing(self) -> None:
        """Say that a product is to be chosen."""
        self._clear()
        self._code.configure(text=CHOOSE)
        self._code.pack(anchor="w")

    def show(
        self,
        product: Producto,
        row: ShelfRow,
    ) -> None:
        """Show a product as it is now; an answer stays."""
        theme = self._theme
        self._clear()
        unit = "" if product.unidad == "un" else f"/{product.unidad}"
        self._name_label.configure(text=row.name)
        self._code.configure(text=row.code)
        self._price.configure(text=f"{row.price}{unit}")
        left = "agotado" if product.stock == 0 else f"quedan {row.left}"
        self._stock.configure(text=left)
        self._name_label.pack(anchor="w")
        self._code.pack(anchor="w", pady=(theme.px(2), theme.px(10)))
        self._price.pack(anchor="w")
        self._stock.pack(anchor="w", pady=(theme.px(2), theme.px(4)))
        if product.stock < product.stock_minimo:
            self._low.pack(anchor="w")
        if self.may_trade:
            self._form.pack(fill="x", pady=(theme.px(12), 0))
        else:
            self._answer.configure(text=TO_BUY, style="Notice.TLabel")
        if self.answer:
            self._answer.pack(fill="x", pady=(theme.px(14), 0))

    def _clear(self) -> None:
        for child in self.pack_slaves():
            child.pack_forget()

    def begin_anew(self) -> None:
        """Forget what was typed and answered: another product is chosen."""
        self._answer.configure(text="")
        self._write("1")

    def explain(
        self,
        words: str,
        *,
        is_done: bool,
    ) -> None:
        """Show what the shop answered."""
        self.let_go_on()
        self._answer.configure(
            text=words, style="Good.TLabel" if is_done else "Error.TLabel"
        )
        self._answer.pack(fill="x", pady=(self._theme.px(14), 0))

    def let_go_on(self) -> None:
        """Let be bought and given back again."""
        for button in (self.buy, self.give_back):
            button.state(["!disabled"])

    def _write(self, quantity: str) -> None:
        self.entry.delete(0, "end")
        self.entry.insert(0, quantity)

    def _step(self, steps: int) -> str:
        try:
            quantity = float(self.quantity.replace(",", "."))
        except ValueError:
            quantity = 0
        self._write(f"{max(quantity + steps, 1):g}".replace(".", ","))
        return "break"

    def _do(self, action: str) -> None:
        if not self.may_trade or self.buy.instate(["disabled"]):
            return
        if not QUANTITY.fullmatch(self.quantity):
            self.explain(HOW_MUCH, is_done=False)
            self.entry.focus_set()
            return
        self._answer.configure(text="")
        self._answer.pack_forget()
        for button in (self.buy, self.give_back):
            button.state(["disabled"])
        self._trade(action, self.quantity)

"""Where one comes in: with an account, or with an alias."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.lines import Account, Guest, Identity
from trastienda.clients.window.theme import Theme

WIDTH = 380


class EntryPage(ttk.Frame):
    """A card with the fields of whoever comes in; what is wrong stands beneath them."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        enter: Callable[[str, int, Identity], None],
        host: str,
        port: int,
        username: str,
        alias: str,
    ) -> None:
        super().__init__(parent, style="Canvas.TFrame")
        self._theme = theme
        self._enter = enter
        self._is_guest = bool(alias)
        self._needs_code = False
        self._rows: dict[str, tuple[ttk.Label, ttk.Entry]] = {}
        self._card = ttk.Frame(self, style="Card.TFrame")
        self._card.place(relx=0.5, rely=0.5, anchor="center")
        self._title = ttk.Label(self._card, text="Trastienda")
        self._lead = ttk.Label(self._card, style="SurfaceNote.TLabel")
        self._error = ttk.Label(self._card, style="Error.TLabel")
        self._submit_button = ttk.Button(
            self._card, text="Entrar", style="Primary.TButton", command=self._submit
        )
        self.switch = ttk.Button(
            self._card, style="Quiet.TButton", command=self._change_way
        )
        self._make_rows(host=f"{host}:{port}", username=username, alias=alias)
        theme.on_change(self, self._dress)

    def _make_rows(
        self,
        host: str,
        username: str,
        alias: str,
    ) -> None:
        for name, label, value in (
            ("username", "Usuario", username),
            ("password", "Clave", ""),
            ("code", "Código de tu segundo factor", ""),
            ("alias", "Tu alias", alias),
            ("shop", "Tienda", host),
        ):
            entry = ttk.Entry(self._card, show="•" if name == "password" else "")
            entry.insert(0, value)
            entry.bind("<Return>", lambda _: self._submit())
            self._rows[name] = (
                ttk.Label(self._card, text=label, style="SurfaceNote.TLabel"),
                entry,
            )

    def _dress(self) -> None:
        theme = self._theme
        self._card.configure(padding=theme.px(28))
        self._card.columnconfigure(0, minsize=theme.px(WIDTH - 56))
        self._title.configure(font=theme.font("figure"))
        self._error.configure(wraplength=theme.px(WIDTH - 80))
        self._lead.configure(wraplength=theme.px(WIDTH - 56))
        self._lay_out()

    def _lay_out(self) -> None:
        """Put in their places the fields of one of the two ways in, and what was wrong."""
        theme = self._theme
        for child in self._card.grid_slaves():
            child.grid_forget()
        fields = ["alias"] if self._is_guest else ["username", "password"]
        fields += ["code"] * self._needs_code + ["shop"]
        self._title.grid(sticky="w", padx=theme.px(4))
        self._lead.grid(sticky="w", padx=theme.px(4), pady=(theme.px(4), theme.px(12)))
        for name in fields:
            label, entry = self._rows[name]
            label.grid(sticky="w", padx=theme.px(4), pady=(theme.px(8), 0))
            entry.grid(sticky="ew")
        if self.sentence:
            self._error.grid(sticky="ew", pady=(theme.px(14), 0))
        self._submit_button.grid(sticky="ew", pady=(theme.px(18), theme.px(4)))
        self.switch.grid(sticky="ew")
        self._lead.configure(
            text="Elige cómo te llamas en el chat."
            if self._is_guest
            else "El chat y el inventario de tu tienda."
        )
        self.switch.configure(
            text="Entrar con mi cuenta" if self._is_guest else "Entrar sin cuenta"
        )

    def focus_first(self) -> None:
        """Take the keyboard, to the first field that is empty."""
        names = ("alias",) if self._is_guest else ("username", "password")
        entries = [self._rows[name][1] for name in names]
        next((entry for entry in entries if not entry.get()), entries[0]).focus_set()

    def _change_way(self) -> None:
        self._is_guest = not self._is_guest
        self._needs_code = False
        self._write_error("")
        self.focus_first()

    @property
    def sentence(self) -> str:
        """Why nobody came in, as it stands there; empty for no reason."""
        return str(self._error.cget("text"))

    def _write_error(self, sentence: str) -> None:
        self._error.configure(text=sentence)
        self._lay_out()

    @property
    def asks_code(self) -> bool:
        """Whether a code of the second factor is asked for."""
        return bool(self._rows["code"][1].winfo_manager())

    def value(self, name: str) -> str:
        """Return what is written in a field."""
        return self._rows[name][1].get().strip()

    def clear(self, name: str) -> None:
        """Leave a field empty, with the keyboard in it."""
        self._rows[name][1].delete(0, "end")
        self._rows[name][1].focus_set()

    def _submit(self) -> None:
        host, _, port = self.value("shop").rpartition(":")
        if not (host and port.isdecimal() and 0 < int(port) < 2**16):
            self.explain(
                "Escribe la tienda como equipo:puerto, por ejemplo 127.0.0.1:3000.",
                field="shop",
            )
            return
        if self._is_guest:
            identity: Identity = Guest(self.value("alias"))
            is_whole = bool(self.value("alias"))
        else:
            password = self._rows["password"][1].get()
            identity = Account(
                self.value("username"), password, self.value("code") or None
            )
            is_whole = bool(self.value("username") and password)
        if not is_whole:
            self.focus_first()
            return
        self._write_error("")
        self._submit_button.state(["disabled"])
        self._enter(host.strip("[]"), int(port), identity)

    def ask_code_again(self, account: Account) -> None:
        """Ask of an account that was in for nothing but a new code."""
        for name, value in (
            ("username", account.username),
            ("password", account.password),
        ):
            entry = self._rows[name][1]
            entry.delete(0, "end")
            entry.insert(0, value)
        self.ask_code()

    def ask_code(self) -> None:
        """Ask for the code of the second factor as well."""
        self._submit_button.state(["!disabled"])
        self._needs_code = True
        self._lay_out()
        self._rows["code"][1].delete(0, "end")
        self._rows["code"][1].focus_set()

    def explain(
        self,
        sentence: str,
        field: str = "",
    ) -> None:
        """Say why nobody came in; what was typed stays, and the keyboard goes to a field."""
        self._submit_button.state(["!disabled"])
        self._write_error(sentence)
        usual = (
            "alias" if self._is_guest else "code" if self._needs_code else "password"
        )
        entry = self._rows[field or usual][1]
        entry.focus_set()
        entry.selection_range(0, "end")

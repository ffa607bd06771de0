"""Keeping order: who is connected and from where, and who is silent or shut out."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any

from trastienda.clients.lines import LineClient
from trastienda.clients.window.menus import MINUTES
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.written import span

PEOPLE = (("alias", "Quién", 180), ("room", "Sala", 140), ("address", "Desde", 200))
SANCTIONS = (
    ("alias", "Quién", 180),
    ("state", "Estado", 140),
    ("left", "Le queda", 200),
)
NOBODY = "Nadie está en silencio ni bloqueado."


class OrderPage(ttk.Frame):
    """Two lists for an Administrador, each with what may be done to whom it names."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        line: ShopLine,
        *,
        inform: Callable[..., None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line = line
        self._inform = inform
        self._titles = [
            ttk.Label(self, text=words) for words in ("Conectados", "Sanciones")
        ]
        self._people = self._table(PEOPLE)
        self._sanctions = self._table(SANCTIONS)
        self._empty = ttk.Label(self, text=NOBODY, style="SurfaceNote.TLabel")
        self.mute = self._button(f"Silenciar {MINUTES} minutos", "silenciar")
        self.kick = self._button("Sacar del chat", "expulsar")
        self.ban = self._button("Bloquear", "bloquear", style="Danger.TButton")
        self.pardon = ttk.Button(
            self, text="Levantar la sanción", style="Normal.TButton"
        )
        self.pardon.configure(command=self._lift_chosen)
        self._lay_out()
        for table in (self._people, self._sanctions):
            table.bind("<<TreeviewSelect>>", lambda _: self._offer())
        theme.on_change(self, self._dress)
        self._offer()

    def _table(self, columns: tuple[tuple[str, str, int], ...]) -> ttk.Treeview:
        table = ttk.Treeview(
            self, columns=[column[0] for column in columns], show="headings", height=4
        )
        for name, words, _ in columns:
            table.heading(name, text=words, anchor="w")
            table.column(name, anchor="w")
        return table

    def _button(
        self,
        words: str,
        action: str,
        style: str = "Normal.TButton",
    ) -> ttk.Button:
        button = ttk.Button(self, text=words, style=style)
        button.configure(command=lambda: self._punish(action))
        return button

    def _lay_out(self) -> None:
        self.columnconfigure(3, weight=1)
        for row in (1, 4):
            self.rowconfigure(row, weight=1)
        self._titles[0].grid(row=0, column=0, columnspan=4, sticky="w")
        self._people.grid(row=1, column=0, columnspan=4, sticky="nswe")
        for column, button in enumerate((self.mute, self.kick, self.ban)):
            button.grid(row=2, column=column, sticky="w")
        self._titles[1].grid(row=3, column=0, columnspan=4, sticky="w")
        self._sanctions.grid(row=4, column=0, columnspan=4, sticky="nswe")
        self.pardon.grid(row=5, column=0, sticky="w")
        self._empty.grid(row=5, column=1, columnspan=3, sticky="w")

    def _dress(self) -> None:
        theme = self._theme
        self.configure(padding=theme.px(20))
        for title in self._titles:
            title.configure(font=theme.font("title"))
            title.grid_configure(pady=(theme.px(4), theme.px(6)))
        for table, columns in ((self._people, PEOPLE), (self._sanctions, SANCTIONS)):
            for name, _, width in columns:
                table.column(name, width=theme.px(width))
        for button in (self.mute, self.kick, self.ban, self.pardon):
            button.grid_configure(padx=(0, theme.px(8)), pady=theme.px(8))

    def focus_first(self) -> None:
        """Take the keyboard, and look at what is in force."""
        self.refresh()
        self._people.focus_set()

    @property
    def connections(self) -> list[tuple[str, ...]]:
        """Who is connected: alias, room and address."""
        return _rows(self._people)

    @property
    def sanctions(self) -> list[tuple[str, ...]]:
        """Who is silent or shut out, how, and for how long."""
        return _rows(self._sanctions)

    def choose(self, alias: str) -> None:
        """Choose somebody who is connected."""
        _choose(self._people, alias)

    def choose_sanction(self, alias: str) -> None:
        """Choose somebody who is silent or shut out."""
        _choose(self._sanctions, alias)

    def refresh(self) -> None:
        """Ask who is connected, and who is silent or shut out."""

        async def ask(client: LineClient) -> tuple[list[Any], list[Any]]:
            people = await client.ask("usuarios")
            sanctions = await client.ask("sanciones")
            return people.get("conexiones", []), sanctions["sanciones"]

        self._line.begin(ask, self._show, lambda _: None)

    def _show(self, lists: tuple[list[Any], list[Any]]) -> None:
        connections, sanctions = lists
        _fill(
            self._people,
            [
                (
                    row["alias"],
                    f"#{row['sala']}" if row["sala"] else "",
                    row["direccion"],
                )
                for row in connections
            ],
        )
        _fill(
            self._sanctions,
            [
                (
                    row["alias"],
                    row["estado"],
                    "hasta que se levante"
                    if row["segundos"] is None
                    else span(row["segundos"]),
                )
                for row in sanctions
            ],
        )
        if sanctions:
            self._empty.grid_remove()
        else:
            self._empty.grid()
        self._offer()

    def _offer(self) -> None:
        """Let be pressed what there is somebody for."""
        for table, buttons in (
            (self._people, (self.mute, self.kick, self.ban)),
            (self._sanctions, (self.pardon,)),
        ):
            alias = _chosen(table)
            has_target = bool(alias) and alias != self._line.alias
            for button in buttons:
                button.state(["!disabled" if has_target else "disabled"])

    def _punish(self, action: str) -> None:
        alias = _chosen(self._people)
        fields: dict[str, Any] = {"alias": alias}
        if action == "silenciar":
            fields["minutos"] = MINUTES
        done = {
            "silenciar": f"{alias} queda en silencio por {MINUTES} minutos.",
            "expulsar": f"{alias} fue sacado del chat.",
            "bloquear": f"{alias} queda bloqueado.",
        }[action]

        def then(_: object) -> None:
            self.refresh()
            if action == "expulsar":
                self._inform(done)
            else:
                self._inform(done, "Deshacer", lambda: self._lift_from(alias))

        self._line.begin(
            lambda client: client.ask(action, **fields), then, self._refused
        )

    def _lift_chosen(self) -> None:
        self._lift_from(_chosen(self._sanctions))

    def _lift_from(self, alias: str) -> None:
        def then(_: object) -> None:
            self.refresh()
            self._inform(f"{alias} ya no está bloqueado ni en silencio.")

        self._line.begin(
            lambda client: client.ask("desbloquear", alias=alias), then, self._refused
        )

    def _refused(self, error: Exception) -> None:
        self._inform(sentence_of(error))


def _fill(
    table: ttk.Treeview,
    rows: list[tuple[str, str, str]],
) -> None:
    """Show rows in a table; whoever was chosen stays so."""
    chosen = _chosen(table)

    clean_rows = [tuple(clean(str(cell)) for cell in row) for row in rows]
    if clean_rows == _rows(table):
        return
    table.delete(*table.get_children())
    for row in clean_rows:
        table.insert("", "end", values=row)
    _choose(table, chosen)


def _rows(table: ttk.Treeview) -> list[tuple[str, ...]]:
    columns = [str(name) for name in table.cget("columns")]
    return [
        tuple(table.set(row, column) for column in columns)
        for row in table.get_children()
    ]


def _choose(
    table: ttk.Treeview,
    alias: str,
) -> None:
    matches = [row for row in table.get_children() if table.set(row, "alias") == alias]
    table.selection_set(matches[:1])


def _chosen(table: ttk.Treeview) -> str:
    selection = table.selection()
    return table.set(selection[0], "alias") if selection else ""

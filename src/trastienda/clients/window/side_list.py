"""The list at the side: what one may turn to, with what waits to be read there."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from msgspec import Struct

from trastienda.clients.window.drawing import rounded
from trastienda.clients.window.theme import Theme

ROW, HEAD = 38, 34
"""Heights, in pixels of the design."""
MARGIN = 12
MOST_UNREAD = 99


class Row(Struct, frozen=True):
    """Something to turn to; or, without a key, the heading of those below it.

    A heading with nobody there is a remark.
    """

    key: str
    label: str
    icon: str = ""
    is_there: bool = True
    unread: int = 0


class SideList(ttk.Frame):
    """A list drawn row by row, for the mouse and for the arrow keys."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        choose: Callable[[str], None],
        open_menu: Callable[[str, int, int], None],
    ) -> None:
        super().__init__(parent, style="Canvas.TFrame")
        self._theme = theme
        self._choose = choose
        self._open_menu = open_menu
        self._rows: Sequence[Row] = ()
        self._tops: list[int] = []
        self._current = ""
        self._cursor = ""
        """The row where the keyboard is."""
        self._hovered = ""
        self.canvas = tk.Canvas(
            self,
            highlightthickness=0,
            borderwidth=0,
            takefocus=True,
            yscrollincrement=1,
        )
        self.canvas.pack(fill="both", expand=True)
        self._bind_keys()
        theme.on_change(self, self._draw)

    def _bind_keys(self) -> None:
        canvas = self.canvas
        canvas.bind("<Configure>", lambda _: self._draw())
        canvas.bind("<Button-1>", self._click)
        for event in ("<Button-3>", "<Button-2>"):
            canvas.bind(event, self._click_menu)
        canvas.bind("<Motion>", lambda event: self._hover(self._at(event.y)))
        canvas.bind("<Leave>", lambda _: self._hover(""))
        canvas.bind("<Up>", lambda _: self._step(-1))
        canvas.bind("<Down>", lambda _: self._step(1))
        for key in ("<Return>", "<space>"):
            canvas.bind(key, lambda _: self._take(self._cursor))
        for key in ("<Menu>", "<Shift-F10>"):
            canvas.bind(key, lambda _: self._menu_at_cursor())
        for event in ("<FocusIn>", "<FocusOut>"):
            canvas.bind(event, lambda _: self._draw())
        canvas.bind("<MouseWheel>", lambda event: self._scroll(-event.delta))
        canvas.bind("<Button-4>", lambda _: self._scroll(-ROW))
        canvas.bind("<Button-5>", lambda _: self._scroll(ROW))

    def show(
        self,
        rows: Sequence[Row],
        current: str,
    ) -> None:
        """Show rows, of which one is turned to."""
        if (rows, current) == (self._rows, self._current):
            return
        self._rows, self._current = rows, current
        if self._cursor not in self.choices:
            self._cursor = current
        self._draw()

    @property
    def choices(self) -> list[str]:
        """What may be turned to, from the top."""
        return [row.key for row in self._rows if row.key]

    def focus_set(self) -> None:
        """Take the keyboard."""
        self.canvas.focus_set()

    # Drawing

    def _draw(self) -> None:
        canvas, palette = self.canvas, self._theme.palette
        canvas.delete("all")
        canvas.configure(background=palette.canvas)
        self._tops = []
        top = 0
        for row in self._rows:
            self._tops.append(top)
            self._draw_row(row, top)
            top += self._theme.px(ROW if row.key else HEAD)
        canvas.configure(scrollregion=(0, 0, 1, max(top, canvas.winfo_height())))

    def _draw_row(
        self,
        row: Row,
        top: int,
    ) -> None:
        canvas, theme, palette = self.canvas, self._theme, self._theme.palette
        left, width = theme.px(MARGIN), canvas.winfo_width()
        if not row.key:
            canvas.create_text(
                left + theme.px(8),
                top + theme.px(HEAD) - theme.px(8),
                text=row.label,
                anchor="sw",
                font=theme.font("label" if row.is_there else "small"),
                fill=palette.ink_2 if row.is_there else palette.ink_3,
            )
            return

        middle = top + theme.px(ROW) // 2
        has_keyboard = row.key == self._cursor and canvas.focus_get() is canvas
        if row.key == self._current or has_keyboard:
            edge = "focus" if has_keyboard else "line"
            self._draw_ground(left, top, width - left, "surface", edge)
        elif row.key == self._hovered:
            self._draw_ground(left, top, width - left, "surface_3", "surface_3")

        is_loud = row.unread > 0 or row.key == self._current
        if row.icon:
            icon = theme.icon(row.icon, "ink" if is_loud else "ink_3", 18)
            canvas.create_image(left + theme.px(18), middle, image=icon)
        else:
            self._draw_dot(left + theme.px(18), middle, is_there=row.is_there)
        room = (
            width
            - 2 * left
            - theme.px(36)
            - (theme.px(34) if row.unread else theme.px(8))
        )
        font = theme.font("strong" if is_loud else "body")
        canvas.create_text(
            left + theme.px(36),
            middle,
            text=_shortened(row.label, room, font.measure),
            anchor="w",
            font=font,
            fill=palette.ink if is_loud or row.is_there else palette.ink_3,
        )
        if row.unread:
            self._draw_count(row.unread, width - left - theme.px(20), middle)

    def _draw_ground(
        self,
        left: int,
        top: int,
        right: int,
        fill: str,
        edge: str,
    ) -> None:
        """Draw a row's ground, with round corners at its two ends."""
        canvas, theme = self.canvas, self._theme
        height, radius = theme.px(ROW) - theme.px(2), theme.px(9)
        fill_colour, edge_colour = theme.colour(fill), theme.colour(edge)
        pen = theme.px(2 if edge == "focus" else 1)
        cap = theme.picture(
            f"row-{fill}-{edge}",
            2 * radius,
            [
                (rounded(2 * radius, height, radius), edge_colour),
                (rounded(2 * radius, height, radius - pen, pen), fill_colour),
            ],
        )
        canvas.create_image(left, top, image=cap, anchor="nw")
        canvas.create_image(right - 2 * radius, top, image=cap, anchor="nw")
        inner = (left + radius, top, right - radius)
        canvas.create_rectangle(*inner, top + height, fill=edge_colour, width=0)
        canvas.create_rectangle(
            inner[0], top + pen, inner[2], top + height - pen, fill=fill_colour, width=0
        )

    def _draw_dot(
        self,
        x: int,
        y: int,
        *,
        is_there: bool,
    ) -> None:
        """Draw whether somebody is there: a dot, or a ring."""
        theme, palette = self._theme, self._theme.palette
        size = theme.px(9)
        layers = [
            (
                rounded(size, size, size / 2),
                palette.accent if is_there else palette.ink_3,
            )
        ]
        if not is_there:
            pen = 1.5 * size / 9
            layers.append((rounded(size, size, size / 2 - pen, pen), palette.canvas))
        image = theme.picture(f"dot-{is_there}", size, layers)
        self.canvas.create_image(x, y, image=image)

    def _draw_count(
        self,
        count: int,
        x: int,
        y: int,
    ) -> None:
        theme, palette = self._theme, self._theme.palette
        words = str(count) if count <= MOST_UNREAD else f"{MOST_UNREAD}+"
        self.canvas.create_image(x, y, image=theme.pill(words, 20, 6))
        self.canvas.create_text(
            x, y, text=words, font=theme.font("label"), fill=palette.on_accent
        )

    # What is done

    def _at(self, y: int) -> str:
        """Return the key of the row at a height; empty for none."""
        height = self.canvas.canvasy(y)
        for row, top in zip(self._rows, self._tops, strict=True):
            if row.key and top <= height < top + self._theme.px(ROW):
                return row.key
        return ""

    def _hover(self, key: str) -> None:
        if key != self._hovered:
            self._hovered = key
            self._draw()

    def _click(self, event: "tk.Event[tk.Misc]") -> None:
        self._take(self._at(event.y))

    def _click_menu(self, event: "tk.Event[tk.Misc]") -> None:
        key = self._at(event.y)
        if key:
            self._open_menu(key, event.x_root, event.y_root)

    def _take(self, key: str) -> None:
        if key:
            self._cursor = key
            self._choose(key)

    def _step(self, steps: int) -> str:
        keys = self.choices
        if keys:
            place = keys.index(self._cursor) if self._cursor in keys else 0
            self._cursor = keys[min(max(place + steps, 0), len(keys) - 1)]
            self._draw()
            self._see(self._cursor)
        return "break"

    def _top_of(self, key: str) -> int:
        """Return how far down a row begins."""
        tops = zip(self._rows, self._tops, strict=True)
        return next(top for row, top in tops if row.key == key)

    def _see(self, key: str) -> None:
        """Scroll so that a row is seen."""
        canvas = self.canvas
        top = self._top_of(key)
        above, below = canvas.canvasy(0) - top, top + self._theme.px(ROW)
        if above > 0:
            canvas.yview_scroll(-int(above), "units")
        elif below > canvas.canvasy(canvas.winfo_height()):
            canvas.yview_scroll(
                int(below - canvas.canvasy(canvas.winfo_height())), "units"
            )

    def _menu_at_cursor(self) -> None:
        if self._cursor in self.choices:
            top = self._top_of(self._cursor)
            y = self.canvas.winfo_rooty() + top - int(self.canvas.canvasy(0))
            x = self.canvas.winfo_rootx() + self._theme.px(48)
            self._open_menu(self._cursor, x, y + self._theme.px(ROW))

    def _scroll(self, pixels: int) -> None:
        self.canvas.yview_scroll(pixels, "units")


def _shortened(
    text: str,
    room: int,
    measure: Callable[[str], int],
) -> str:
    """Return a text that fits into so many pixels."""
    if measure(text) <= room:
        return text
    while text and measure(text + "…") > room:
        text = text[:-1]
    return text + "…"

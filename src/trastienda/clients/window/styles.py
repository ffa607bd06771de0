"""The ttk styles of the window: boxes with round corners, drawn for the look of the moment."""

import tkinter as tk
from tkinter import ttk
from typing import Any

from trastienda.clients.window.drawing import Layer, rounded
from trastienda.clients.window.theme import Theme

NAME = "trastienda"
RADIUS, RING = 9, 3
"""Pixels of a box's corner, and around it for the ring that shows where the keyboard is."""
ROW = 38
"""Height of a row of a table."""
MIDDLE = 90
"""Pixels in the middle of a box: Tk repeats them, and the fewer there are the longer it takes."""
THUMB = 10
"""Width of what is drawn along a scrollbar."""
STATES = ("rest", "active", "pressed", "disabled")
BUTTON_STATES = ("disabled", "pressed", "focus", "active")
"""The first that a button has shows."""

BUTTONS: dict[str, tuple[tuple[str, str, str, str], str | None, str]] = {
    "Primary": (
        ("accent", "accent_hover", "accent_press", "surface_3"),
        None,
        "on_accent",
    ),
    "Normal": (
        ("surface", "surface_2", "surface_3", "surface_3"),
        "line_strong",
        "ink",
    ),
    "Quiet": (("", "surface_3", "line", ""), None, "ink_2"),
    "Danger": (
        ("danger", "danger_hover", "danger_hover", "surface_3"),
        None,
        "on_danger",
    ),
}
"""What is pressed: its fill in each state, its edge, its letters."""
PANELS: dict[str, tuple[str, str | None, str]] = {
    "Card": ("surface", "line", "ink"),
    "Notice": ("surface_3", None, "ink"),
    "Toast": ("ink", None, "surface"),
    "Error": ("danger_soft", None, "danger_ink"),
    "Good": ("accent_soft", None, "accent_ink"),
    "Warn": ("warn_soft", None, "warn_ink"),
}
"""What words stand on: its fill, its edge, its letters."""
GROUNDS = ("canvas", "surface", "surface_2")


class Styles:
    """All styles, kept as the theme is."""

    def __init__(
        self,
        root: tk.Tk,
        theme: Theme,
    ) -> None:
        self._theme = theme
        self._style = ttk.Style(root)
        self._style.theme_create(NAME, parent="default")
        self._style.theme_use(NAME)
        self._zoom = 0.0
        """That of the boxes: how they stretch cannot be changed later."""
        theme.on_change(root, self._dress)

    def _dress(self) -> None:
        pictures = self._draw()
        if self._zoom != self._theme.zoom:
            self._zoom = self._theme.zoom
            self._make_elements(pictures)
        self._configure()
        for name in BUTTONS:
            self._configure_button(name)
        self._configure_table()
        self._style.theme_use(NAME)

    # Pictures

    def _draw(self) -> dict[str, tk.PhotoImage]:
        """Draw every box, and return them by what they are of and its state."""
        pictures = {}
        for name, (fills, edge, _) in BUTTONS.items():
            for state, fill in zip(STATES, fills, strict=True):
                pictures[f"{name}-{state}"] = self._box(f"{name}-{state}", fill, edge)
            pictures[f"{name}-focus"] = self._box(
                f"{name}-focus", fills[0], edge, has_ring=True
            )
        for name, (fill, panel_edge, _) in PANELS.items():
            pictures[f"{name}-rest"] = self._box(
                f"{name}-rest", fill, panel_edge, ring=0
            )
        for state in ("rest", "focus"):
            pictures[f"Field-{state}"] = self._box(
                f"Field-{state}", "surface", "line_strong", has_ring=state == "focus"
            )
        for state, colour in (("rest", "line"), ("active", "line_strong")):
            pictures[f"Thumb-{state}"] = self._thumb(f"Thumb-{state}", colour)
        return pictures

    def _box(
        self,
        name: str,
        fill: str,
        edge: str | None,
        *,
        ring: int = RING,
        has_ring: bool = False,
    ) -> tk.PhotoImage:
        """Draw a box with round corners, to be stretched by its middle."""
        theme = self._theme
        margin, radius = theme.px(ring) if ring else 0, theme.px(RADIUS)
        size = 2 * (margin + radius) + 4
        layers: list[Layer] = [([0.0] * size * size, theme.palette.surface)]
        if has_ring:
            outer = rounded(size, size, radius + margin)
            inner = rounded(size, size, radius + 1, margin - 1)
            cover = [
                max(out - hole, 0.0) for out, hole in zip(outer, inner, strict=True)
            ]
            layers.append((cover, theme.palette.focus))
        pen = 0
        if edge is not None:
            pen = theme.px(1)
            layers.append((rounded(size, size, radius, margin), theme.colour(edge)))
        if fill:
            inside = rounded(size, size, radius - pen, margin + pen)
            layers.append((inside, theme.colour(fill)))
        return theme.picture(f"{name}-{theme.zoom}", size, layers, MIDDLE)

    def _thumb(
        self,
        name: str,
        colour: str,
    ) -> tk.PhotoImage:
        theme = self._theme
        width = theme.px(THUMB)
        inset = theme.px(2)
        cover = rounded(width, 2 * width, width / 2 - inset, inset)
        return theme.picture(
            f"{name}-{theme.zoom}", width, [(cover, theme.colour(colour))]
        )

    # Elements: how the boxes are stretched, and what stands in them

    def _make_elements(self, pictures: dict[str, tk.PhotoImage]) -> None:
        style = self._style
        for name in BUTTONS:
            box = self._element(
                name, pictures, *BUTTON_STATES, border=RADIUS + RING, padding=RING
            )
            inside: Any = [
                ("Button.padding", {"children": [("Button.label", {"sticky": ""})]})
            ]
            for layout in (f"{name}.TButton", f"Row{name}.TButton"):
                style.layout(layout, [(box, {"children": inside, "sticky": "nswe"})])
        for name in PANELS:
            box = self._element(name, pictures)
            label: Any = [("Label.label", {"sticky": "nswe"})]
            inside = [("Label.padding", {"children": label, "sticky": "nswe"})]
            style.layout(f"{name}.TFrame", [(box, {"sticky": "nswe"})])
            style.layout(
                f"{name}.TLabel", [(box, {"children": inside, "sticky": "nswe"})]
            )

        box = self._element(
            "Field", pictures, "focus", border=RADIUS + RING, padding=RING
        )
        area: Any = [
            ("Entry.padding", {"children": [("Entry.textarea", {"sticky": "nswe"})]})
        ]
        style.layout("TEntry", [(box, {"children": area, "sticky": "nswe"})])
        style.layout("Field.TFrame", [(box, {"sticky": "nswe"})])

        # Tk finds what is dragged by the name of its part.
        thumb = self._element(
            "Thumb", pictures, "active", border=THUMB / 2, least=THUMB, part="thumb"
        )
        trough: Any = {"children": [(thumb, {"expand": "1"})], "sticky": "ns"}
        style.layout("Vertical.TScrollbar", [("Vertical.Scrollbar.trough", trough)])
        style.layout("Treeview", [("Treeview.treearea", {"sticky": "nswe"})])

    def _element(
        self,
        name: str,
        pictures: dict[str, tk.PhotoImage],
        *states: str,
        border: float = RADIUS,
        padding: int = 0,
        least: int = 2 * RADIUS,
        part: str = "box",
    ) -> str:
        """Make an element of a box, if there is none of this zoom; return its name.

        ``least`` is how wide and high it is at the least.
        """
        element = f"{name}{self._theme.zoom}.{part}"
        if element not in self._style.element_names():
            self._style.element_create(
                element,
                "image",
                str(pictures[f"{name}-rest"]),
                *((state, str(pictures[f"{name}-{state}"])) for state in states),
                border=self._theme.px(border),
                padding=self._theme.px(padding) if padding else 0,
                width=self._theme.px(least),
                height=self._theme.px(least),
                sticky="nswe",
            )
        return element

    # Colours, letters and space

    def _configure(self) -> None:
        style, theme, palette = self._style, self._theme, self._theme.palette
        style.configure(
            ".",
            background=palette.surface,
            foreground=palette.ink,
            font=theme.font("body"),
            borderwidth=0,
            selectbackground=palette.focus,
            selectforeground=palette.surface,
            insertcolor=palette.focus,
            insertwidth=theme.px(2),
        )
        style.configure("TEntry", padding=(theme.px(12), theme.px(8)))
        for ground in GROUNDS:
            name = ground.replace("_", "").title()
            background = theme.colour(ground)
            style.configure(f"{name}.TFrame", background=background)
            for use, ink in (("", "ink"), ("Note", "ink_2"), ("Faint", "ink_3")):
                style.configure(
                    f"{name}{use}.TLabel",
                    background=background,
                    foreground=theme.colour(ink),
                    font=theme.font("note" if use else "body"),
                )
        for name, (_, _, ink) in PANELS.items():
            style.configure(
                f"{name}.TLabel", foreground=theme.colour(ink), padding=theme.px(10)
            )
        style.configure("Warn.TLabel", padding=(theme.px(8), theme.px(3)))
        style.configure("Toast.TFrame", background=palette.surface)
        style.configure(
            "ToastText.TLabel", background=palette.ink, foreground=palette.surface
        )
        style.configure(
            "Tip.TLabel",
            background=palette.ink,
            foreground=palette.surface,
            font=theme.font("small"),
            padding=(theme.px(8), theme.px(4)),
        )
        style.configure("Toast.Normal.TButton", background=palette.ink)
        style.configure("Emoji.Quiet.TButton", font=theme.font("emoji"))
        style.configure("Line.TFrame", background=palette.line)
        style.configure("Card.TFrame", background=palette.canvas)
        style.configure("Vertical.TScrollbar", troughcolor=palette.surface)

    def _configure_button(self, name: str) -> None:
        style, theme = self._style, self._theme
        ink = theme.colour(BUTTONS[name][2])
        style.configure(
            f"{name}.TButton",
            foreground=ink,
            font=theme.font("strong"),
            padding=(theme.px(14), theme.px(8)),
            anchor="center",
        )
        # In the rail: on its ground, smaller, and closer.
        style.configure(
            f"Row{name}.TButton",
            foreground=ink,
            background=theme.palette.canvas,
            font=theme.font("label"),
            padding=theme.px(6),
            anchor="center",
        )
        for style_name in (f"{name}.TButton", f"Row{name}.TButton"):
            style.map(style_name, foreground=[("disabled", theme.palette.ink_3)])

    def _configure_table(self) -> None:
        style, theme, palette = self._style, self._theme, self._theme.palette
        style.configure(
            "Treeview",
            background=palette.surface,
            fieldbackground=palette.surface,
            foreground=palette.ink,
            rowheight=theme.px(ROW),
        )
        style.map(
            "Treeview",
            background=[("selected", palette.select)],
            foreground=[("selected", palette.ink)],
        )
        style.configure(
            "Treeview.Heading",
            background=palette.surface,
            foreground=palette.ink_3,
            font=theme.font("small"),
            padding=(theme.px(4), theme.px(8)),
            relief="flat",
        )
        style.map("Treeview.Heading", background=[("active", palette.surface_2)])

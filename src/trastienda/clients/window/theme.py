"""How the window looks: colours, type and sizes, and the pictures that are drawn of them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import font

from trastienda.clients.window.drawing import Layer, render, rounded
from trastienda.clients.window.icons import icon
from trastienda.clients.window.palette import DARK, LIGHT, Palette

FAMILIES = (
    "Inter",
    "Inter Variable",
    "Segoe UI",
    "SF Pro Text",
    "Noto Sans",
    "Cantarell",
    "Ubuntu",
    "DejaVu Sans",
)
"""The design's letters, or the best that systems bring; the first that is there is taken."""
EMOJI_FAMILIES = ("Noto Color Emoji", "Apple Color Emoji", "Segoe UI Emoji")
SIZES = {
    "small": 12,
    "note": 13,
    "body": 14,
    "large": 16,
    "title": 20,
    "figure": 28,
    "emoji": 14,
}
"""Of letters, in pixels at 100 %."""
BOLD = {"strong": "body", "label": "small", "title": "title", "figure": "figure"}
"""Letters that are bold, and whose size they have."""
FONTS_OF_TK = ("TkDefaultFont", "TkTextFont", "TkMenuFont", "TkHeadingFont")
ZOOMS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
USUAL_DPI, DENSE = 96, 1.2
"""Screens about as fine as the usual one are taken for it."""


class Theme:
    """The look of all windows of one program, which may be changed while they stand."""

    def __init__(
        self,
        root: tk.Tk,
        *,
        is_dark: bool,
        zoom: float,
    ) -> None:
        self._root = root
        self.is_dark = is_dark
        self.zoom = zoom
        density = root.winfo_fpixels("1i") / USUAL_DPI
        self._density = density if density > DENSE else 1.0
        self._pictures: dict[str, tk.PhotoImage] = {}
        self._drawings: dict[str, tuple[int, list[Layer], int]] = {}
        """What each picture was drawn of."""
        self._icons: dict[tuple[str, str, int], tk.PhotoImage] = {}
        self._changes: dict[str, Callable[[], None]] = {}
        """What is to be done on a change, by the path of the widget that it is for."""
        families = set(font.families(root))
        usual = str(font.nametofont(FONTS_OF_TK[0], root).actual("family"))
        self._family = next((name for name in FAMILIES if name in families), usual)
        self._fonts = {
            name: font.Font(root, family=self._family) for name in SIZES | BOLD
        }
        emoji = next(
            (name for name in EMOJI_FAMILIES if name in families), self._family
        )
        self._fonts["emoji"].configure(family=emoji)
        self._size_fonts()

    @property
    def palette(self) -> Palette:
        """The colours of the moment."""
        return DARK if self.is_dark else LIGHT

    def colour(self, name: str) -> str:
        """Return a colour of the moment by its name."""
        colour: str = getattr(self.palette, name)
        return colour

    def px(self, pixels: float) -> int:
        """Return pixels of the design as pixels of this screen."""
        return max(1, round(pixels * self.zoom * self._density))

    def font(self, name: str) -> font.Font:
        """Return letters by their use: ``body``, ``strong``, ``title`` …"""
        return self._fonts[name]

    def icon(
        self,
        name: str,
        colour: str = "ink_2",
        pixels: int = 20,
    ) -> tk.PhotoImage:
        """Return an icon in a colour of the palette; on a change it is drawn anew."""
        key = (name, colour, pixels)
        if key not in self._icons:
            self._icons[key] = tk.PhotoImage(master=self._root)
            self._draw_icon(*key)
        return self._icons[key]

    def picture(
        self,
        name: str,
        width: int,
        layers: list[Layer],
        stretch: int = 0,
    ) -> tk.PhotoImage:
        """Return a picture by its name, drawn anew where it stands; see ``drawing.render``."""
        if name not in self._pictures:
            self._pictures[name] = tk.PhotoImage(master=self._root)
        drawing = (width, layers, stretch)
        if self._drawings.get(name) != drawing:  # a list draws its rows again and again
            self._drawings[name] = drawing
            self._pictures[name].configure(data=render(*drawing))
        return self._pictures[name]

    def pill(
        self,
        words: str,
        height: float,
        sides: float,
    ) -> tk.PhotoImage:
        """Return what a count stands on; ``sides`` is left free at each end of the words."""
        high = self.px(height)
        width = max(high, self.font("label").measure(words) + self.px(2 * sides))
        cover = rounded(width, high, high / 2)
        return self.picture(
            f"pill-{width}-{high}", width, [(cover, self.palette.accent)]
        )

    def on_change(
        self,
        widget: tk.Misc,
        change: Callable[[], None],
    ) -> None:
        """Do something now, and whenever the look changes, as long as a widget lives."""
        path = str(widget)

        def forget(event: "tk.Event[tk.Misc]") -> None:
            if event.widget is widget:
                self._changes.pop(path, None)

        self._changes[path] = change
        widget.bind("<Destroy>", forget, add=True)
        change()

    def change(
        self,
        *,
        is_dark: bool | None = None,
        zoom: float | None = None,
    ) -> None:
        """Take other colours, or another size."""
        self.is_dark = self.is_dark if is_dark is None else is_dark
        self.zoom = self.zoom if zoom is None else zoom
        self._size_fonts()
        for key in self._icons:
            self._draw_icon(*key)
        for change in list(self._changes.values()):
            change()

    def step_zoom(self, steps: int) -> None:
        """Make everything a step larger or smaller; 0 steps is its own size."""
        nearest = min(
            range(len(ZOOMS)), key=lambda place: abs(ZOOMS[place] - self.zoom)
        )
        place = min(max(nearest + steps, 0), len(ZOOMS) - 1)
        self.change(zoom=ZOOMS[place] if steps else 1.0)

    def _size_fonts(self) -> None:
        for name, size in SIZES.items():
            self._fonts[name].configure(size=-self.px(size))
        for name, size_name in BOLD.items():
            self._fonts[name].configure(size=-self.px(SIZES[size_name]), weight="bold")
        for name in FONTS_OF_TK:
            usual = font.nametofont(name, self._root)
            usual.configure(family=self._family, size=-self.px(SIZES["body"]))

    def _draw_icon(
        self,
        name: str,
        colour: str,
        pixels: int,
    ) -> None:
        image = self._icons[name, colour, pixels]
        image.configure(data=icon(name, self.colour(colour), self.px(pixels)))

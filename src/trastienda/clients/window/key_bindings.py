"""The keys of a window: they come before those that its fields have for themselves."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk

HELP = """Ctrl 1, 2, 3   chat, inventario, orden
Ctrl F   buscar
Ctrl E   emoji
Ctrl Tab, Alt ↑ ↓   otra conversación
F6   lista, mensajes, campo
↑   en el campo vacío, corregir lo último que dijiste
Menú, Mayús F10   lo que se puede hacer con un mensaje
Ctrl W   cerrar la conversación privada
Ctrl N   otra ventana
Ctrl + − 0   tamaño
Ctrl D   claro u oscuro"""


def let_all_be_chosen(root: tk.Tk) -> None:
    """Have Ctrl A choose all that a field holds, as everywhere but in Tk."""

    def choose_entry(event: "tk.Event[ttk.Entry]") -> str:
        event.widget.selection_range(0, "end")
        return "break"

    def choose_text(event: "tk.Event[tk.Text]") -> str:
        event.widget.tag_add("sel", "1.0", "end-1c")
        return "break"

    root.bind_class("TEntry", "<Control-a>", choose_entry)  # type: ignore[arg-type]
    root.bind_class("Text", "<Control-a>", choose_text)  # type: ignore[arg-type]


class KeyBindings:
    """What keys do in one window, wherever in it the keyboard is."""

    def __init__(
        self,
        window: tk.Toplevel,
        actions: Mapping[str, Callable[[], object]],
    ) -> None:
        self._tag = f"Keys{window}"
        for keys, act in actions.items():
            window.bind_class(self._tag, keys, self._handler(act))

    def _handler(self, act: Callable[[], object]) -> Callable[[object], str]:
        def handle(_: object) -> str:
            act()
            return "break"

        return handle

    def cover(self, widget: tk.Misc) -> None:
        """Have the keys hold in a widget, and in all that it holds."""
        tags = widget.bindtags()
        if self._tag not in tags:
            widget.bindtags((self._tag, *tags))
        for child in widget.winfo_children():
            if not isinstance(child, tk.Toplevel):
                self.cover(child)

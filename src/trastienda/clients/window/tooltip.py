"""The word of a button that is an icon alone, shown while the pointer rests on it."""

from tkinter import ttk

from trastienda.clients.window.theme import Theme

RESTS_MS = 500


class Tooltip:
    """Shows a word below a button."""

    def __init__(
        self,
        button: ttk.Button,
        theme: Theme,
        words: str,
    ) -> None:
        self._button = button
        self._theme = theme
        self._words = words
        self._resting = ""
        self._label: ttk.Label | None = None
        button.bind("<Enter>", self._enter, add=True)
        for event in ("<Leave>", "<ButtonPress>", "<Destroy>"):
            button.bind(event, self._leave, add=True)

    def _enter(self, _: object) -> None:
        self._resting = self._button.after(RESTS_MS, self._show)

    def _show(self) -> None:
        button, theme = self._button, self._theme
        window = button.winfo_toplevel()
        label = ttk.Label(window, text=self._words, style="Tip.TLabel")
        label.update_idletasks()
        x = button.winfo_rootx() - window.winfo_rootx()
        y = button.winfo_rooty() - window.winfo_rooty() + button.winfo_height()
        if y + label.winfo_reqheight() > window.winfo_height():
            y -= button.winfo_height() + label.winfo_reqheight()
        x = min(x, window.winfo_width() - label.winfo_reqwidth() - theme.px(4))
        label.place(x=x, y=y)
        self._label = label

    def _leave(self, _: object) -> None:
        if self._resting:
            self._button.after_cancel(self._resting)
            self._resting = ""
        if self._label is not None:
            self._label.destroy()
            self._label = None

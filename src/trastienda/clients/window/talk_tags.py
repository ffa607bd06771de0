"""How each piece of a talk is drawn, by the name of its style."""

import tkinter as tk

from trastienda.clients.window.theme import Theme


def configure_tags(
    text: tk.Text,
    theme: Theme,
) -> None:
    """Give a widget the styles that :mod:`segments` names."""
    palette = theme.palette
    for number, colour in enumerate(palette.people):
        text.tag_configure(f"person{number}", foreground=colour)
    text.tag_configure("author", font=theme.font("strong"), spacing1=theme.px(12))
    text.tag_configure("time", foreground=palette.ink_3, font=theme.font("small"))
    for tag, ink in (("day", "ink_3"), ("new", "accent_ink"), ("notice", "ink_3")):
        text.tag_configure(
            tag,
            justify="center",
            foreground=getattr(palette, ink),
            font=theme.font("label" if tag == "new" else "small"),
            spacing1=theme.px(10),
            spacing3=theme.px(4),
        )
    text.tag_configure("new", background=palette.accent_soft)
    text.tag_configure("waiting", foreground=palette.ink_3)
    text.tag_configure("gone", foreground=palette.ink_3, font=theme.font("note"))
    text.tag_configure("aside", foreground=palette.ink_3, font=theme.font("small"))
    text.tag_configure(
        "refusal", foreground=palette.danger_ink, font=theme.font("note")
    )
    text.tag_configure(
        "mention", foreground=palette.accent_ink, background=palette.accent_soft
    )
    text.tag_configure("link", foreground=palette.accent_ink, underline=True)
    text.tag_configure("chosen", background=palette.select)
    text.tag_configure("emoji", font=theme.font("emoji"))
    text.tag_raise("sel")

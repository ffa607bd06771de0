"""What can be done with a message, or with a person, as a menu."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial

from trastienda.clients.window.chat import Chat
from trastienda.clients.window.talks import Message, Talk
from trastienda.clients.window.theme import Theme

Choice = tuple[str, Callable[[], None]] | None
"""What a menu offers, and what that does; None for a line between."""
MINUTES = 10


def message_choices(
    chat: Chat,
    talk: Talk,
    message: Message,
    *,
    edit: Callable[[Message], None],
    copy: Callable[[str], None],
    name: Callable[[str], None],
) -> list[Choice]:
    """Return what whoever sits here can do with a message."""
    choices: list[Choice] = []
    if message.refusal:
        choices.append(
            ("Enviar otra vez", partial(chat.speech.say_again, talk, message))
        )
        choices.append(("Quitar", partial(chat.speech.discard, talk, message)))
    choices.append(("Copiar", partial(copy, message.text)))
    if not message.is_own:
        choices.append((f"Nombrar a {message.author}", partial(name, message.author)))
    if message.seq is not None and not message.is_deleted:
        if message.is_own:
            choices.append(("Corregir", partial(edit, message)))
        if message.is_own or chat.moderates:
            choices.append(
                ("Borrar mensaje", partial(chat.speech.delete, talk, message))
            )
    if not message.is_own:
        choices += person_choices(chat, message.author)
    return choices


def person_choices(
    chat: Chat,
    alias: str,
) -> list[Choice]:
    """Return what whoever sits here can do with a person."""
    choices: list[Choice] = [
        (f"Hablar en privado con {alias}", partial(chat.open_private, alias))
    ]
    if alias in chat.talks.privates:
        choices.append(("Cerrar la conversación", partial(chat.close_private, alias)))
    if chat.moderates:
        choices += [
            None,
            (
                f"Silenciar {MINUTES} minutos",
                partial(chat.speech.moderate, f"/silenciar {alias} {MINUTES}"),
            ),
            ("Sacar del chat", partial(chat.speech.moderate, f"/expulsar {alias}")),
            (
                f"Bloquear a {alias}",
                partial(chat.speech.moderate, f"/bloquear {alias}"),
            ),
        ]
    return choices


def open_menu(
    parent: tk.Misc,
    theme: Theme,
    choices: Sequence[Choice],
    x: int,
    y: int,
) -> tk.Menu:
    """Open a menu at a point of the screen, and return it."""
    palette = theme.palette
    menu = tk.Menu(
        parent,
        tearoff=False,
        background=palette.surface,
        foreground=palette.ink,
        activebackground=palette.surface_3,
        activeforeground=palette.ink,
        font=theme.font("body"),
        relief="flat",
        borderwidth=theme.px(4),
        activeborderwidth=theme.px(3),
    )
    for choice in choices:
        if choice is None:
            menu.add_separator()
        else:
            menu.add_command(label=choice[0], command=choice[1])
    menu.tk_popup(x, y)
    return menu

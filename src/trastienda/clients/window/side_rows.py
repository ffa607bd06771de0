"""What stands in the list at the side of a chat: its rooms, and who is there."""

from trastienda.clients.window.chat import Chat
from trastienda.clients.window.side_list import Row

ROOM, PERSON = "#", "@"
"""Before a name, in the keys of the rows."""
ALERTS = "alertas"
"""The room where the shop itself speaks."""


def side_rows(chat: Chat) -> list[Row]:
    """Return the rows, with what waits in each."""
    talks = chat.talks
    rooms = [
        Row(
            ROOM + name,
            name,
            "bell" if name == ALERTS else "room",
            unread=talks.room(name).unread,
        )
        for name in _room_names(chat)
    ]
    names = sorted({*chat.people, *talks.privates}, key=str.casefold)
    people = [
        Row(
            PERSON + name,
            name,
            is_there=name in chat.people,
            unread=talks.privates[name].unread if name in talks.privates else 0,
        )
        for name in names
    ]
    rows = [Row("", "Salas"), *rooms, Row("", "Personas"), *people]
    if not people:
        rows.append(Row("", "Nadie más está conectado.", is_there=False))
    if chat.archived_names:
        archived = [Row(ROOM + name, name, "room") for name in chat.archived_names]
        rows += [Row("", "Salas archivadas"), *archived]
    return rows


def _room_names(chat: Chat) -> list[str]:
    """Return the rooms in use, and the one where one is."""
    names = chat.room_names or list(chat.talks.rooms)
    if chat.room and chat.room not in [*names, *chat.archived_names]:
        names = [*names, chat.room]
    return names

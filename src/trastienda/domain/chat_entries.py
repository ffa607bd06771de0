"""Entries of the chat's log: who did what, where; and the text of public messages only."""

import enum

from msgspec import Struct

from trastienda.domain.chat import Message


class EntryKind(enum.StrEnum):
    """What happened."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    MESSAGE = "message"
    PRIVATE = "private"
    JOINED = "joined"
    LEFT = "left"
    RENAMED = "renamed"
    ROOM = "room"
    LOGGED_IN = "logged_in"
    EDITED = "edited"
    DELETED = "deleted"
    KICKED = "kicked"
    MUTED = "muted"
    BANNED = "banned"
    UNBANNED = "unbanned"
    LOST = "lost"


WITH_TEXT = frozenset((EntryKind.MESSAGE, EntryKind.EDITED))
"""Kinds of entries that hold a text."""


class Entry(Struct, frozen=True, kw_only=True):
    """Something that happened; it has no field for a text.

    ``alias`` is who did it and ``username`` their account. ``other`` is the recipient of a private
    message, the new alias, or the target of a sanction. ``seq`` is a message's number in ``room``.
    """

    kind: EntryKind
    at_ms: int
    address: str | None = None
    alias: str | None = None
    username: str | None = None
    room: str | None = None
    other: str | None = None
    seq: int | None = None


class PublicEntry(Entry, frozen=True, kw_only=True):
    """Something said in a room, or edited: the only entry that can hold a text.

    Raises ValueError for any other kind, so that no private message is ever logged.
    """

    text: str

    def __post_init__(self) -> None:
        if self.kind not in WITH_TEXT or self.room is None or self.other is not None:
            raise ValueError(f"{self.kind} has no text to be logged")


def message_entry(
    message: Message,
    address: str | None = None,
    username: str | None = None,
) -> PublicEntry:
    """Return the entry of a message that was said or edited."""
    kind = EntryKind.MESSAGE if message.edited_at_ms is None else EntryKind.EDITED
    return PublicEntry(
        kind=kind,
        at_ms=message.edited_at_ms or message.at_ms,
        address=address,
        alias=message.alias,
        username=username,
        room=message.room,
        seq=message.seq,
        text=message.text,
    )


class LostEntries(Entry, frozen=True, kw_only=True):
    """How many entries were dropped since the last one that was written."""

    kind: EntryKind = EntryKind.LOST
    count: int

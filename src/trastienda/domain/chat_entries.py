"""What the chat's logs are told: who did what, where; the text of public messages, and of no others."""

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


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened, with no room for a text.

    ``alias`` is who did it, ``username`` their account, ``other`` the addressee of a private message, the new name,
    or whom moderation met; ``seq`` is the number of a message in its ``room``.
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
    """Something said in a room, or said anew: nothing else can carry a text. Raises ValueError for what is neither."""

    text: str

    def __post_init__(self) -> None:
        if self.kind not in WITH_TEXT or self.room is None or self.other is not None:
            raise ValueError(f"{self.kind} has no text to be logged")


def spoken_entry(
    message: Message, address: str | None = None, username: str | None = None
) -> PublicEntry:
    """Return what the logs are told of a message that was said, or said anew."""
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
    """How many entries could not be kept since the last that was."""

    kind: EntryKind = EntryKind.LOST
    count: int

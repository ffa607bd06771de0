"""The talk of a shop: rooms, messages, who may speak where, and what keeps somebody from it."""

import enum
import re
import unicodedata
from functools import lru_cache

import msgspec
from msgspec import Struct

from trastienda.domain.aliases import alias_key
from trastienda.domain.errors import Banned, Forbidden, Invalid, Muted, NotAuthenticated
from trastienda.domain.people import Actor, Role

GENERAL = "general"
"""The room that everybody is let into."""
ALERTS = "alertas"
"""The room in which the shop itself tells its staff what needs a hand."""
SHOWN_ON_ENTERING = 20
MAX_MESSAGE = 8192
"""Characters: whatever fits into a line of the line protocol (8 KiB) may be said."""
MAX_ROOM_TYPED = 128
"""Characters in which a room's name may be spelled."""
MAX_CLIENT_ID = 200
"""Characters, as in the keys of other calls."""
MAX_MUTE_MINUTES = 30 * 24 * 60
MAX_PRIVATE_WAITING = 1000
"""Private messages that may wait for one who is away: more than anybody reads, less than a disk notices."""
MAX_PRIVATE_FROM_ONE = 100
"""Those of them from one sender, who else could keep all others out."""
MAX_PRIVATE_CHARS = 200_000
"""Characters of them in all: they are handed over at once, and have to fit into what may wait for one connection."""

GUESTS_REMEMBERED = 10_000
"""Aliases whose keys are kept at hand, some 200 B each: more than one process has connections."""

_ROOM = re.compile(r"[^\W_][\w-]{0,31}")


class Member(Struct, frozen=True, kw_only=True):
    """Somebody in the chat: an account, or a guest (``actor`` None) who goes by an alias alone.

    ``since_ms`` is when they took that alias; until they leave, nobody else has it.
    """

    alias: str
    actor: Actor | None = None
    address: str = ""
    since_ms: int = 0

    @property
    def key(self) -> str:
        """What is the same whenever this is the same person: ``u7`` for an account, ``gpedro`` for a guest."""
        if self.actor is not None and self.actor.user_id is not None:
            return account_key(self.actor.user_id)
        return guest_key(self.alias)

    @property
    def keys(self) -> tuple[str, ...]:
        """What moderation knows them by: a guest by the address as well, for an alias is changed with a word."""
        if self.actor is None and self.address:
            return self.key, address_key(self.address)
        return (self.key,)

    @property
    def user_id(self) -> int | None:
        """The account, if there is one."""
        return None if self.actor is None else self.actor.user_id

    @property
    def is_staff(self) -> bool:
        """Cashiers and administrators."""
        return self.actor is not None and self.actor.is_staff


@lru_cache(GUESTS_REMEMBERED)
def guest_key(alias: str) -> str:
    """Return the key of a guest as a member."""
    return f"g{alias_key(alias)}"


def account_key(user_id: int) -> str:
    """Return the key of an account as a member."""
    return f"u{user_id}"


def address_key(address: str) -> str:
    """Return the key under which an address is banned."""
    return f"a{address}"


HOUSE_KEY = "h"
"""The shop itself, where it speaks."""


class MessageKind(enum.StrEnum):
    """What a message holds: words, or facts of the shop that each wire puts into words."""

    SPOKEN = "spoken"
    LOW_STOCK = "low_stock"
    DISCOUNT_EXPIRED = "discount_expired"


class Alert(Struct, frozen=True):
    """What the shop tells: the product, and what was left of it then. Kept as the text of its message."""

    code: str
    name: str
    unit: str
    stock_milli: int
    min_stock_milli: int

    @property
    def text(self) -> str:
        """The alert as it is kept."""
        return msgspec.json.encode(self).decode()


class Message(Struct, frozen=True, kw_only=True):
    """Something said in a room; ``seq`` counts the messages of that room from 1, without a gap."""

    room: str
    seq: int
    at_ms: int
    sender: str
    alias: str
    text: str
    kind: MessageKind = MessageKind.SPOKEN
    client_id: str | None = None
    edited_at_ms: int | None = None
    deleted: bool = False

    @property
    def searched(self) -> str:
        """The words in which a search looks: none of a message that was taken back."""
        if self.kind is MessageKind.SPOKEN or self.deleted:
            return self.text
        return f"{self.alert.code} {self.alert.name}"

    @property
    def alert(self) -> Alert:
        """What the shop told with it."""
        return msgspec.json.decode(self.text, type=Alert)


class PrivateMessage(Struct, frozen=True, kw_only=True):
    """Something said to one person alone."""

    id: int
    at_ms: int
    sender: str
    alias: str
    recipient: str
    recipient_alias: str
    text: str
    client_id: str | None = None


class Room(Struct, frozen=True):
    """A room, and the number of its last message."""

    id: int
    name: str
    last_seq: int


class RoomState(Struct, frozen=True):
    """A room as one of its members sees it: ``unread`` messages wait there; None for who keeps no marks."""

    name: str
    last_seq: int
    unread: int | None


class SanctionKind(enum.StrEnum):
    """What moderation does to somebody."""

    KICK = "kick"
    MUTE = "mute"
    BAN = "ban"
    UNBAN = "unban"


class Sanction(Struct, frozen=True):
    """Something done by a moderator to the members and addresses of ``targets``; ``until_ms`` None: for good."""

    kind: SanctionKind
    targets: tuple[str, ...]
    label: str
    until_ms: int | None = None

    def holds(self, now_ms: int) -> bool:
        """Tell whether it has not run out."""
        return self.until_ms is None or self.until_ms > now_ms


class Change(enum.Enum):
    """What others in a room are told of somebody."""

    JOINED = "joined"
    LEFT = "left"
    RENAMED = "renamed"


class Notice(Struct, frozen=True):
    """Somebody has come, gone or changed their alias; ``source`` is the connection that did it."""

    change: Change
    room: str
    alias: str
    new_alias: str | None = None
    source: int = 0


def check_room(name: str) -> str:
    """Return the name of a room, with or without its ``#``, in small letters; raise Invalid for one that is none."""
    if len(name) > MAX_ROOM_TYPED:  # before it is normalised, which takes its time
        raise Invalid("room", "room_shape")
    tidy = unicodedata.normalize("NFKC", name.strip()).removeprefix("#").casefold()
    if not _ROOM.fullmatch(tidy):
        raise Invalid("room", "room_shape")
    return tidy


def check_text(text: str) -> str:
    """Return the text of a message; raise Invalid for nothing, or for too much."""
    if not text.strip():
        raise Invalid("text", "must_not_be_empty")
    if len(text) > MAX_MESSAGE:
        raise Invalid("text", "too_long", limit=MAX_MESSAGE)
    return text


def check_client_id(client_id: str | None) -> str | None:
    """Return the sender's own name for a message; raise Invalid for one that is empty or long."""
    if client_id is not None and not (
        0 < len(client_id) <= MAX_CLIENT_ID and client_id.isprintable()
    ):
        raise Invalid("client_id", "client_id_shape", limit=MAX_CLIENT_ID)
    return client_id


def check_mute(minutes: int) -> int:
    """Return for how long somebody is to be silent; raise Invalid for no time, or more than a month."""
    if not 0 < minutes <= MAX_MUTE_MINUTES:
        raise Invalid("minutes", "minutes_range", limit=MAX_MUTE_MINUTES)
    return minutes


def may_enter(member: Member, room: str) -> bool:
    """Tell whether the member is let into a room: guests and customers into ``general`` alone."""
    return room == GENERAL or member.is_staff


def require_room(member: Member, room: str) -> None:
    """Raise NotAuthenticated or Forbidden where the member is not let into ``room``."""
    if not may_enter(member, room):
        raise NotAuthenticated if member.actor is None else Forbidden


def require_speaker(member: Member, room: str) -> None:
    """Raise where the member may not speak in ``room``; in the room of alerts nobody but the shop speaks."""
    require_room(member, room)
    if room == ALERTS:
        raise Forbidden


def require_moderator(member: Member) -> Actor:
    """Return who moderates; raise NotAuthenticated or Forbidden for whoever may not."""
    if member.actor is None:
        raise NotAuthenticated
    if member.actor.role is not Role.ADMINISTRATOR:
        raise Forbidden
    return member.actor


def require_own(member: Member, message: Message) -> None:
    """Raise Forbidden unless the message is the member's own.

    A guest's is theirs only since they took the alias: somebody else may have gone by it before.
    """
    own = message.sender == member.key and message.kind is MessageKind.SPOKEN
    if not own or (member.actor is None and message.at_ms < member.since_ms):
        raise Forbidden


def require_voice(sanctions: dict[str, Sanction], member: Member, now_ms: int) -> None:
    """Raise Muted or Banned where a sanction in force, by its target's key, keeps the member from speaking."""
    if not sanctions:
        return
    found = [
        one
        for one in map(sanctions.get, member.keys)
        if one is not None and one.holds(now_ms)
    ]
    if any(one.kind is SanctionKind.BAN for one in found):
        raise Banned
    if found:
        raise Muted(seconds_left(found[0], now_ms))


def seconds_left(sanction: Sanction, now_ms: int) -> int | None:
    """Return how long a sanction goes on, rounded up; None for one without an end."""
    return (
        None if sanction.until_ms is None else -((now_ms - sanction.until_ms) // 1000)
    )

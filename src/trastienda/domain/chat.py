"""The chat of a shop: members, rooms, messages, and who may enter, speak and edit."""

import enum
import re
import unicodedata
from functools import lru_cache

import msgspec
from msgspec import Struct

from trastienda.domain.aliases import alias_key
from trastienda.domain.errors import Forbidden, Invalid, NotAuthenticated
from trastienda.domain.networks import network_of
from trastienda.domain.people import Actor, Role
from trastienda.domain.products import Product

GENERAL = "general"
"""The room that everybody may enter."""
STAFF = "equipo"
"""The room in which staff are when they come in: nobody else reads along."""
ALERTS = "alertas"
"""The room in which the shop itself tells its staff what needs a hand."""
STANDING = (GENERAL, STAFF)
"""Rooms that are there before anybody has said anything in them."""
SHOWN_ON_ENTERING = 20
"""Messages that somebody is shown who enters a room: a screenful."""
MAX_MESSAGE = 8192
"""Characters: whatever fits into a line of the line protocol (8 KiB) may be said."""
MAX_ROOM_TYPED = 128
"""Characters in which a room's name may be spelled before it is normalised."""
MAX_CLIENT_ID = 200
"""Characters, as in the keys of other calls."""


class MailboxShare(Struct, frozen=True):
    """How full the mailbox of somebody who is away may be before a sender is kept out."""

    messages: int
    """Private messages of everybody's that wait there."""
    chars: int
    """Their characters in all."""
    from_one: int
    """Those of the same sender, who could otherwise keep all others out."""


STAFF_SHARE = MailboxShare(messages=1000, chars=200_000, from_one=100)
"""All of a mailbox: more messages than anybody reads, and still little for the disk. They are
delivered at once, and have to fit into one outbox."""
CUSTOMER_SHARE = MailboxShare(messages=750, chars=150_000, from_one=100)
"""A quarter is left to the staff, whatever customers write."""
STRANGER_SHARE = MailboxShare(messages=250, chars=50_000, from_one=20)
"""Whoever registered alone may have any number of accounts: all of them leave three quarters to
those whom the shop knows."""


def mailbox_share(actor: Actor) -> MailboxShare:
    """Return how far a sender may fill the mailbox of somebody who is away."""
    if actor.is_staff:
        return STAFF_SHARE
    return CUSTOMER_SHARE if actor.verified else STRANGER_SHARE


GUESTS_REMEMBERED = 10_000
"""Aliases, and addresses, whose keys are cached, some 200 B each: as many as one process
has connections."""

_ROOM_NAME = re.compile(r"[^\W_][\w-]{0,31}")


class Member(Struct, frozen=True, kw_only=True):
    """Somebody in the chat: an account, or a guest (``actor`` None).

    A guest is known by ``guest_id``, whatever they call themselves: it is made when they
    come, nobody else ever has it, and it ends with their connection. ``since_ms`` is when
    the member came, and ``reads_past`` whether a guest may see what was said before.
    """

    alias: str
    actor: Actor | None = None
    guest_id: str = ""
    address: str = ""
    since_ms: int = 0
    reads_past: bool = True

    @property
    def key(self) -> str:
        """What identifies this person: ``u7`` an account, ``i`` and their id a guest."""
        if self.actor is not None and self.actor.user_id is not None:
            return account_key(self.actor.user_id)
        return f"i{self.guest_id}"

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys of sanctions on this member alone; for a guest the alias is one, too, by
        which they may come back."""
        if self.actor is None:
            return self.key, guest_key(self.alias)
        return (self.key,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that a sanction may be put on.

        A guest can come back under any alias, so they are known by their address as well.
        """
        if self.actor is None and self.address:
            return *self.own_keys, address_key(self.address)
        return self.own_keys

    @property
    def user_id(self) -> int | None:
        """The account, if there is one."""
        return None if self.actor is None else self.actor.user_id

    @property
    def is_staff(self) -> bool:
        """Whether this is a cashier or an administrator."""
        return self.actor is not None and self.actor.is_staff

    @property
    def keeps_order(self) -> bool:
        """Whether this is an administrator."""
        return self.actor is not None and self.actor.role is Role.ADMINISTRATOR


@lru_cache(GUESTS_REMEMBERED)
def guest_key(alias: str) -> str:
    """Return the key under which an alias is closed to guests."""
    return f"g{alias_key(alias)}"


def account_key(user_id: int) -> str:
    """Return the key of an account as a member."""
    return f"u{user_id}"


@lru_cache(GUESTS_REMEMBERED)
def address_key(address: str) -> str:
    """Return the key under which an address or a network is banned.

    All addresses of one household have the same.
    """
    return f"a{network_of(address)}"


def address_of(key: str) -> str | None:
    """Return the address or the network of an :func:`address_key`; None for other keys."""
    return key[1:] if key.startswith("a") else None


HOUSE_KEY = "h"
"""The shop itself as the sender of messages."""


class MessageKind(enum.StrEnum):
    """What a message holds: words, or facts of the shop that each wire puts into words."""

    SPOKEN = "spoken"
    LOW_STOCK = "low_stock"
    DISCOUNT_EXPIRED = "discount_expired"
    COPY_FAILED = "copy_failed"
    """Its text is the reason, in Spanish."""
    WEBHOOK_OFF = "webhook_off"
    """Its text is where nothing is sent any more, without the path of the address."""


class Alert(Struct, frozen=True):
    """What the shop tells its staff: a product, and what was left of it at that moment.

    It is stored as the text of its message.
    """

    code: str
    name: str
    unit: str
    stock_milli: int
    min_stock_milli: int

    @classmethod
    def of(cls, product: Product) -> "Alert":
        """Return what is said of a product, as it stands."""
        return cls(
            product.code,
            product.name,
            product.unit.value,
            product.stock_milli,
            product.min_stock_milli,
        )

    @property
    def text(self) -> str:
        """The alert as it is stored."""
        return msgspec.json.encode(self).decode()


class Message(Struct, frozen=True, kw_only=True):
    """Something said in a room; ``seq`` counts the messages of that room from 1, without gaps."""

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
        """The words that a search looks in; a deleted message has none."""
        is_alert = self.kind in {MessageKind.LOW_STOCK, MessageKind.DISCOUNT_EXPIRED}
        if not is_alert or self.deleted:
            return self.text
        return f"{self.alert.code} {self.alert.name}"

    @property
    def alert(self) -> Alert:
        """The alert in the text of a message of the shop about a product."""
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
    """A room, the number of its last message, and when it was archived, if it is."""

    id: int
    name: str
    last_seq: int
    forgotten_seq: int = 0
    """The last message that was forgotten with time."""
    archived_at_ms: int | None = None

    @property
    def is_archived(self) -> bool:
        """Whether it is only to be read."""
        return self.archived_at_ms is not None


class RoomState(Struct, frozen=True):
    """A room as a member sees it; ``unread`` is None for a guest, who has no read marks."""

    name: str
    last_seq: int
    unread: int | None
    is_archived: bool = False


class Change(enum.Enum):
    """What the others in a room hear about somebody."""

    JOINED = "joined"
    LEFT = "left"
    RENAMED = "renamed"


class Notice(Struct, frozen=True):
    """Somebody has come, left or changed their alias; ``source`` is the session that did it."""

    change: Change
    room: str
    alias: str
    new_alias: str | None = None
    source: int = 0


def check_room(name: str) -> str:
    """Return the name of a room in small letters, without its ``#``; raise Invalid for others."""
    if len(name) > MAX_ROOM_TYPED:  # before it is normalised, which is slow
        raise Invalid("room", "room_shape")
    bare_name = unicodedata.normalize("NFKC", name.strip()).removeprefix("#").casefold()
    if not _ROOM_NAME.fullmatch(bare_name):
        raise Invalid("room", "room_shape")
    return bare_name


def check_text(text: str) -> str:
    """Return the text of a message; raise Invalid for an empty or a long one."""
    if not text.strip():
        raise Invalid("text", "must_not_be_empty")
    if len(text) > MAX_MESSAGE:
        raise Invalid("text", "too_long", limit=MAX_MESSAGE)
    return text


def check_client_id(client_id: str | None) -> str | None:
    """Return the sender's own name for a message; raise Invalid for an empty or a long one."""
    if client_id is None:
        return None
    if not 0 < len(client_id) <= MAX_CLIENT_ID or not client_id.isprintable():
        raise Invalid("client_id", "client_id_shape", limit=MAX_CLIENT_ID)
    return client_id


def is_open_to_all(room: str) -> bool:
    """Tell whether customers and guests may enter a room. The others are for staff alone."""
    return room == GENERAL


def may_enter(
    member: Member,
    room: str,
) -> bool:
    """Tell whether the member may enter a room."""
    return is_open_to_all(room) or member.is_staff


def require_room(
    member: Member,
    room: str,
) -> None:
    """Raise NotAuthenticated or Forbidden where the member may not enter ``room``."""
    if not may_enter(member, room):
        raise NotAuthenticated if member.actor is None else Forbidden


def require_speaker(
    member: Member,
    room: str,
) -> None:
    """Raise where the member may not speak in ``room``; in the room of alerts nobody may."""
    require_room(member, room)
    if room == ALERTS:
        raise Forbidden


def check_archivable(room: str) -> None:
    """Raise Invalid for a room that the shop itself needs."""
    if room in STANDING or room == ALERTS:
        raise Invalid("room", "room_of_the_shop")


def landing_room(member: Member) -> str:
    """Return the room in which somebody is who has just come in."""
    return STAFF if member.is_staff else GENERAL


def may_read(
    member: Member,
    message: Message,
) -> bool:
    """Tell whether the member may read a message of a room that they may enter."""
    if member.actor is not None or member.reads_past:
        return True
    return message.at_ms >= member.since_ms


def require_own(
    member: Member,
    message: Message,
) -> None:
    """Raise Forbidden unless the message is the member's own."""
    if message.sender != member.key or message.kind is not MessageKind.SPOKEN:
        raise Forbidden

"""Notifications: what one user is told, and what is kept until they have seen it."""

import enum

import msgspec
from msgspec import Struct

from trastienda.domain.chat import Alert
from trastienda.domain.text import clean

MAX_TITLE = 100
"""Characters: one line of a telephone's notice, and a bit."""
MAX_TEXT = 1000
"""Characters: what is longer is no notice but a message."""
UNSEEN_LISTED = 200
"""Unseen ones that are told at once; whoever has more looks through the list."""
PRODUCTS_LISTED = 10
"""Products that one notification names; of the others it says how many they are."""


class Topic(enum.StrEnum):
    """What a notification is about: what somebody wrote, or something the shop noticed."""

    WRITTEN = "written"
    LOW_STOCK = "low_stock"
    REFUSED_LOGINS = "refused_logins"
    LARGE_RETURN = "large_return"
    COPY_FAILED = "copy_failed"


class LowProducts(Struct, frozen=True):
    """Products that fell below their minimum together, and how many more did."""

    products: tuple[Alert, ...]
    more: int = 0


class RefusedLogins(Struct, frozen=True):
    """So many wrong passwords or codes within some minutes: for an account, from a network."""

    count: int
    minutes: int
    rut: str | None
    network: str | None


class LargeReturn(Struct, frozen=True):
    """A return that came to much, by whom it was made, and in which currency it is."""

    return_id: int
    sale_id: int | None
    total_minor: int
    currency: str
    by: str


class CopyFault(Struct, frozen=True):
    """Why a copy was not made, in Spanish."""

    reason: str


Facts = LowProducts | RefusedLogins | LargeReturn | CopyFault
"""What the shop noticed. It is stored as the text of its notification."""

TOPIC_OF: dict[type, Topic] = {
    LowProducts: Topic.LOW_STOCK,
    RefusedLogins: Topic.REFUSED_LOGINS,
    LargeReturn: Topic.LARGE_RETURN,
    CopyFault: Topic.COPY_FAILED,
}
_FACTS: dict[Topic, type] = {topic: facts for facts, topic in TOPIC_OF.items()}


class Notification(Struct, frozen=True, kw_only=True):
    """What one user is told. What the shop noticed has facts for a text, and no title."""

    id: int
    user_id: int
    at_ms: int
    topic: Topic
    title: str
    text: str
    seen_at_ms: int | None = None

    @property
    def facts(self) -> Facts:
        """What the shop noticed. Whatever somebody wrote has none: KeyError."""
        facts: Facts = msgspec.json.decode(self.text, type=_FACTS[self.topic])
        return facts


class NotificationSeen(Struct, frozen=True):
    """A notification was seen by its user at that moment."""

    id: int
    user_id: int
    seen_at_ms: int


def facts_text(facts: Facts) -> str:
    """Return what the shop noticed as it is stored."""
    return msgspec.json.encode(facts).decode()


def check_words(
    title: str,
    text: str,
) -> tuple[str, str]:
    """Return both tidied; raise Invalid for the first that is not fit."""
    return (
        clean(title, "title", limit=MAX_TITLE),
        clean(text, "text", limit=MAX_TEXT),
    )

"""Webhooks: other systems' addresses, to which the shop sends what it announces."""

import enum
import hashlib
from collections.abc import Collection, Iterable

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.events import Event, Kind
from trastienda.domain.people import Role

MAX_WEBHOOKS = 20
"""Addresses of a shop: each has a task, a connection and a place in the journal of its own."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - no secret
"""How a secret begins, by the convention of Standard Webhooks."""
SECRET_BYTES = 32
OVERLAP_MS = 24 * 3600 * 1000
"""For how long what is sent is signed with the secret before, too, once there is a new one."""

FIRST_PAUSE_S = 1
LONGEST_PAUSE_S = 3600
LONGEST_ASKED_PAUSE_S = 24 * 3600
"""The longest pause that a receiver gets by asking for it: one that asks for more is asked
again the next day."""
SPREAD = 0.2
"""The part of a pause by which chance makes it longer or shorter: so receivers that fell
together are not called together."""
HOPELESS_MS = 5 * 24 * 3600 * 1000
HOPELESS_ATTEMPTS = 30
"""After so long, and so many attempts, an address is given up: a long weekend is no reason to,
nor is a clock that jumped ahead."""

MAX_ANSWER_LENGTH = 200
"""Characters that are kept of an answer: enough to see what went wrong."""


class Off(enum.StrEnum):
    """Why nothing is sent to an address."""

    ASKED = "asked"
    """An administrator turned it off."""
    GONE = "gone"
    """It answered 410: it wants nothing any more."""
    FAILING = "failing"
    """It failed for days."""
    SECRET = "secret"  # noqa: S105 - a reason
    """Its secret cannot be opened here: the shop was restored without its own key."""


class Fault(enum.StrEnum):
    """Why there is no answer."""

    NO_ADDRESS = "no_address"
    """The name leads nowhere."""
    PRIVATE = "private"
    """The name leads to a machine that is not open to the world."""
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TOO_SLOW = "too_slow"
    SEALED = "sealed"
    """Nothing was sent: the secret cannot be opened here."""
    NO_HTTP = "no_http"
    """What came is no answer of HTTP, or the connection broke before it was whole."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One try to send something."""

    n: int
    at_ms: int
    number: int
    """The how manieth it was for this announcement; 1 is the first."""
    status: int | None
    """What was answered; None where nothing was."""
    answer: str
    """How the answer began; where there was none, the Fault."""


class Progress(Struct, frozen=True, kw_only=True):
    """How far an address has got."""

    n: int
    """The number of the last announcement that was taken, or that is not for it."""
    gap_n: int | None = None
    """The number up to which it had got when announcements after it were lost: it is told so
    before anything else. None where nothing is lost."""
    attempts: int = 0
    """That failed, of the announcement that waits."""
    failing_since_ms: int | None = None
    next_try_ms: int | None = None
    pending_since_ms: int | None = None
    """When the announcement that waits was made."""
    last: Attempt | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """An address, and what is sent there.

    Without ``kinds`` it is everything that an administrator hears but talk.
    """

    id: str
    user_id: int
    """Who made it."""
    url: str
    kinds: tuple[Kind, ...] | None
    off: Off | None
    secret: str
    """Sealed with the key of the shop."""
    previous_secret: str | None
    previous_until_ms: int | None
    created_at_ms: int
    version: int
    progress: Progress

    def secrets_at(self, now_ms: int) -> list[str]:
        """Return the sealed secrets with which something is signed now, newest first."""
        if self.previous_secret is None or now_ms >= (self.previous_until_ms or 0):
            return [self.secret]
        return [self.secret, self.previous_secret]


class WebhookChange(Struct, frozen=True, kw_only=True):
    """What is to become of an address."""

    url: str | UnsetType = UNSET
    kinds: tuple[Kind, ...] | None | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    """A new one, sealed."""


class WebhookDraft(Struct, frozen=True, kw_only=True):
    """An address to be added."""

    url: str
    kinds: tuple[Kind, ...] | None
    active: bool = True


TALK = frozenset((Kind.MESSAGE, Kind.PRIVATE_MESSAGE))
"""Sent to those only who ask for it by name: what people say to each other leaves the shop by
no oversight."""


def kinds_of(
    webhook: Webhook,
    announced: Iterable[Kind],
) -> frozenset[Kind]:
    """Return what an address hears of all that is ``announced``."""
    if webhook.kinds is None:
        return frozenset(announced) - TALK
    return frozenset(webhook.kinds)


def is_for_webhooks(event: Event) -> bool:
    """Tell whether an event may be sent at all: an administrator would hear it, whoever it is.

    What is said or told to some people alone stays among them.
    """
    return Role.ADMINISTRATOR in event.audience.roles


def pause_s(
    attempts: int,
    chance: float,
    asked_s: float | None = None,
) -> float:
    """Return how long to wait after so many failed attempts.

    ``chance`` is a number from 0 to 1. ``asked_s`` is what the receiver asked for.
    """
    doubled_s = FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 20)
    spread_s = min(doubled_s, LONGEST_PAUSE_S) * (1 + SPREAD * (2 * chance - 1))
    own_s = min(max(spread_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
    return max(own_s, min(asked_s or 0, LONGEST_ASKED_PAUSE_S))


def is_hopeless(
    progress: Progress,
    now_ms: int,
) -> bool:
    """Tell whether an address has failed for so long that it is given up."""
    since_ms = progress.failing_since_ms
    return (
        since_ms is not None
        and now_ms - since_ms >= HOPELESS_MS
        and progress.attempts >= HOPELESS_ATTEMPTS
    )


def seal_of(
    url: str,
    secret: str,
) -> str:
    """Return what registros keep of an address and its secret, neither of which they show."""
    return hashlib.sha256(msgspec.json.encode((url, secret))).hexdigest()


def kind_names(kinds: Collection[Kind] | None) -> list[str] | None:
    """Return kinds as registros keep them."""
    return None if kinds is None else [kind.value for kind in kinds]

"""Deliveries: what seats are to hear, encoded once for all of the same form."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.chat import Notice
from trastienda.domain.events import Event


class SentCopy(Struct, frozen=True):
    """A private message for the other connections of its sender."""

    event: Event


class Silence(Struct, frozen=True):
    """A mute, to the muted: the seconds left of it; None once it was lifted."""

    left_s: int | None


class Moved(Struct, frozen=True):
    """To somebody taken into another room: theirs is no longer open to them."""

    room: str
    alias: str


Item = Event | Notice | SentCopy | Silence | Moved
ItemT = TypeVar("ItemT", Event, Notice, SentCopy, Silence, Moved)

Encode = Callable[[Item, ZoneInfo], bytes]
"""Makes the bytes of an item in one form, with its times in the shop's zone.

It is a plain function of a module, so that seats of the same form share its bytes.
"""


class Delivery(Generic[ItemT]):
    """One item, or several in a row that most seats hear as one piece."""

    __slots__ = ("_items", "_parts", "_whole", "_zone", "n")

    def __init__(
        self,
        items: Sequence[ItemT],
        time_zone: ZoneInfo,
    ) -> None:
        self._items: Sequence[ItemT] = items
        self.n = _number_of(items[-1]) if items else None
        """The number of its last announcement; None where it is of the moment only."""
        self._zone = time_zone
        self._parts: dict[Encode, list[bytes]] = {}
        self._whole: dict[Encode, bytes] = {}

    def encoded(self, encode: Encode) -> bytes:
        """Return all of it in one form; the first who asks has it made."""
        whole = self._whole.get(encode)
        if whole is None:
            parts = self.parts(encode)
            whole = b"".join(parts)
            self._whole[encode] = whole
        return whole

    def parts(self, encode: Encode) -> list[bytes]:
        """Return each item in one form; the first who asks has them made."""
        parts = self._parts.get(encode)
        if parts is None:
            time_zone = self._zone
            parts = [encode(item, time_zone) for item in self._items]
            self._parts[encode] = parts
        return parts

    def only(self, wanted: Callable[[ItemT], bool]) -> "Part | None":
        """Return the items that one seat is to hear; None for none of them."""
        numbered = enumerate(self._items)
        positions = [position for position, item in numbered if wanted(item)]
        if not positions:
            return None
        return Part(self, positions)


def _number_of(item: Item) -> int | None:
    event = item.event if isinstance(item, SentCopy) else item
    return event.n if isinstance(event, Event) else None


class Part:
    """Some items of a delivery, which share its bytes."""

    __slots__ = ("_delivery", "_positions", "n")

    def __init__(
        self,
        delivery: Delivery[Any],
        positions: Sequence[int],
    ) -> None:
        self._delivery = delivery
        self._positions = positions
        self.n = delivery.n
        """The number of the last announcement of all of it."""

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self._positions)

    def encoded(self, encode: Encode) -> bytes:
        """Return the items in one form."""
        return b"".join(self.parts(encode))

    def parts(self, encode: Encode) -> list[bytes]:
        """Return each item in one form."""
        all_parts = self._delivery.parts(encode)
        return [all_parts[position] for position in self._positions]


AnyDelivery = Delivery[Any] | Part

"""Deliveries: what seats are to hear, encoded once for all that hear it in the same form."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.chat import Notice
from trastienda.domain.events import Event


class SentCopy(Struct, frozen=True):
    """A private message for the other connections of its sender."""

    event: Event


class Silence(Struct, frozen=True):
    """A mute, to the muted: how many seconds are left of it; None once it was lifted."""

    left_s: int | None


class Moved(Struct, frozen=True):
    """To somebody who was taken into another room, since theirs is no longer open to them."""

    room: str
    alias: str


Item = Event | Notice | SentCopy | Silence | Moved


class Delivery:
    """One item, with the forms in which it has been encoded so far."""

    __slots__ = ("_forms", "item", "zone")

    def __init__(self, item: Item, zone: ZoneInfo) -> None:
        self.item = item
        self.zone = zone
        """The shop's, for the times in it."""
        self._forms: dict[Encode, bytes] = {}

    def encoded(self, encode: "Encode") -> bytes:
        """Return the item in the form that ``encode`` makes; the first who asks has it made."""
        data = self._forms.get(encode)
        if data is None:
            data = self._forms[encode] = encode(self)
        return data


Encode = Callable[[Delivery], bytes]
"""Makes the bytes of a delivery in one form; a plain function, so that a form is made once."""


class Batch:
    """Several deliveries in a row, which most seats hear as one piece."""

    __slots__ = ("_deliveries", "_forms")

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self._deliveries = deliveries
        self._forms: dict[Encode, bytes] = {}

    def encoded(self, encode: Encode) -> bytes:
        """Return all of them in one form; the first who asks has it made."""
        data = self._forms.get(encode)
        if data is None:
            parts = [delivery.encoded(encode) for delivery in self._deliveries]
            data = self._forms[encode] = b"".join(parts)
        return data

    def only(self, wanted: Callable[[Item], bool]) -> "Batch | None":
        """Return those that a seat is to hear; None for none of them."""
        deliveries = [
            delivery for delivery in self._deliveries if wanted(delivery.item)
        ]
        return Batch(deliveries) if deliveries else None

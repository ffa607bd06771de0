"""Deliveries: each form is encoded once, however many seats hear it."""

from zoneinfo import ZoneInfo

from trastienda.domain.chat import Change, Notice
from trastienda.live.deliveries import Batch, Delivery, Item

UTC = ZoneInfo("UTC")


class Encoders:
    """Two forms of a notice; they count what they encode."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def loud(self, delivery: Delivery) -> bytes:
        assert isinstance(delivery.item, Notice)
        self.encoded.append(f"loud {delivery.item.alias}")
        return delivery.item.alias.upper().encode()

    def quiet(self, delivery: Delivery) -> bytes:
        assert isinstance(delivery.item, Notice)
        self.encoded.append(f"quiet {delivery.item.alias}")
        return delivery.item.alias.encode()


def joined(*aliases: str) -> list[Delivery]:
    return [Delivery(Notice(Change.JOINED, "general", alias), UTC) for alias in aliases]


def test_each_form_is_encoded_once_for_a_whole_batch() -> None:
    encoders = Encoders()
    batch = Batch(joined("ana", "beto"))
    for _ in range(3):
        assert batch.encoded(encoders.loud) == b"ANABETO"
        assert batch.encoded(encoders.quiet) == b"anabeto"
    assert encoders.encoded == ["loud ana", "loud beto", "quiet ana", "quiet beto"]


def test_all_seats_share_the_same_bytes() -> None:
    batch = Batch(joined("ana", "beto"))
    encode = Encoders().quiet
    assert batch.encoded(encode) is batch.encoded(encode)


def test_a_part_of_a_batch_is_not_encoded_again() -> None:
    encoders = Encoders()
    batch = Batch(joined("ana", "beto", "clara"))
    batch.encoded(encoders.quiet)

    def is_not_beto(item: Item) -> bool:
        return isinstance(item, Notice) and item.alias != "beto"

    part = batch.only(is_not_beto)
    assert part is not None
    assert part.encoded(encoders.quiet) == b"anaclara"
    assert len(encoders.encoded) == 3


def test_nothing_of_a_batch_is_no_batch() -> None:
    assert Batch(joined("ana")).only(lambda item: False) is None

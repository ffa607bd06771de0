"""Deliveries: each form is encoded once, however many seats hear it."""

from zoneinfo import ZoneInfo

from trastienda.domain.chat import Change, Notice
from trastienda.live.deliveries import Delivery, Item


class Encoders:
    """Two forms of a notice; they count what they encode."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def loud(self, item: Item, time_zone: ZoneInfo) -> bytes:
        assert isinstance(item, Notice)
        self.encoded.append(f"loud {item.alias}")
        return item.alias.upper().encode()

    def quiet(self, item: Item, time_zone: ZoneInfo) -> bytes:
        assert isinstance(item, Notice)
        self.encoded.append(f"quiet {item.alias}")
        return item.alias.encode()


def joined(*aliases: str) -> Delivery[Notice]:
    notices = [Notice(Change.JOINED, "general", alias) for alias in aliases]
    return Delivery(notices, ZoneInfo("UTC"))


def test_each_form_is_encoded_once() -> None:
    encoders = Encoders()
    delivery = joined("ana", "beto")
    for _ in range(3):
        assert delivery.encoded(encoders.loud) == b"ANABETO"
        assert delivery.encoded(encoders.quiet) == b"anabeto"
    assert encoders.encoded == ["loud ana", "loud beto", "quiet ana", "quiet beto"]


def test_all_seats_share_the_same_bytes() -> None:
    delivery = joined("ana", "beto")
    encode = Encoders().quiet
    assert delivery.encoded(encode) is delivery.encoded(encode)


def test_a_part_is_not_encoded_again() -> None:
    encoders = Encoders()
    delivery = joined("ana", "beto", "clara")
    delivery.encoded(encoders.quiet)
    part = delivery.only(lambda notice: notice.alias != "beto")
    assert part is not None
    assert part.encoded(encoders.quiet) == b"anaclara"
    assert len(encoders.encoded) == 3


def test_nothing_of_a_delivery_is_no_part() -> None:
    assert joined("ana").only(lambda notice: False) is None

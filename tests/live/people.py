"""Users, members and seats for the tests of who is here."""

from trastienda.domain.chat import Member
from trastienda.domain.closings import ClosingReason
from trastienda.domain.people import Actor, Role, User
from trastienda.live.deliveries import AnyDelivery
from trastienda.live.seats import Seat


def user(number: int, username: str, name: str = "") -> User:
    return User(
        id=number,
        rut=f"{number}-0",
        name=name or username.capitalize(),
        email=None,
        username=username,
        role=Role.CUSTOMER,
        active=True,
        verified=True,
        created_at_ms=0,
        version=1,
    )


def account(number: int, username: str) -> Member:
    actor = Actor(
        user_id=number,
        rut=f"{number}-0",
        name=username,
        role=Role.CUSTOMER,
        origin="test",
    )
    return Member(alias=username, actor=actor)


def guest(alias: str) -> Member:
    return Member(alias=alias, guest_id=alias)


class QuietSeat(Seat):
    """A seat that keeps what is delivered to it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.deliveries: list[AnyDelivery] = []
        self.closed_for: ClosingReason | None = None

    def deliver(self, delivery: AnyDelivery) -> None:
        self.deliveries.append(delivery)

    def close(self, reason: ClosingReason) -> None:
        self.closed_for = reason

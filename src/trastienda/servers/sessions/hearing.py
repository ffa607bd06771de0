"""What a seat may hear of what was committed."""

from trastienda.domain.chat import Member, Message, PrivateMessage
from trastienda.domain.events import Event, Kind, may_hear
from trastienda.domain.people import Role
from trastienda.domain.sales import Sale
from trastienda.domain.visibility import listed_sales
from trastienda.live.seats import Seat
from trastienda.wire import event_names

FOR_ANYBODY = frozenset(
    {Kind.STOCK, Kind.PRODUCT, Kind.PRODUCT_DELETED, Kind.DISCOUNT_EXPIRED}
)
"""What is announced to those who have not logged in, too.

Anybody may look at the products.
"""

OF_A_PERSON = frozenset({Kind.NOTIFICATION, Kind.NOTIFICATION_SEEN})
"""What no program with a key is told: it is not its maker, and may be of a lesser role."""


def may_be_told(
    seat: Seat,
    event: Event,
) -> bool:
    """Tell whether an announcement is for whoever sits here."""
    return _is_in_earshot(seat, event) and _may_hear(seat.member, event)


class Hearers:
    """The members who may hear an event, each looked up once for all their seats."""

    __slots__ = ("_by_member", "_event")

    def __init__(self, event: Event) -> None:
        self._event = event
        self._by_member: dict[int, bool] = {}
        """By the identity of the member, which lives as long as its seats."""

    def include(self, member: Member | None) -> bool:
        """Tell whether a member, or a stranger, may hear it."""
        may = self._by_member.get(id(member))
        if may is None:
            may = self._by_member[id(member)] = _may_hear(member, self._event)
        return may


def _is_in_earshot(
    seat: Seat,
    event: Event,
) -> bool:
    """Tell whether this seat hears talk of this kind at all, whoever sits there."""
    subject = event.subject
    if isinstance(subject, Message):
        return seat.hears_room(subject.room)
    return seat.hears_private or not isinstance(subject, PrivateMessage)


def _may_hear(
    member: Member | None,
    event: Event,
) -> bool:
    if event.kind not in event_names.NAMES:
        return False

    actor = None if member is None else member.actor
    if actor is None or actor.user_id is None or actor.rut is None:
        # A stranger hears what customers hear of the products, and no more.
        return event.kind in FOR_ANYBODY and Role.CUSTOMER in event.audience.roles
    if actor.key_id is not None and not _is_for_program(event, actor.role):
        return False
    subject = event.subject
    if isinstance(subject, Sale) and actor.role is Role.CUSTOMER:
        # In older journals it is for who sold it, too, who may be no staff any more.
        return listed_sales(actor).includes(subject)
    return may_hear(
        event,
        user_id=actor.user_id,
        role=actor.role,
        rut=actor.rut,
        verified=actor.verified,
    )


def _is_for_program(
    event: Event,
    role: Role,
) -> bool:
    """Tell whether a program with a key may be told, as far as its maker may."""
    if event.kind is Kind.USER:  # its maker's own account is not shown to it
        return role in event.audience.roles
    return event.kind not in OF_A_PERSON

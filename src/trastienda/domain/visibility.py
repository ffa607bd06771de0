"""Who may see what: one rule for each noun.

An action asks it for one document, storage turns it into a WHERE for lists, and events
into an audience.
"""

from msgspec import Struct

from trastienda.domain.chat import Message, PrivateMessage, is_open_to_all
from trastienda.domain.errors import Forbidden, NotFound
from trastienda.domain.events import (
    ADMINISTRATORS,
    EVERYBODY,
    NOBODY,
    STAFF_ONLY,
    Audience,
    Code,
    CopyFailed,
    LowStock,
    ReleasedRut,
    RightsChanged,
    SessionsEnded,
    Subject,
    WebhookChanged,
    WebhookOff,
)
from trastienda.domain.moderation import Sanction
from trastienda.domain.movements import StockLevel
from trastienda.domain.notifications import Notification, NotificationSeen
from trastienda.domain.people import Actor, Role, User
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop


class SaleScope(Struct, frozen=True):
    """Some sales, with their returns and receipts: all of them, or each one that bears
    any of these marks.

    A mark that is None is borne by no sale.
    """

    everything: bool = False
    seller_id: int | None = None
    buyer_id: int | None = None
    customer_rut: str | None = None
    owed: bool = False
    """Borne by each sale on which money is owed."""

    def includes(self, sale: Sale) -> bool:
        """Tell whether the sale is one of them."""
        if self.everything:
            return True

        sold = self.seller_id is not None and sale.seller_id == self.seller_id
        bought = self.buyer_id is not None and sale.buyer_id == self.buyer_id
        named = self.customer_rut is not None and sale.customer_rut == self.customer_rut
        owed = self.owed and sale.owed_minor > 0
        return sold or bought or named or owed


def listed_sales(actor: Actor) -> SaleScope:
    """Return the sales in the actor's list.

    An administrator lists all, a cashier those that they sold and all on which money is
    owed, for any of them may collect it. A customer lists those that they bought or that
    name them; a RUT counts only once staff have confirmed that it is the customer's.
    """
    if actor.role is Role.ADMINISTRATOR:
        return SaleScope(everything=True)
    if actor.role is Role.CASHIER:
        return SaleScope(seller_id=actor.user_id, owed=True)
    confirmed_rut = actor.rut if actor.verified else None
    return SaleScope(buyer_id=actor.user_id, customer_rut=confirmed_rut)


def readable_sales(actor: Actor) -> SaleScope:
    """Return the sales that the actor may open by their number: staff any, for whoever
    holds a receipt may come."""
    return SaleScope(everything=True) if actor.is_staff else listed_sales(actor)


def audience_of_sale(sale: Sale) -> Audience:
    """Return who hears of a sale and its returns: whoever has it in their list.

    Of a change, whoever had it in their list before it: a debt that is settled takes the
    sale out of some lists, and they have to hear that.

    A cashier hears of sales to their own RUT, too. They are not in the cashier's list,
    but may be read by number.
    """
    staff = STAFF_ONLY if sale.owed_minor else ADMINISTRATORS
    return _parties(staff.roles, sale)


def _parties(
    roles: tuple[Role, ...],
    sale: Sale,
) -> Audience:
    """Return these roles, and those who sold and bought."""
    return Audience(
        roles,
        user_ids=_known(sale.buyer_id),
        rut=sale.customer_rut,
        staff_ids=_known(sale.seller_id),
    )


def _known(user_id: int | None) -> tuple[int, ...]:
    return () if user_id is None else (user_id,)


def may_be_told_to(
    audience: Audience,
    subject: Subject,
) -> bool:
    """Tell whether nobody hears of an announcement who may not.

    Of a return it is not known who its sale was sold to, so only the roles are looked at.
    """
    widest = _widest_audience(subject)
    if not set(audience.roles) <= set(widest.roles):
        return False
    if isinstance(subject, Return):
        return True
    # Older journals name who sold among the users.
    users = {*audience.user_ids, *audience.staff_ids}
    are_known = users <= {*widest.user_ids, *widest.staff_ids}
    return are_known and audience.rut in {None, widest.rut}


def _widest_audience(subject: Subject) -> Audience:
    """Return who may hear of it at the most, whatever rule it was announced under."""
    match subject:
        case Product() | StockLevel() | Code() | Shop():
            return EVERYBODY
        case Sale():
            return _parties(STAFF_ONLY.roles, subject)
        case LowStock() | Return():
            return STAFF_ONLY
        case Purchase() | ReleasedRut() | CopyFailed() | WebhookOff():
            return ADMINISTRATORS
        case User():
            return audience_of_user(subject)
        case SessionsEnded() | Notification() | NotificationSeen():
            return Audience(user_ids=(subject.user_id,))
        case RightsChanged():
            return audience_of_rights(subject)
        case Message():
            return audience_of_room(subject.room)
        case PrivateMessage():
            return audience_of_private(subject)
        case Sanction() | WebhookChanged():
            return NOBODY


def may_see_product(
    actor: Actor,
    *,
    active: bool,
) -> bool:
    """Tell whether the actor sees products of this kind: customers do not see retired ones."""
    return active or actor.is_staff


def audience_of_product(
    product: Product,
    before: Product | None = None,
) -> Audience:
    """Return who hears of a product and its stock: whoever may see it.

    Of a change, whoever saw it ``before``, too. Customers are told then that it is no
    longer there, and nothing else of it.
    """
    was_shown = before is not None and before.active
    return EVERYBODY if product.active or was_shown else STAFF_ONLY


def user_shown_to(
    actor: Actor,
    rut: str,
    user: User | None,
) -> User:
    """Return the user of a RUT: anybody to an administrator, customers to cashiers, and
    everybody to themselves. A program is not its maker, and may be of a lesser role.

    Raises Forbidden, or NotFound where there is no such user. A customer is not told
    which other RUTs have an account.
    """
    is_self = actor.key_id is None and rut == actor.rut
    if actor.role is Role.CUSTOMER and not is_self:
        raise Forbidden
    if user is None:
        raise NotFound

    if actor.role is Role.CASHIER and not is_self and user.role is not Role.CUSTOMER:
        raise Forbidden
    return user


def audience_of_user(user: User) -> Audience:
    """Return who hears of a change of a user: administrators and the user."""
    return Audience((Role.ADMINISTRATOR,), (user.id,))


def changes_rights(
    before: User,
    after: User,
) -> bool:
    """Tell whether a change of a user changes what they may see."""
    return (before.role, before.verified) != (after.role, after.verified)


def audience_of_rights(changed: RightsChanged) -> Audience:
    """Return who hears that a user may see other things than before: that user."""
    return Audience(user_ids=(changed.user_id,))


def audience_of_room(room: str) -> Audience:
    """Return who hears of a room's messages: the users who may enter it.

    Guests are no users. They hear a room by being in it.
    """
    return EVERYBODY if is_open_to_all(room) else STAFF_ONLY


def audience_of_private(message: PrivateMessage) -> Audience:
    """Return who hears of a private message: its two ends, as far as they have accounts."""
    ends = dict.fromkeys((message.sender, message.recipient))
    accounts = [key for key in ends if key.startswith("u")]
    user_ids = tuple(int(key[1:]) for key in accounts)
    return Audience(user_ids=user_ids)

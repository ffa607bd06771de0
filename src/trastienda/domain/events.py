"""Events: what is announced after it has been committed, and to whom."""

import enum

from msgspec import Struct

from trastienda.domain.chat import Message, PrivateMessage
from trastienda.domain.moderation import Sanction
from trastienda.domain.movements import StockLevel
from trastienda.domain.notifications import Notification, NotificationSeen
from trastienda.domain.people import Role, User
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop


class LowStock(Struct, frozen=True, gc=False):
    """A product whose stock has fallen below its minimum."""

    code: str
    stock_milli: int
    min_stock_milli: int


class Code(Struct, frozen=True, gc=False):
    """A product, by its code."""

    code: str


class ReleasedRut(Struct, frozen=True):
    """A RUT that no account has any more."""

    rut: str


class CopyFailed(Struct, frozen=True):
    """Why the copy that was due could not be made, in Spanish."""

    reason: str


class WebhookChanged(Struct, frozen=True):
    """An address of another system was added, changed, removed, or turned off."""

    webhook_id: str


class WebhookOff(Struct, frozen=True):
    """The shop sends nothing to an address any more, and why: one of ``webhooks.Off``."""

    webhook_id: str
    origin: str
    reason: str


class SessionsEnded(Struct, frozen=True):
    """One session of a user has ended, or all of them have.

    A key that was withdrawn counts as one, under its own id.
    """

    user_id: int
    session_id: str | None = None


class RightsChanged(Struct, frozen=True):
    """A user may see other things than before: what they know of the shop may have holes."""

    user_id: int


Subject = (
    StockLevel
    | LowStock
    | Code
    | Product
    | Sale
    | Return
    | Purchase
    | User
    | Shop
    | ReleasedRut
    | CopyFailed
    | WebhookChanged
    | WebhookOff
    | SessionsEnded
    | RightsChanged
    | Message
    | PrivateMessage
    | Sanction
    | Notification
    | NotificationSeen
)


class Kind(enum.StrEnum):
    """What happened."""

    STOCK = "stock"
    LOW_STOCK = "low_stock"
    PRODUCT = "product"
    PRODUCT_DELETED = "product_deleted"
    DISCOUNT_EXPIRED = "discount_expired"
    SALE = "sale"
    RETURN = "return"
    PURCHASE = "purchase"
    USER = "user"
    RIGHTS_CHANGED = "rights_changed"
    RUT_RELEASED = "rut_released"
    COPY_FAILED = "copy_failed"
    WEBHOOK_OFF = "webhook_off"
    WEBHOOK = "webhook"
    SHOP = "shop"
    SESSIONS_ENDED = "sessions_ended"
    MESSAGE = "message"
    PRIVATE_MESSAGE = "private_message"
    SANCTION = "sanction"
    NOTIFICATION = "notification"
    NOTIFICATION_SEEN = "notification_seen"


SUBJECT_OF: dict[Kind, type] = {
    Kind.STOCK: StockLevel,
    Kind.LOW_STOCK: LowStock,
    Kind.PRODUCT: Product,
    Kind.PRODUCT_DELETED: Code,
    Kind.DISCOUNT_EXPIRED: Code,
    Kind.SALE: Sale,
    Kind.RETURN: Return,
    Kind.PURCHASE: Purchase,
    Kind.USER: User,
    Kind.RIGHTS_CHANGED: RightsChanged,
    Kind.RUT_RELEASED: ReleasedRut,
    Kind.COPY_FAILED: CopyFailed,
    Kind.WEBHOOK_OFF: WebhookOff,
    Kind.WEBHOOK: WebhookChanged,
    Kind.SHOP: Shop,
    Kind.SESSIONS_ENDED: SessionsEnded,
    Kind.MESSAGE: Message,
    Kind.PRIVATE_MESSAGE: PrivateMessage,
    Kind.SANCTION: Sanction,
    Kind.NOTIFICATION: Notification,
    Kind.NOTIFICATION_SEEN: NotificationSeen,
}


class Audience(Struct, frozen=True, omit_defaults=True):
    """Who may hear an event: users with these roles, these users, and the verified holder
    of this RUT.

    ``staff_ids`` are users who may hear it as staff: not once they are customers, nor by
    a program with a customer's key.
    """

    roles: tuple[Role, ...] = ()
    user_ids: tuple[int, ...] = ()
    rut: str | None = None
    staff_ids: tuple[int, ...] = ()


EVERYBODY = Audience(tuple(Role))
STAFF_ONLY = Audience((Role.ADMINISTRATOR, Role.CASHIER))
ADMINISTRATORS = Audience((Role.ADMINISTRATOR,))
NOBODY = Audience()


class Event(Struct, frozen=True, kw_only=True):
    """Something that has been committed.

    ``n`` grows in the order of commits, over all nodes, and is never used twice.
    ``source`` is the connection that caused the event and gets an answer of its own
    instead; it is known only on the node of that connection.
    """

    n: int
    kind: Kind
    at_ms: int
    audience: Audience
    subject: Subject
    source: int | None = None


def may_hear(
    event: Event,
    *,
    user_id: int,
    role: Role,
    rut: str,
    verified: bool,
) -> bool:
    """Tell whether this user may hear ``event``. Nobody hears of a thing that they may not read."""
    audience = event.audience
    return (
        role in audience.roles
        or user_id in audience.user_ids
        or (role is not Role.CUSTOMER and user_id in audience.staff_ids)
        or (audience.rut is not None and verified and audience.rut == rut)
    )

"""What the shop tidies by itself. Nothing depends on it: prices look at the dates, and who was away too long begins
anew."""

from msgspec.structs import replace

from trastienda.actions.chat import post_alerts
from trastienda.domain.audit import Action
from trastienda.domain.chat import MessageKind
from trastienda.domain.days import day_of
from trastienda.domain.events import Code, Kind
from trastienda.domain.people import HOUSE
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import products, tasks
from trastienda.storage.transactions import Tx

DAY_MS = 24 * 3600 * 1000
DAILY = "tidy"
"""The task of the day."""
SESSION_DAYS = 30
"""How long ended sessions and used tokens are known, so that one that is stolen and comes back late is noticed."""


def take_day(transaction: Tx, task: str) -> bool:
    """Take a task for today; False where it was taken before: over all restarts and nodes it runs once a day."""
    return tasks.claim(
        transaction,
        task,
        day_of(transaction.now_ms, transaction.shop.time_zone).isoformat(),
    )


def remove_expired_discounts(transaction: Tx, limit: int) -> int:
    """Take discounts that are over off their products, at most ``limit``, and announce each; return how many."""
    expired = products.with_expired_discount(
        transaction.connection, transaction.now_ms, limit
    )
    for product in expired:
        plain = replace(product, discount=None, version=product.version + 1)
        products.update(transaction, plain)
        transaction.emit(Kind.PRODUCT, audience_of_product(plain), plain)
        transaction.emit(
            Kind.DISCOUNT_EXPIRED, audience_of_product(plain), Code(plain.code)
        )
    post_alerts(transaction, MessageKind.DISCOUNT_EXPIRED, expired)
    if expired:
        transaction.audit(
            HOUSE,
            Action.DISCOUNTS_EXPIRED,
            {"codes": [product.code for product in expired]},
        )
    return len(expired)


def forget(transaction: Tx, journal_days: int, limit: int) -> int:
    """Delete announcements older than ``journal_days``, and what is left of sessions long over; return how much.

    At most ``limit`` of each, since tills wait meanwhile.
    """
    announcements = tasks.forget_announcements(
        transaction, transaction.now_ms - journal_days * DAY_MS, limit
    )
    return announcements + tasks.forget_sessions(
        transaction, transaction.now_ms - SESSION_DAYS * DAY_MS, limit
    )

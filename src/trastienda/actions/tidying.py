"""What the shop tidies by itself.

Nothing depends on it: prices look at the dates, and who was away too long begins anew.
"""

from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions.alerts import post_alerts
from trastienda.domain.audit import Action
from trastienda.domain.chat import MessageKind
from trastienda.domain.days import day_of
from trastienda.domain.events import Code, Kind
from trastienda.domain.people import HOUSE
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import (
    audit,
    chat,
    notifications,
    private_messages,
    products,
    tasks,
)
from trastienda.storage.transactions import Tx

DAY_MS = 24 * 3600 * 1000
DAILY = "tidy"
"""The task of the day."""
SESSION_DAYS = 30
"""How long ended sessions and used tokens are known.

So one that is stolen and comes back late is noticed.
"""


def take_day(transaction: Tx, task: str) -> bool:
    """Take a task for today; False where it was taken before.

    Over all restarts and nodes it runs once a day.
    """
    today = day_of(transaction.now_ms, transaction.shop.time_zone)
    return tasks.claim(transaction, task, today.isoformat())


def remove_expired_discounts(transaction: Tx, limit: int) -> int:
    """Show discounts that are over no more, and announce each.

    Returns how many there were, at most ``limit``. They stay in the shop, unused: a clock
    that was ahead must cost nobody the discounts that it took for over. Such come back here.
    """
    _bring_back(transaction, limit)
    expired = products.with_expired_discount(
        transaction.connection,
        transaction.now_ms,
        limit,
    )
    for product in expired:
        discount = product.discount
        assert discount is not None
        version, until_ms = product.version + 1, discount.until_ms
        over = replace(product, told_until_ms=until_ms, version=version)
        products.update(transaction, over)

        plain = over.shown_at(transaction.now_ms)
        audience = audience_of_product(plain)
        transaction.emit(Kind.PRODUCT, audience, plain)
        transaction.emit(Kind.DISCOUNT_EXPIRED, audience, Code(plain.code))

    post_alerts(transaction, MessageKind.DISCOUNT_EXPIRED, expired)
    if expired:
        detail = {"codes": [product.code for product in expired]}
        transaction.audit(HOUSE, Action.DISCOUNTS_EXPIRED, detail)
    return len(expired)


def _bring_back(transaction: Tx, limit: int) -> None:
    """Show discounts again that were told to be over while the clock was ahead."""
    too_early = products.with_discount_told_too_early(
        transaction.connection,
        transaction.now_ms,
        limit,
    )
    for product in too_early:
        version = product.version + 1
        current = replace(product, told_until_ms=None, version=version)
        products.update(transaction, current)
        transaction.emit(Kind.PRODUCT, audience_of_product(current), current)


SEEN_DAYS = 30
"""How long a notification stays once its user has seen it."""
NOTICED_DAYS = 365
"""How long what the shop noticed stays where nobody looks: less, if addresses go sooner,
since it may name one."""


class Retention(Struct, frozen=True, kw_only=True):
    """For how many days the shop keeps what it may forget.

    Messages and addresses stay for ever where it says 0.
    """

    journal_days: int
    message_days: int
    address_days: int


def forget(
    transaction: Tx,
    retention: Retention,
    limit: int,
) -> int:
    """Delete what is older than it has to be kept, and sessions long over.

    Returns how many rows it were: at most ``limit`` of each kind, since tills wait
    meanwhile.
    """

    def before_ms(days: int) -> int:
        return transaction.now_ms - days * DAY_MS

    journal_before_ms = before_ms(retention.journal_days)
    count = tasks.forget_announcements(transaction, journal_before_ms, limit)
    count += tasks.forget_sessions(transaction, before_ms(SESSION_DAYS), limit)

    noticed_days = min(retention.address_days or NOTICED_DAYS, NOTICED_DAYS)
    count += notifications.forget(
        transaction,
        seen_before_ms=before_ms(SEEN_DAYS),
        noticed_before_ms=before_ms(noticed_days),
        limit=limit,
    )

    if retention.message_days:
        said_before_ms = before_ms(retention.message_days)
        count += chat.forget(transaction, said_before_ms, limit)
        count += private_messages.forget(transaction, said_before_ms, limit)
    if retention.address_days:
        called_before_ms = before_ms(retention.address_days)
        count += audit.forget_addresses(transaction, called_before_ms, limit)
    return count

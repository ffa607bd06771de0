"""The shop's page."""

from msgspec.structs import asdict, replace

from trastienda.actions import webhooks
from trastienda.domain import shop as rules
from trastienda.domain.audit import Action, changed_fields
from trastienda.domain.errors import FixedByFirstSale
from trastienda.domain.events import EVERYBODY, Kind
from trastienda.domain.people import SHELL, Actor, Permission, require
from trastienda.domain.shop import Shop
from trastienda.storage import sales, shop
from trastienda.storage.transactions import Snapshot, Tx, lookup


@lookup
def get(snapshot: Snapshot, actor: Actor) -> Shop:
    """Return the shop's page."""
    require(actor, Permission.LOOK)
    return snapshot.shop


def change(
    transaction: Tx,
    actor: Actor,
    changes: dict[str, object],
) -> Shop:
    """Change fields of the shop's page; country and currency are fixed by the first sale."""
    require(actor, Permission.MANAGE_SHOP)
    old = transaction.shop
    new = rules.checked(replace(old, **changes))
    is_elsewhere = (new.country, new.currency) != (old.country, old.currency)
    if is_elsewhere and sales.any_exists(transaction.connection):
        raise FixedByFirstSale
    if new == old:
        return old

    shop.update(transaction, new)
    if new.timezone != old.timezone:
        # Days begin at other moments than the sums of days say.
        transaction.reach_back(0)
    differing = changed_fields(old, new, changes)
    transaction.audit(actor, Action.SHOP_CHANGED, {"changes": differing})
    transaction.emit(Kind.SHOP, EVERYBODY, new)
    return new


def opened(transaction: Tx) -> None:
    """Record that the shop was founded."""
    detail = asdict(transaction.shop)
    transaction.audit(SHELL, Action.SHOP_CREATED, detail)


def restored(transaction: Tx, known_n: int) -> None:
    """Record that the shop goes on from a backup whose last announcement was ``known_n``.

    The row names both ends of the leap, so that no other gap in the journal passes for
    one. The event makes everybody read the shop anew.
    """
    detail = {"known_n": known_n, "n": transaction.peek("n")}
    transaction.audit(SHELL, Action.SHOP_RESTORED, detail)
    event = transaction.emit(Kind.SHOP, EVERYBODY, transaction.shop)
    webhooks.restored(transaction, event.n)

"""The shop's page."""

from msgspec.structs import replace

from trastienda.domain import shop as rules
from trastienda.domain.audit import Action
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


def change(tx: Tx, actor: Actor, changes: dict[str, object]) -> Shop:
    """Change fields of the shop's page; country and currency are fixed by the first sale."""
    require(actor, Permission.MANAGE_SHOP)
    old = tx.shop
    new = rules.checked(replace(old, **changes))
    is_elsewhere = (new.country, new.currency) != (old.country, old.currency)
    if is_elsewhere and sales.any_exists(tx.connection):
        raise FixedByFirstSale
    if new == old:
        return old

    shop.update(tx, new)
    if new.timezone != old.timezone:
        tx.reach_back(0)  # days begin at other moments than the sums of days say
    differing = {
        name: getattr(new, name)
        for name in changes
        if getattr(new, name) != getattr(old, name)
    }
    tx.audit(actor, Action.SHOP_CHANGED, {"changes": differing})
    tx.emit(Kind.SHOP, EVERYBODY, new)
    return new


def opened(tx: Tx) -> None:
    """Record that the shop was founded."""
    tx.audit(SHELL, Action.SHOP_CREATED, {"name": tx.shop.name})


def restored(tx: Tx, known_n: int) -> None:
    """Record that the shop goes on from a backup whose last announcement was ``known_n``.

    The row names both ends of the leap, so that no other gap in the journal passes for
    one. The event makes everybody read the shop anew.
    """
    tx.audit(SHELL, Action.SHOP_RESTORED, {"known_n": known_n, "n": tx.peek("n")})
    tx.emit(Kind.SHOP, EVERYBODY, tx.shop)

"""Reading the audit trail, and adding to it by hand."""

from collections.abc import Collection

from trastienda.domain.audit import Action, AuditRow
from trastienda.domain.days import is_behind
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor, Permission, Person, require
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.storage import audit
from trastienda.storage.transactions import Snapshot, Tx

Row = tuple[AuditRow, Person | None]
"""A row of the trail, and who did it."""


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
    actions: Collection[Action] = (),
) -> Page[Row]:
    """Return a page of the trail, newest first.

    A search also finds the rows of ``actions``.
    """
    require(actor, Permission.AUDIT)
    return audit.listed(snapshot.connection, window, actions)


SHOP_ID_LENGTH = 16
"""Characters of a hash: enough that no two shops are alike."""


def shop_id(snapshot: Snapshot) -> str:
    """Return what tells this shop and its copies from all others: how its trail began."""
    return audit.first_hash(snapshot.connection)[:SHOP_ID_LENGTH]


def last_ahead_of_clock(snapshot: Snapshot) -> int | None:
    """Return the moment of the last thing that was done, if the clock is behind it."""
    last_ms = audit.last_at_ms(snapshot.connection)
    if last_ms is None or not is_behind(snapshot.now_ms, last_ms):
        return None
    return last_ms


def note(
    transaction: Tx,
    actor: Actor,
    name: str,
    text: str,
) -> AuditRow:
    """Record what staff have to say: a row with a name and a text of their own."""
    require(actor, Permission.WRITE_NOTE)
    detail = {
        "name": clean(name, "action", limit=64),
        "text": clean(text, "detail", limit=MAX_TEXT, empty=True),
    }
    return transaction.audit(actor, Action.NOTE, detail)

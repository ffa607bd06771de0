"""Reading the audit trail, and adding to it by hand."""

from collections.abc import Collection

from trastienda.domain.audit import Action, AuditRow
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor, Permission, Person, require
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.storage import audit
from trastienda.storage.transactions import Snapshot, Tx

Row = tuple[AuditRow, Person | None]


def listed(
    snapshot: Snapshot, actor: Actor, window: Window, named: Collection[Action] = ()
) -> Page[Row]:
    """Return a page of the trail, newest first; ``named`` are the actions whose name the search matches."""
    require(actor, Permission.AUDIT)
    return audit.listed(snapshot.connection, window, named)


def note(tx: Tx, actor: Actor, name: str, text: str) -> AuditRow:
    """Add a row of one's own, with a name and a text."""
    require(actor, Permission.WRITE_NOTE)
    detail = {
        "name": clean(name, "action", limit=64),
        "text": clean(text, "detail", limit=MAX_TEXT, empty=True),
    }
    return tx.audit(actor, Action.NOTE, detail)

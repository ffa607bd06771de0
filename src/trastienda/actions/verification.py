"""Proving the books.

Every invariant that the shop promises is worked out again from the rows of one state.
"""

from collections.abc import Callable, Iterator

from trastienda.domain.verification import Broken
from trastienda.storage.transactions import Snapshot
from trastienda.storage.verification import (
    announced,
    deletions,
    keys,
    ledger,
    orphans,
    people,
    purchases,
    returns,
    said,
    sales,
    settlings,
    summaries,
    talk,
    trail,
)
from trastienda.storage.verification.streams import Books

_CHECKS: tuple[Callable[[Books], Iterator[Broken]], ...] = (
    trail.broken_numbers,
    trail.broken_chain,
    ledger.broken_stock,
    ledger.broken_corrections,
    deletions.broken_deletions,
    purchases.broken_purchases,
    returns.broken_returns,
    sales.broken_sales,
    settlings.broken_settlings,
    summaries.broken_summaries,
    ledger.broken_history,
    keys.broken_keys,
    people.broken_passwords,
    said.broken_people,
    said.broken_second_factors,
    said.broken_products,
    said.broken_page,
    announced.broken_announcements,
    talk.broken_rooms,
    orphans.broken_references,
    orphans.broken_database,
)
"""In this order: what counts and chains rows first, so that what comes after may walk from
1 to the last. The database's own check comes last: it would name a CHECK where we can name
what it means."""


def verify(
    snapshot: Snapshot,
    tell: Callable[[int, int, str], None] = lambda done, total, check: None,
) -> Broken | None:
    """Return the first row that breaks a promise of the shop, or None: the books are sound.

    ``tell`` is told how many checks are done, of how many, and the name of the one that
    follows.
    """
    books = Books(snapshot.connection)
    for done, check in enumerate(_CHECKS):
        check_name = check.__name__.removeprefix("broken_")
        tell(done, len(_CHECKS), check_name)
        broken = orphans.first_broken(check, books)
        if broken is not None:
            return broken
    return None

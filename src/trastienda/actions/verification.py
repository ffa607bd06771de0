"""Proving the books.

Every invariant that the shop promises is worked out again from the rows of one state.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

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
    told,
    trail,
)
from trastienda.storage.verification.streams import Books

Tell = Callable[[float, float, str], None]
"""Is told how much is done, of how much in all, and the name of the check that goes on."""


class _Check(Struct, frozen=True):
    find: Callable[[Books], Iterator[Broken]]
    weight: int = 1
    """Its part of the time in a big shop, in hundredths."""
    of_documents: bool = False
    """It looks at documents one by one, or at what other such checks learned of them."""

    @property
    def name(self) -> str:
        return self.find.__name__.removeprefix("broken_")


_CHECKS = (
    _Check(trail.broken_numbers, 2),
    _Check(trail.broken_chain, 8),
    _Check(ledger.broken_stock, 9),
    _Check(ledger.broken_corrections),
    _Check(deletions.broken_deletions),
    _Check(purchases.broken_purchases, of_documents=True),
    _Check(returns.broken_returns, of_documents=True),
    _Check(sales.broken_sales, 48, of_documents=True),
    _Check(settlings.broken_settlings),
    _Check(summaries.broken_summaries),
    _Check(ledger.broken_history, of_documents=True),
    _Check(keys.broken_keys, 4, of_documents=True),
    _Check(people.broken_passwords),
    _Check(said.broken_people),
    _Check(said.broken_second_factors),
    _Check(said.broken_api_keys),
    _Check(told.broken_webhooks),
    _Check(said.broken_products),
    _Check(said.broken_page),
    _Check(announced.broken_announcements, 10),
    _Check(talk.broken_rooms),
    _Check(orphans.broken_references, 7),
    _Check(orphans.broken_database, 7),
)
"""In this order: what counts and chains rows first, so that what comes after may walk from
1 to the last. The database's own check comes last: it would name a CHECK where we can name
what it means."""


class Finding(Struct, frozen=True):
    """The first row that breaks a promise, and the number of the check that found it."""

    check: int
    broken: Broken


def verify(
    snapshot: Snapshot,
    tell: Tell = lambda done, total, check: None,
) -> Broken | None:
    """Return the first row that breaks a promise of the shop, or None: the books are sound."""
    finding = find(snapshot, tell)
    return None if finding is None else finding.broken


def find(
    snapshot: Snapshot,
    tell: Tell = lambda done, total, check: None,
    *,
    of_documents: bool | None = None,
) -> Finding | None:
    """Return what the first check finds that finds something.

    ``of_documents``: those that look at documents alone, or those that do not. Each half
    needs nothing of the other but that it finds nothing either.
    """
    wanted = [
        (number, check)
        for number, check in enumerate(_CHECKS)
        if of_documents in {None, check.of_documents}
    ]
    total = sum(check.weight for _, check in wanted)
    done = 0
    reached = 0.0
    books = Books(snapshot.connection)
    for number, check in wanted:

        def reach(
            share: float,
            done: int = done,
            check: _Check = check,
        ) -> None:
            nonlocal reached  # what is read beside it may be behind
            reached = max(reached, done + share * check.weight)
            tell(reached, total, check.name)

        reach(0)
        books.reach = reach
        broken = orphans.first_broken(check.find, books)
        if broken is not None:
            return Finding(number, broken)
        done += check.weight
        reach(1)
    return None

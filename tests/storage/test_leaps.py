"""Numbers of announcements after a restore: never one that was used, and a gap that is
accounted for.
"""

import pytest
from tests.harness.books import TestShop
from tests.harness.damage import Damaged, named
from tests.harness.past import BREAD, fill

from trastienda.actions import shop
from trastienda.actions.verification import verify
from trastienda.domain.verification import TRAIL, Reason
from trastienda.storage import journal
from trastienda.storage.dialects import Connection

FAR = 1_795_000_000_000_000


def leap(books: TestShop, n: int) -> int:
    with books.database.connect() as connection:
        known_n = journal.leap(connection, n)
    books.do(lambda transaction: shop.restored(transaction, known_n))
    return known_n


@pytest.fixture
def leapt(books: TestShop) -> TestShop:
    """A shop with a past that was restored twice."""
    fill(books)
    leap(books, FAR)
    books.sell((BREAD, 1000))
    leap(books, 2 * FAR)
    books.sell((BREAD, 1000))
    return books


def last_n(books: TestShop) -> int:
    return books.look(lambda snapshot: snapshot.n)


def test_numbers_go_on_after_the_one_asked_for_and_never_back(books: TestShop) -> None:
    known_n = leap(books, FAR)
    assert last_n(books) == FAR + 1
    assert leap(books, 5) == FAR + 1
    assert last_n(books) == FAR + 2
    assert books.look(
        lambda snapshot: [
            one.n for one in journal.after(snapshot.connection, known_n, 9)
        ]
    ) == [
        FAR + 1,
        FAR + 2,
    ]


def test_the_books_are_sound_after_a_leap(leapt: TestShop) -> None:
    assert leapt.look(verify) is None


def test_the_books_are_sound_when_what_was_before_a_leap_is_forgotten(
    leapt: TestShop,
) -> None:
    for first in (10, FAR, FAR + 1, FAR + 2, 2 * FAR):
        leapt.do(
            lambda transaction, n=first: transaction.connection.sql.exec_driver_sql(  # type: ignore[misc]
                "DELETE FROM journal WHERE n < ?", (n,)
            )
        )
        assert leapt.look(verify) is None


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM journal WHERE n = 7", Reason.MISSING),
        (f"DELETE FROM journal WHERE n = {FAR + 1}", Reason.MISSING),
        (f"DELETE FROM journal WHERE n = {FAR + 2}", Reason.MISSING),
        ("DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)", Reason.MISSING),
        (f"UPDATE journal SET n = {FAR - 5} WHERE n = 7", Reason.MISSING),
        (
            (
                f"INSERT INTO journal SELECT {FAR - 5}, at_ms, kind, audience, subject "
                "FROM journal LIMIT 1"
            ),
            Reason.UNCOUNTED,
        ),
    ],
)
def test_no_other_gap_passes_for_a_leap(
    leapt: TestShop, damage: str, reason: Reason
) -> None:
    damaged = Damaged(leapt.path)
    try:
        assert named(damaged.after(damage)) == (TRAIL, "journal", reason)
    finally:
        damaged.close()


def test_what_can_be_told_from_a_number_on_is_known(leapt: TestShop) -> None:
    def known(connection: Connection) -> list[int]:
        asked = [
            0,
            1,
            5,
            FAR - 1,
            FAR,
            FAR + 1,
            FAR + 2,
            2 * FAR,
            2 * FAR + 1,
            last_n(leapt),
            last_n(leapt) + 1,
            -1,
        ]
        return [n for n in asked if journal.knows(connection, n)]

    assert leapt.look(lambda snapshot: known(snapshot.connection)) == [
        0,
        1,
        5,
        FAR + 1,
        FAR + 2,
        2 * FAR + 1,
        last_n(leapt),
    ]
    leapt.do(
        lambda transaction: transaction.connection.sql.exec_driver_sql(
            "DELETE FROM journal WHERE n < 5"
        )
    )
    assert leapt.look(lambda snapshot: known(snapshot.connection))[:2] == [
        5,
        FAR + 1,
    ], "the first were forgotten"


def test_a_number_given_after_the_copy_was_made_is_not_known(books: TestShop) -> None:
    n = last_n(books)
    leap(books, FAR)
    assert books.look(lambda snapshot: journal.knows(snapshot.connection, n))
    assert not books.look(lambda snapshot: journal.knows(snapshot.connection, n + 1))

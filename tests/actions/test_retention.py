"""What the shop forgets with time: addresses in registros, and what was said."""

from functools import partial

import pytest
from msgspec.structs import replace
from tests.harness.books import OPENING_DAY_MS, TestShop, ticking
from tests.harness.talk import said, says, speak

from trastienda.actions import audit, chat, chat_rooms, tidying, verification
from trastienda.actions.tidying import Retention
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL

DAY_MS = 24 * 3600 * 1000
A_YEAR = Retention(journal_days=10_000, message_days=0, address_days=365)
TALK_OF_A_MONTH = Retention(journal_days=10_000, message_days=30, address_days=0)
NOTE = {"name": "uno", "text": "dos"}


def test_addresses_go_and_the_chain_of_registros_stays_whole(books: TestShop) -> None:
    called_from_home = replace(books.ana, origin="2001:db8::7")
    old_ids = [
        books.do(
            lambda transaction: transaction.audit(called_from_home, "note", NOTE)
        ).id
        for _ in range(3)
    ]
    books.clock = ticking(OPENING_DAY_MS + 200 * DAY_MS)
    young_id = books.do(
        lambda transaction: transaction.audit(called_from_home, "note", NOTE)
    ).id

    books.clock = ticking(OPENING_DAY_MS + 370 * DAY_MS)
    before = books.look(lambda snapshot: snapshot.n)
    forgotten = [
        books.do(lambda transaction: tidying.forget(transaction, A_YEAR, 2))
        for _ in range(young_id)
    ]
    assert sum(forgotten) == young_id - 1
    assert max(forgotten) == 2
    assert books.look(lambda snapshot: snapshot.n) == before

    origins = {
        row.id: (row.origin, row.origin_salt)
        for row, _ in books.look(
            lambda snapshot: audit.listed(snapshot, SHELL, Window(limit=99))
        ).items
    }
    assert [origins[row_id] for row_id in old_ids] == [("", None)] * 3
    assert origins[young_id][0] == "2001:db8::7"
    assert origins[1][0] == "shell"  # no address
    assert books.look(verification.verify) is None


@pytest.mark.parametrize(
    "edit",
    [
        "origin = '192.0.2.1' WHERE id = {old}",
        "origin = '192.0.2.1' WHERE id = {young}",
        "origin = '', origin_salt = NULL WHERE id = {young}",
        "origin_salt = 'x' WHERE id = {old}",
        "origin_seal = NULL WHERE id = {young}",
    ],
)
def test_an_address_that_was_changed_is_found(books: TestShop, edit: str) -> None:
    called_from_home = replace(books.ana, origin="192.0.2.7")

    def call() -> int:
        return books.do(
            lambda transaction: transaction.audit(called_from_home, "note", NOTE)
        ).id

    old_id = call()
    books.clock = ticking(OPENING_DAY_MS + 400 * DAY_MS)
    young_id = call()
    books.do(lambda transaction: tidying.forget(transaction, A_YEAR, 1000))
    assert books.look(verification.verify) is None

    with books.database.connect() as connection:
        if "origin_seal" in edit:
            connection.unseal("audit")
        assignment = edit.format(old=old_id, young=young_id)
        connection.sql.exec_driver_sql(f"UPDATE audit SET {assignment}")
    broken = books.look(verification.verify)
    assert broken is not None
    assert (broken.clause, broken.table) == (4, "audit")


def test_what_was_said_long_ago_goes_from_rooms_searches_and_mailboxes(
    books: TestShop,
) -> None:
    ana = books.member(books.ana)
    books.do(lambda transaction: chat_rooms.ensure_room(transaction, ana, "caja"))
    speak(books, *(says(ana, f"antiguo {number}") for number in range(5)))
    speak(books, says(ana, "antiguo allí", "caja"))
    books.clock = ticking(OPENING_DAY_MS + 20 * DAY_MS)
    speak(books, says(ana, "reciente antiguo"))

    books.clock = ticking(OPENING_DAY_MS + 40 * DAY_MS)
    for _ in range(4):
        count = books.do(
            lambda transaction: tidying.forget(transaction, TALK_OF_A_MONTH, 2)
        )
        assert count <= 2
    left = {
        room: books.look(partial(chat.history, member=ana, room_name=room))
        for room in ("general", "caja")
    }
    assert [message.text for message in left["general"][0]] == ["reciente antiguo"]
    assert left["caja"] == ([], False)
    assert not left["general"][1]
    assert books.look(verification.verify) is None
    rooms = books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, ana))
    unread = {room.name: room.unread for room in rooms}
    assert (unread["general"], unread["caja"]) == (1, 0), "nobody can read the others"
    matches = books.look(lambda snapshot: chat.search(snapshot, ana, "antiguo"))
    assert [message.text for message in matches] == ["reciente antiguo"]

    # Numbers go on, and a gap is still found.
    answers = speak(books, says(ana, "más", "caja"), says(ana, "más"))
    assert [said(answer).seq for answer in answers] == [2, 7]
    assert books.look(verification.verify) is None
    with books.database.connect() as connection:
        connection.sql.exec_driver_sql("DELETE FROM messages WHERE seq = 6")
    broken = books.look(verification.verify)
    assert broken is not None
    assert (broken.clause, broken.table) == (5, "messages")

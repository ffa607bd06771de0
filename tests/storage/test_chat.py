"""Messages in rows: two writers at once, the index of texts, and queries that stay quick."""

import threading
from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa
from tests.harness.books import TestShop

from trastienda.actions import chat, verification
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import Member, Message, Room
from trastienda.storage import chat as rows
from trastienda.storage import schema
from trastienda.storage.dialects import open_file
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Snapshot, writing

SETS = 40
SPEAKERS = 3


def test_writers_at_once_leave_no_gap_and_say_nothing_twice(
    books: TestShop,
) -> None:
    wrong: list[BaseException] = []
    start = threading.Barrier(SPEAKERS)

    def talk(own: int) -> None:
        database = open_file(books.path, durable=False)
        member = Member(alias=f"visita{own}", guest_id=str(own))
        try:
            with database.connect() as connection:
                start.wait(timeout=60)
                for number in range(SETS):
                    said = [
                        ("general", f"{own}-{number}"),
                        ("general", f"{own}-{number}+"),
                        ("general", f"{own}-0"),
                    ]
                    calls = [
                        Speaking(member=member, room=room, text=text, client_id=text)
                        for room, text in said
                    ]
                    with writing(connection, books.clock) as transaction:
                        assert all(
                            isinstance(answer, Message)
                            for answer in chat.speak(transaction, calls)
                        )
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=talk, args=(own,)) for own in range(SPEAKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert wrong == []
    with books.database.connect() as connection:
        said = connection.execute(
            sa.select(schema.messages.c.seq, schema.messages.c.text)
        ).all()
    assert [seq for seq, _ in said] == list(range(1, 2 * SETS * SPEAKERS + 1))
    texts = [
        f"{own}-{number}{end}"
        for own in range(SPEAKERS)
        for number in range(SETS)
        for end in ("", "+")
    ]
    assert Counter(text for _, text in said) == Counter(texts)
    for own in range(SPEAKERS):
        mine = [text for _, text in said if text.startswith(f"{own}-")]
        assert mine == [text for text in texts if text.startswith(f"{own}-")]
    assert books.look(verification.verify) is None


def message(
    room: str, seq: int, text: str = "hola", client_id: str | None = None
) -> Message:
    return Message(
        room=room,
        seq=seq,
        at_ms=1,
        sender="gvisita",
        alias="visita",
        text=text,
        client_id=client_id,
    )


def test_a_room_that_has_gone_on_is_noticed(books: TestShop) -> None:
    room = books.do(lambda transaction: rows.add_room(transaction, "general"))
    books.do(
        lambda transaction: rows.add(
            transaction, [room], [(room.id, message("general", 1))]
        )
    )
    with pytest.raises(Conflict):
        # as another node does on a database with more than one writer: its room is the
        # one of before
        books.do(
            lambda transaction: rows.add(
                transaction, [room], [(room.id, message("general", 2))]
            )
        )
    assert books.look(
        lambda snapshot: rows.rooms_by_name(snapshot.connection, ["general"])
    ) == {"general": Room(1, "general", 1)}
    assert books.look(verification.verify) is None


def test_a_search_in_one_room_finds_no_message_of_the_next(books: TestShop) -> None:
    rooms = [books.do(partial(rows.add_room, name=name)) for name in ("a", "b", "c")]
    for room in rooms:
        books.do(
            lambda transaction, r=room: rows.add(  # type: ignore[misc]
                transaction,
                [r],
                [(r.id, message(r.name, 1)), (r.id, message(r.name, 2))],
            )
        )

    def found(
        snapshot: Snapshot, *where: Room, limit: int = 9
    ) -> list[tuple[str, int]]:
        return [
            (message.room, message.seq)
            for message in rows.search(
                snapshot.connection, where, ["ho", "hola"], limit
            )
        ]

    for room in rooms:
        assert books.look(lambda snapshot, r=room: found(snapshot, r)) == [  # type: ignore[misc]
            (room.name, 2),
            (room.name, 1),
        ]
        assert books.look(lambda snapshot, r=room: found(snapshot, r, limit=1)) == [  # type: ignore[misc]
            (room.name, 2)
        ]
    assert books.look(
        lambda snapshot: found(snapshot, rooms[0], rooms[2], limit=1)
    ) == [
        ("a", 2),
        ("c", 2),
    ]
    assert books.look(found) == []

"""Rooms and what was said in them: changed, taken back, and read again."""

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop
from tests.harness.talk import GUEST, add_room, said, says, speak, texts, told_after

from trastienda.actions import audit, chat, chat_rooms, verification
from trastienda.domain.audit import Action
from trastienda.domain.chat import MAX_MESSAGE, Member, RoomState
from trastienda.domain.errors import (
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    RoomArchived,
)
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL


class TestChanging:
    def test_ones_own_message_is_edited_and_deleted(self, books: TestShop) -> None:
        clara = books.member(books.clara)
        speak(books, says(clara, "ola", client_id="m1"), says(clara, "chao"))
        n = books.look(lambda snapshot: snapshot.n)
        edited = books.do(
            lambda transaction: chat.edit(transaction, clara, "general", 1, "hola")
        )
        gone = books.do(
            lambda transaction: chat.delete(transaction, clara, "general", 2)
        )
        assert (edited.text, edited.deleted, gone.text, gone.deleted) == (
            "hola",
            False,
            "",
            True,
        )
        assert edited.edited_at_ms is not None
        found, _ = books.look(lambda snapshot: chat.history(snapshot, clara, "general"))
        assert found == [edited, gone]
        assert [event.subject for event in told_after(books, n)] == [edited, gone]

    def test_a_message_of_others_cannot_be_edited_or_deleted(
        self, books: TestShop
    ) -> None:
        ana, beto, clara = (
            books.member(one) for one in (books.ana, books.beto, books.clara)
        )
        speak(books, says(clara))
        for member in (beto, GUEST):
            with pytest.raises(Forbidden):
                books.do(
                    lambda transaction, m=member: chat.delete(  # type: ignore[misc]
                        transaction, m, "general", 1
                    )
                )
        for member in (ana, beto, GUEST):
            with pytest.raises(Forbidden):
                books.do(
                    lambda transaction, m=member: chat.edit(
                        transaction, m, "general", 1, "otra cosa"
                    )  # type: ignore[misc]
                )
        assert texts(books) == ["hola"]

    def test_a_deletion_by_an_administrator_is_recorded_once_without_the_text(
        self, books: TestShop
    ) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        speak(books, says(clara, "palabrota"), says(ana))
        gone = [
            books.do(lambda transaction: chat.delete(transaction, ana, "general", 1))
            for _ in range(2)
        ]
        assert gone[0] == gone[1]
        books.do(lambda transaction: chat.delete(transaction, ana, "general", 2))
        notes = books.look(
            lambda snapshot: audit.listed(snapshot, SHELL, Window(limit=200))
        ).items
        rows = [row for row, _ in notes if row.action == Action.MESSAGE_DELETED]
        assert [row.detail for row in rows] == [
            '{"room":"general","seq":1,"alias":"Clara"}'
        ]
        assert rows[0].user_id == books.ana.user_id

    def test_what_a_guest_said_is_theirs_and_not_their_alias(
        self, books: TestShop
    ) -> None:
        earlier = Member(alias="visita", guest_id="1f")
        said(speak(books, says(earlier))[0])
        later = Member(alias="Visita", guest_id="2f")
        for change in (chat.edit, chat.delete):
            more = ("otra cosa",) if change is chat.edit else ()
            with pytest.raises(Forbidden):
                books.do(
                    lambda transaction, c=change, m=more: c(  # type: ignore[misc]
                        transaction, later, "general", 1, *m
                    )
                )
        assert (
            books.do(
                lambda transaction: chat.edit(
                    transaction, replace(earlier, alias="otra"), "general", 1, "buenas"
                )
            ).text
            == "buenas"
        )

    @pytest.mark.parametrize("seq", [-1, 0, 2, 2**63, 10**30])
    def test_editing_an_unknown_message_is_not_found(
        self, books: TestShop, seq: int
    ) -> None:
        ana = books.member(books.ana)
        speak(books, says(ana))
        with pytest.raises(NotFound):
            books.do(
                lambda transaction: chat.edit(
                    transaction, ana, "general", seq, "otra cosa"
                )
            )
        with pytest.raises(NotFound):
            books.do(lambda transaction: chat.delete(transaction, ana, "general", seq))

    def test_a_deleted_message_cannot_be_edited(self, books: TestShop) -> None:
        ana = books.member(books.ana)
        speak(books, says(ana))
        books.do(lambda transaction: chat.delete(transaction, ana, "general", 1))
        with pytest.raises(NotFound):
            books.do(
                lambda transaction: chat.edit(
                    transaction, ana, "general", 1, "otra cosa"
                )
            )

    def test_an_edit_cannot_make_a_message_empty_or_too_long(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        speak(books, says(ana))
        for text in ("", " ", "x" * (MAX_MESSAGE + 1)):
            with pytest.raises(Invalid):
                books.do(
                    lambda transaction, t=text: chat.edit(  # type: ignore[misc]
                        transaction, ana, "general", 1, t
                    )
                )


class TestHistory:
    def test_pages_hold_each_message_once_back_to_the_first(
        self, books: TestShop
    ) -> None:
        clara = books.member(books.clara)
        speak(books, *(says(clara, str(number)) for number in range(1, 8)))
        pages, before = [], None
        while True:
            found, more = books.look(
                lambda snapshot, b=before: chat.history(
                    snapshot, clara, "general", b, 3
                )  # type: ignore[misc]
            )
            pages.append([one.seq for one in found])
            if not more:
                break
            before = found[0].seq
        assert pages == [[5, 6, 7], [2, 3, 4], [1]]
        assert not books.look(
            lambda snapshot: chat.history(snapshot, clara, "general", limit=7)
        )[1]

    @pytest.mark.parametrize(
        ("before", "seqs"),
        [(0, []), (-5, []), (1, []), (3, [1, 2]), (10**30, [1, 2, 3])],
    )
    def test_a_page_may_begin_at_any_number(
        self, books: TestShop, before: int, seqs: list[int]
    ) -> None:
        clara = books.member(books.clara)
        speak(books, *(says(clara) for _ in range(3)))
        found, more = books.look(
            lambda snapshot: chat.history(snapshot, clara, "general", before)
        )
        assert ([one.seq for one in found], more) == (seqs, False)

    def test_a_page_has_a_limit(self, books: TestShop) -> None:
        for limit in (0, -1, 201):
            with pytest.raises(Invalid):
                books.look(
                    lambda snapshot, li=limit: chat.history(  # type: ignore[misc]
                        snapshot, GUEST, "general", limit=li
                    )
                )

    def test_a_history_is_shown_to_those_who_may_enter(self, books: TestShop) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        speak(books, says(ana, "hola", "caja"))
        assert books.look(
            lambda snapshot: chat.history(snapshot, GUEST, "general")
        ) == (
            [],
            False,
        )
        with pytest.raises(Forbidden):
            books.look(lambda snapshot: chat.history(snapshot, clara, "caja"))
        with pytest.raises(NotAuthenticated):
            books.look(lambda snapshot: chat.history(snapshot, GUEST, "caja"))
        with pytest.raises(NotFound):
            books.look(lambda snapshot: chat.history(snapshot, ana, "bodega"))


class TestRooms:
    def test_a_room_is_added_once(self, books: TestShop) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        made = books.do(
            lambda transaction: chat_rooms.ensure_room(transaction, beto, "caja")
        )
        assert (
            books.do(
                lambda transaction: chat_rooms.ensure_room(transaction, ana, "caja")
            )
            == made
        )
        for member in (GUEST, books.member(books.clara)):
            with pytest.raises((Forbidden, NotAuthenticated)):
                books.do(
                    lambda transaction, m=member: chat_rooms.ensure_room(  # type: ignore[misc]
                        transaction, m, "caja"
                    )
                )
        for name in ("Caja", "#caja", "", "a b", "x" * 33):
            with pytest.raises(Invalid):
                books.do(
                    lambda transaction, n=name: chat_rooms.ensure_room(
                        transaction, ana, n
                    )  # type: ignore[misc]
                )
        assert books.look(verification.verify) is None

    def test_rooms_are_listed_with_unread_messages_to_those_who_may_enter(
        self, books: TestShop
    ) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        assert books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, clara)) == [
            RoomState("general", 0, 0)
        ]
        add_room(books, "caja")
        speak(books, *[says(ana)] * 3, says(ana, room="caja"))
        books.do(lambda transaction: chat.mark_read(transaction, clara, "general", 2))
        assert books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, clara)) == [
            RoomState("general", 3, 1)
        ]
        assert books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, GUEST)) == [
            RoomState("general", 3, None)
        ]
        assert books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, ana)) == [
            RoomState("caja", 1, 1),
            RoomState("equipo", 0, 0),
            RoomState("general", 3, 3),
        ]

    def test_a_read_mark_goes_neither_back_nor_beyond_the_last_message(
        self, books: TestShop
    ) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        assert (
            books.do(lambda transaction: chat.mark_read(transaction, clara, "general"))
            == 0
        )
        speak(books, *[says(ana)] * 5)

        def unread() -> int | None:
            return books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, clara))[
                0
            ].unread

        for seq, left in ((3, 2), (1, 2), (-4, 2), (4, 1), (10**30, 0), (0, 0)):
            books.do(
                lambda transaction, s=seq: chat.mark_read(  # type: ignore[misc]
                    transaction, clara, "general", s
                )
            )
            assert unread() == left
        speak(books, says(ana))
        assert unread() == 1
        assert (
            books.do(lambda transaction: chat.mark_read(transaction, clara, "general"))
            == 6
        )
        assert (
            books.do(lambda transaction: chat.mark_read(transaction, GUEST, "general"))
            == 6
        )
        assert unread() == 0
        assert books.look(verification.verify) is None


class TestArchiving:
    def test_an_archived_room_is_read_and_not_spoken_in(self, books: TestShop) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        add_room(books, "caja")
        speak(books, says(beto, "uno", "caja"), says(beto, "dos", "caja"))
        books.do(lambda transaction: chat_rooms.archive(transaction, ana, "caja"))
        books.do(lambda transaction: chat_rooms.archive(transaction, ana, "caja"))

        assert isinstance(speak(books, says(beto, "tres", "caja"))[0], RoomArchived)
        with pytest.raises(RoomArchived):
            books.do(
                lambda transaction: chat.edit(transaction, beto, "caja", 1, "uno más")
            )
        assert texts(books, "caja") == ["uno", "dos"]
        books.do(lambda transaction: chat.delete(transaction, beto, "caja", 2))
        states = books.look(lambda snapshot: chat_rooms.list_rooms(snapshot, beto))
        assert [state.name for state in states if state.is_archived] == ["caja"]

        books.do(lambda transaction: chat_rooms.reopen(transaction, ana, "caja"))
        assert said(speak(books, says(beto, "tres", "caja"))[0]).seq == 3
        notes = books.look(
            lambda snapshot: audit.listed(snapshot, SHELL, Window(limit=200))
        ).items
        actions = {Action.ROOM_ARCHIVED, Action.ROOM_REOPENED}
        rows = [row for row, _ in notes if row.action in actions]
        assert [(row.action, row.detail) for row in rows] == [
            (Action.ROOM_REOPENED, '{"room":"caja"}'),
            (Action.ROOM_ARCHIVED, '{"room":"caja"}'),
        ]
        assert books.look(verification.verify) is None

    @pytest.mark.parametrize("room", ["general", "equipo", "alertas"])
    def test_the_rooms_of_the_shop_are_never_archived(
        self, books: TestShop, room: str
    ) -> None:
        ana = books.member(books.ana)
        with pytest.raises(Invalid):
            books.do(lambda transaction: chat_rooms.archive(transaction, ana, room))

    def test_administrators_archive_rooms_that_there_are(self, books: TestShop) -> None:
        add_room(books, "caja")
        refused: list[tuple[Member, str, type[Exception]]] = [
            (GUEST, "caja", NotAuthenticated),
            (books.member(books.clara), "caja", Forbidden),
            (books.member(books.beto), "caja", Forbidden),
            (books.member(books.ana), "patio", NotFound),
        ]
        for deed in (chat_rooms.archive, chat_rooms.reopen):
            for member, room, refusal in refused:
                with pytest.raises(refusal):
                    books.do(
                        lambda transaction, d=deed, m=member, r=room: d(
                            transaction, m, r
                        )  # type: ignore[misc]
                    )

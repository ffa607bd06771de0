"""Speaking in rooms: numbered without gap, kept once, read again, and by whom."""

from pathlib import Path

import pytest
from tests.harness.books import OPENING_DAY_MS, TestShop, ticking

from trastienda.actions import audit, chat, moderation, verification
from trastienda.actions.chat import Speaking
from trastienda.domain.audit import Action
from trastienda.domain.chat import MAX_MESSAGE, Member, Message, RoomState
from trastienda.domain.errors import (
    Banned,
    Forbidden,
    Invalid,
    KeyReused,
    Muted,
    NotAuthenticated,
    NotFound,
    Refusal,
)
from trastienda.domain.events import Event, Kind
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.storage import journal

GUEST = Member(alias="visita", address="192.0.2.7")


def said(answer: Message | Refusal) -> Message:
    assert isinstance(answer, Message), answer
    return answer


def speak(shop: TestShop, *calls: Speaking) -> list[Message | Refusal]:
    return shop.do(lambda transaction: chat.speak(transaction, calls))


def says(
    member: Member,
    text: str = "hola",
    room: str = "general",
    client_id: str | None = None,
) -> Speaking:
    return Speaking(member=member, room=room, text=text, client_id=client_id)


def texts(shop: TestShop, room: str = "general") -> list[str]:
    """All that was said in a room, as its staff read it."""
    found, more = shop.look(
        lambda snapshot: chat.history(snapshot, shop.member(shop.ana), room, limit=200)
    )
    assert not more
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    return [one.text for one in found]


def told_after(shop: TestShop, n: int) -> list[Event]:
    return list(shop.look(lambda snapshot: journal.after(snapshot.connection, n, 1000)))


class TestSpeaking:
    def test_messages_of_each_room_are_numbered_from_one_without_gaps(
        self, books: TestShop
    ) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        first = speak(
            books,
            says(ana, "1"),
            says(beto, "a", "caja"),
            says(GUEST, "2"),
            says(ana, "b", "caja"),
        )
        second = speak(
            books, says(beto, "c", "caja"), says(beto, "x", "bodega"), says(ana, "3")
        )
        assert [(said(one).room, said(one).seq) for one in first + second] == [
            ("general", 1),
            ("caja", 1),
            ("general", 2),
            ("caja", 2),
            ("caja", 3),
            ("bodega", 1),
            ("general", 3),
        ]
        assert [texts(books, room) for room in ("general", "caja", "bodega")] == [
            ["1", "2", "3"],
            ["a", "b", "c"],
            ["x"],
        ]
        assert books.look(verification.verify) is None

    def test_a_refused_call_takes_no_number_and_stops_no_other(
        self, books: TestShop
    ) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        answers = speak(
            books,
            says(clara, "1"),
            says(clara, "no", "caja"),
            says(GUEST, "no", "caja"),
            says(ana, "  "),
            says(ana, "x" * (MAX_MESSAGE + 1)),
            says(ana, "no", client_id=""),
            says(ana, "no", "Caja 1"),
            says(ana, "2"),
        )
        kinds = [type(one) for one in answers]
        assert kinds == [
            Message,
            Forbidden,
            NotAuthenticated,
            Invalid,
            Invalid,
            Invalid,
            Invalid,
            Message,
        ]
        assert texts(books) == ["1", "2"]
        assert [
            room.name
            for room in books.look(lambda snapshot: chat.list_rooms(snapshot, ana))
        ] == ["general"]

    def test_a_batch_of_refusals_writes_nothing(self, books: TestShop) -> None:
        n = books.look(lambda snapshot: snapshot.n)
        assert [
            type(one) for one in speak(books, says(GUEST, ""), says(GUEST, "a", "caja"))
        ] == [
            Invalid,
            NotAuthenticated,
        ]
        assert books.look(lambda snapshot: snapshot.n) == n

    def test_nobody_may_speak_in_the_room_of_alerts(self, books: TestShop) -> None:
        members = [
            books.member(books.ana),
            books.member(books.beto),
            books.member(books.clara),
        ]
        answers = speak(
            books,
            *(says(one, room="alertas") for one in members),
            says(GUEST, room="alertas"),
        )
        assert [type(one) for one in answers] == [
            Forbidden,
            Forbidden,
            Forbidden,
            NotAuthenticated,
        ]

    def test_messages_are_emitted_in_order_to_those_who_may_enter_the_room(
        self, books: TestShop
    ) -> None:
        n = books.look(lambda snapshot: snapshot.n)
        ana = books.member(books.ana)
        answers = speak(books, says(GUEST, "hola"), says(ana, "aquí no", "caja"))
        events = told_after(books, n)
        assert [(event.kind, event.subject) for event in events] == [
            (Kind.MESSAGE, one) for one in answers
        ]
        assert [sorted(event.audience.roles) for event in events] == [
            ["administrator", "cashier", "customer"],
            ["administrator", "cashier"],
        ]

    def test_an_event_has_its_source_in_this_process_only(
        self, books: TestShop
    ) -> None:
        call = Speaking(member=GUEST, room="general", text="hola", source=7)
        assert (
            books.do(
                lambda transaction: (
                    chat.speak(transaction, [call]),
                    transaction.events[-1].source,
                )[1]
            )
            == 7
        )

    def test_rooms_are_limited_but_the_general_one_is_always_added(
        self, books: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chat, "MAX_ROOMS", 2)
        ana = books.member(books.ana)
        answers = speak(
            books, *(says(ana, room=room) for room in ("a", "b", "c", "a", "general"))
        )
        assert [type(one) for one in answers] == [
            Message,
            Message,
            Invalid,
            Message,
            Message,
        ]
        with pytest.raises(Invalid):
            books.do(lambda transaction: chat.ensure_room(transaction, ana, "d"))


class TestOnce:
    def test_a_client_id_twice_in_one_batch_is_one_message(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        first, second = speak(
            books, says(ana, client_id="m1"), says(ana, client_id="m1")
        )
        assert first == second
        assert texts(books) == ["hola"]

    def test_a_repeated_message_is_answered_with_the_first_even_after_a_restart(
        self, books: TestShop, tmp_path: Path
    ) -> None:
        ana = books.member(books.ana)
        first = speak(books, says(ana, client_id="m1"))
        n = books.look(lambda snapshot: snapshot.n)
        assert speak(books, says(ana, client_id="m1")) == first
        assert (
            speak(
                books, says(books.member(books.beto), "otro"), says(ana, client_id="m1")
            )[1]
            == first[0]
        )
        assert texts(books) == ["hola", "otro"]
        assert [event.kind for event in told_after(books, n)] == [Kind.MESSAGE]

    def test_another_message_under_the_same_client_id_is_refused(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        answers = speak(
            books, says(ana, client_id="m1"), says(ana, "otra cosa", client_id="m1")
        )
        assert isinstance(answers[1], KeyReused)
        for other in (
            says(ana, "otra cosa", client_id="m1"),
            says(ana, room="caja", client_id="m1"),
        ):
            assert isinstance(speak(books, other)[0], KeyReused)

    def test_a_repeat_of_an_edited_or_deleted_message_is_the_same(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        speak(books, says(ana, client_id="m1"), says(ana, "chao", client_id="m2"))
        books.do(
            lambda transaction: chat.edit(transaction, ana, "general", 1, "buenas")
        )
        books.do(lambda transaction: chat.delete(transaction, ana, "general", 2))
        again = speak(
            books, says(ana, client_id="m1"), says(ana, "chao", client_id="m2")
        )
        assert [(said(one).seq, said(one).text) for one in again] == [
            (1, "buenas"),
            (2, ""),
        ]

    def test_the_same_client_id_of_another_sender_is_another_message(
        self, books: TestShop
    ) -> None:
        members = [books.member(books.ana), books.member(books.beto), GUEST]
        answers = speak(
            books, *(says(one, one.alias, client_id="m1") for one in members)
        )
        assert [said(one).seq for one in answers] == [1, 2, 3]

    def test_a_muted_sender_still_gets_the_answer_to_a_repeat(
        self, books: TestShop
    ) -> None:
        beto = books.member(books.beto)
        first = speak(books, says(beto, client_id="m1"))
        books.do(
            lambda transaction: moderation.mute(
                transaction, books.member(books.ana), [beto.key], "Beto", 10
            )
        )
        assert speak(books, says(beto, client_id="m1")) == first

    def test_a_refused_message_leaves_its_client_id_free(self, books: TestShop) -> None:
        ana = books.member(books.ana)
        answers = speak(
            books, says(ana, " ", client_id="m1"), says(ana, client_id="m1")
        )
        assert said(answers[1]).seq == 1


class TestSilence:
    def test_a_mute_ends_by_the_clock(self, books: TestShop) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        books.clock = ticking(OPENING_DAY_MS, 0)
        speak(books, says(beto))
        books.do(
            lambda transaction: moderation.mute(transaction, ana, [beto.key], "Beto", 2)
        )
        books.clock = ticking(OPENING_DAY_MS + 119_001, 0)
        answers = speak(books, says(beto), says(ana, "sí"))
        assert isinstance(answers[0], Muted)
        assert answers[0].left_s == 1
        assert said(answers[1]).seq == 2
        with pytest.raises(Muted):
            books.do(
                lambda transaction: chat.edit(
                    transaction, beto, "general", 1, "otra cosa"
                )
            )
        books.clock = ticking(OPENING_DAY_MS + 120_000, 0)
        assert said(speak(books, says(beto))[0]).seq == 3

    def test_a_ban_has_no_end_and_outweighs_a_mute(self, books: TestShop) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        books.do(
            lambda transaction: moderation.mute(
                transaction, ana, [clara.key], "Clara", 1
            )
        )
        books.do(
            lambda transaction: moderation.ban(transaction, ana, [clara.key], "Clara")
        )
        assert isinstance(speak(books, says(clara))[0], Banned)
        books.clock = ticking(OPENING_DAY_MS + 10**12)
        assert isinstance(speak(books, says(clara))[0], Banned)

    def test_another_alias_from_the_same_address_is_muted_too(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        other = Member(alias="otra", address=GUEST.address)
        books.do(
            lambda transaction: moderation.mute(
                transaction, ana, [*GUEST.keys], "visita", 5
            )
        )
        answers = speak(
            books,
            says(GUEST),
            says(other),
            says(Member(alias="lejos", address="192.0.2.8")),
        )
        assert [type(one) for one in answers] == [Muted, Muted, Message]

    def test_a_mute_of_an_address_does_not_mute_accounts_there(
        self, books: TestShop
    ) -> None:
        ana = books.member(books.ana)
        books.do(
            lambda transaction: moderation.ban(
                transaction, ana, [*GUEST.keys], "visita"
            )
        )
        beside = Member(alias="Clara", actor=books.clara, address=GUEST.address)
        assert said(speak(books, says(beside))[0]).seq == 1


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

    def test_a_guest_cannot_edit_what_an_earlier_guest_of_that_alias_said(
        self, books: TestShop
    ) -> None:
        earlier = Member(alias="visita", since_ms=OPENING_DAY_MS)
        message = said(speak(books, says(earlier))[0])
        later = Member(alias="Visita", since_ms=message.at_ms + 1)
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
                    transaction, earlier, "general", 1, "buenas"
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
        made = books.do(lambda transaction: chat.ensure_room(transaction, beto, "caja"))
        assert (
            books.do(lambda transaction: chat.ensure_room(transaction, ana, "caja"))
            == made
        )
        for member in (GUEST, books.member(books.clara)):
            with pytest.raises((Forbidden, NotAuthenticated)):
                books.do(
                    lambda transaction, m=member: chat.ensure_room(  # type: ignore[misc]
                        transaction, m, "caja"
                    )
                )
        for name in ("Caja", "#caja", "", "a b", "x" * 33):
            with pytest.raises(Invalid):
                books.do(
                    lambda transaction, n=name: chat.ensure_room(transaction, ana, n)  # type: ignore[misc]
                )
        assert books.look(verification.verify) is None

    def test_rooms_are_listed_with_unread_messages_to_those_who_may_enter(
        self, books: TestShop
    ) -> None:
        ana, clara = books.member(books.ana), books.member(books.clara)
        assert books.look(lambda snapshot: chat.list_rooms(snapshot, clara)) == [
            RoomState("general", 0, 0)
        ]
        speak(books, *[says(ana)] * 3, says(ana, room="caja"))
        books.do(lambda transaction: chat.mark_read(transaction, clara, "general", 2))
        assert books.look(lambda snapshot: chat.list_rooms(snapshot, clara)) == [
            RoomState("general", 3, 1)
        ]
        assert books.look(lambda snapshot: chat.list_rooms(snapshot, GUEST)) == [
            RoomState("general", 3, None)
        ]
        assert books.look(lambda snapshot: chat.list_rooms(snapshot, ana)) == [
            RoomState("caja", 1, 1),
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
            return books.look(lambda snapshot: chat.list_rooms(snapshot, clara))[
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

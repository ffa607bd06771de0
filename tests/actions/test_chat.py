"""Speaking in rooms: numbered without gap, kept once, and by whom."""

from pathlib import Path

import pytest
from tests.harness.books import OPENING_DAY_MS, TestShop, ticking
from tests.harness.talk import GUEST, add_room, said, says, speak, texts, told_after

from trastienda.actions import chat, chat_rooms, moderation, verification
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import MAX_MESSAGE, Member, Message
from trastienda.domain.errors import (
    Banned,
    Forbidden,
    Invalid,
    KeyReused,
    Muted,
    NotAuthenticated,
    NotFound,
)
from trastienda.domain.events import Kind


class TestSpeaking:
    def test_messages_of_each_room_are_numbered_from_one_without_gaps(
        self, books: TestShop
    ) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        add_room(books, "caja")
        add_room(books, "bodega")
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
            says(ana, "no", "caja"),
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
            NotFound,
            Message,
        ]
        assert texts(books) == ["1", "2"]
        assert [
            room.name
            for room in books.look(
                lambda snapshot: chat_rooms.list_rooms(snapshot, ana)
            )
        ] == ["equipo", "general"]

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
        answers = speak(books, says(GUEST, "hola"), says(ana, "aquí no", "equipo"))
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
        monkeypatch.setattr(chat_rooms, "MAX_ROOMS", 2)
        ana = books.member(books.ana)
        add_room(books, "a")
        add_room(books, "b")
        with pytest.raises(Invalid):
            add_room(books, "c")
        add_room(books, "a")
        books.do(lambda transaction: chat_rooms.archive(transaction, ana, "a"))
        add_room(books, "c")
        with pytest.raises(Invalid):
            books.do(lambda transaction: chat_rooms.reopen(transaction, ana, "a"))
        said(speak(books, says(ana))[0])


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
        other = Member(alias="otra", guest_id="2f", address=GUEST.address)
        books.do(
            lambda transaction: moderation.mute(
                transaction, ana, [*GUEST.keys], "visita", 5
            )
        )
        answers = speak(
            books,
            says(GUEST),
            says(other),
            says(Member(alias="lejos", guest_id="3f", address="192.0.2.8")),
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

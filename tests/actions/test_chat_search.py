"""Searching in what was said: by the beginnings of words, without regard to accents or
case, where one may enter.
"""

from collections.abc import Sequence

import pytest
from tests.harness.books import TestShop
from tests.harness.talk import add_room

from trastienda.actions import chat, chat_rooms
from trastienda.domain.chat import Member
from trastienda.domain.errors import Forbidden, Invalid, NotAuthenticated, NotFound

GUEST = Member(alias="visita", guest_id="1f", address="192.0.2.7")


def found(
    shop: TestShop, text: str, member: Member | None = None, room: str | None = None
) -> list[str]:
    who = member or shop.member(shop.ana)
    return [
        one.text
        for one in shop.look(lambda snapshot: chat.search(snapshot, who, text, room))
    ]


def heard(shop: TestShop, *texts: str, room: str = "general") -> None:
    add_room(shop, room)
    shop.say(*((shop.member(shop.ana), room, text) for text in texts))


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ("cafe", ["CAFÉS", "un café"]),
        ("CAFÉ", ["CAFÉS", "un café"]),
        ("café", ["CAFÉS", "un café"]),
        ("cafés", ["CAFÉS"]),
        ("caf", ["CAFÉS", "un café"]),
        ("afé", []),
        ("café un", ["un café"]),
        ("café té", []),
        ("anos", ["dos años"]),
        ("dos-años", ["dos años"]),
    ],
)
def test_a_search_ignores_accents_and_case_and_takes_beginnings_of_words(
    books: TestShop, asked: str, texts: Sequence[str]
) -> None:
    heard(books, "un café", "CAFÉS", "té", "dos años")
    assert found(books, asked) == texts


def test_decomposed_accents_are_found(books: TestShop) -> None:
    heard(books, "dos cafe\u0301s solos", "dos cafés solos")
    for asked in ("cafe\u0301s solos", "cafés solos", "cafes solos"):
        assert len(found(books, asked)) == 2


def test_an_edited_message_is_found_by_its_new_text(books: TestShop) -> None:
    ana = books.member(books.ana)
    heard(books, "leche", "queso")
    books.do(lambda transaction: chat.edit(transaction, ana, "general", 1, "pan"))
    assert [found(books, word) for word in ("leche", "pan", "queso")] == [
        [],
        ["pan"],
        ["queso"],
    ]
    books.do(lambda transaction: chat.edit(transaction, ana, "general", 1, "leche"))
    assert [found(books, word) for word in ("leche", "pan")] == [["leche"], []]


def test_a_deleted_message_is_not_found(books: TestShop) -> None:
    ana = books.member(books.ana)
    heard(books, "leche uno", "leche dos")
    books.do(
        lambda transaction: chat.edit(transaction, ana, "general", 1, "leche tres")
    )
    books.do(lambda transaction: chat.delete(transaction, ana, "general", 1))
    assert found(books, "leche") == ["leche dos"]


def test_a_search_finds_only_what_the_member_may_read(books: TestShop) -> None:
    clara = books.member(books.clara)
    heard(books, "leche en general")
    heard(books, "leche en caja", room="caja")
    heard(books, "leche en bodega", room="bodega")
    assert sorted(found(books, "leche")) == [
        "leche en bodega",
        "leche en caja",
        "leche en general",
    ]
    assert found(books, "leche", room="caja") == ["leche en caja"]
    for member in (clara, GUEST):
        assert found(books, "leche", member) == ["leche en general"]
    for member, refusal in ((clara, Forbidden), (GUEST, NotAuthenticated)):
        with pytest.raises(refusal):
            found(books, "leche", member, "caja")
    with pytest.raises(NotFound):
        found(books, "leche", room="patio")


def test_the_newest_messages_of_all_rooms_come_first(books: TestShop) -> None:
    for number in range(40):
        heard(books, f"leche {number}", room=f"sala-{number % 3}")
    assert found(books, "leche") == [f"leche {number}" for number in range(39, 19, -1)]
    assert found(books, "leche", room="sala-1") == [
        f"leche {number}" for number in range(37, 0, -3)
    ]


@pytest.mark.parametrize(
    "asked",
    [
        'leche "',
        '"leche"',
        "leche*",
        "-leche",
        "^leche",
        "text:leche",
        "{leche}",
        "(leche",
        "leche + leche",
        "leche' OR 1=1 --",
        "\x00leche",
        "_ leche",
        "🥛 leche",
        "leche 🥛",
        "NEAR(leche, 5)",
        "leche AND",
        "NOT leche",
        "OR leche OR",
        "leche\n\tleche",
        "leche\u202e",
        "leche " * 2000,
    ],
)
def test_operators_of_the_search_engine_are_plain_words(
    books: TestShop, asked: str
) -> None:
    heard(books, "leche fresca", "AND OR NOT NEAR 1 5 text leche")
    answers = found(books, asked)
    assert answers
    assert set(answers) <= {"leche fresca", "AND OR NOT NEAR 1 5 text leche"}


@pytest.mark.parametrize("asked", ["", "   ", "🥛", "%", '"', "*", "¿?", "- -"])
def test_a_search_without_a_word_is_refused(books: TestShop, asked: str) -> None:
    with pytest.raises(Invalid):
        found(books, asked)


@pytest.mark.parametrize("asked", ["_", "__ _", "w1 " * 20, "日本", "𐐀"])
def test_a_word_that_nobody_said_is_not_found(books: TestShop, asked: str) -> None:
    heard(books, "leche")
    assert found(books, asked) == []
    assert found(books, asked, room="general") == []


def test_nothing_is_found_in_an_empty_room(books: TestShop) -> None:
    assert found(books, "leche", GUEST, "general") == []
    assert found(books, "leche") == []
    books.do(
        lambda transaction: chat_rooms.ensure_room(
            transaction, books.member(books.ana), "caja"
        )
    )
    assert found(books, "leche", room="caja") == []

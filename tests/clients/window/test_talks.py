"""What a window holds of a talk, and how it is drawn, without a screen."""

import random
from datetime import UTC, date, datetime, timedelta

from trastienda.clients.window.segments import segments
from trastienda.clients.window.talks import Message, Talk, Talks, notice

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def said(
    seq: int | None, text: str = "", minutes: int = 0, author: str = "beto"
) -> Message:
    at = AT + timedelta(minutes=minutes)
    return Message(author=author, text=text or str(seq), at=at, seq=seq)


def texts(talk: Talk) -> list[str]:
    return [message.text for message in talk.messages]


def drawn(message: Message, before: Message | None = None, alias: str = "ana") -> str:
    return "".join(text for text, _ in segments(message, before, alias, TODAY))


def test_messages_stand_by_their_numbers_however_they_come() -> None:
    order = list(range(1, 60))
    random.Random(7).shuffle(order)
    talk = Talk("general", is_private=False)
    for seq in order:
        talk.add(said(seq))
    assert [message.seq for message in talk.messages] == sorted(order)


def test_what_is_not_said_yet_stays_below_what_comes() -> None:
    talk = Talk("general", is_private=False)
    talk.add(said(1))
    waiting = said(None, "espera")
    waiting.is_waiting = True
    talk.add(waiting)
    talk.add(notice("pedro se ha unido al chat.", AT))
    talk.add(said(2))
    assert texts(talk) == ["1", "pedro se ha unido al chat.", "2", "espera"]
    talk.remove(waiting)
    waiting.is_waiting, waiting.seq = False, 3
    assert talk.add(waiting) == 3


def test_coming_back_to_a_room_keeps_what_has_no_gap() -> None:
    talk = Talk("bodega", is_private=False)
    talk.merge([said(seq) for seq in range(1, 21)], has_older=False)
    talk.merge([said(seq) for seq in range(15, 35)], has_older=True)
    assert [message.seq for message in talk.messages] == list(range(1, 35))
    assert not talk.has_older


def test_coming_back_after_a_gap_starts_anew_and_can_be_read_back() -> None:
    talk = Talk("bodega", is_private=False)
    talk.merge([said(seq) for seq in range(1, 21)], has_older=False)
    talk.merge([said(seq) for seq in range(40, 60)], has_older=True)
    assert talk.first_seq == 40
    assert talk.has_older
    talk.prepend([said(seq) for seq in range(20, 45)])
    assert [message.seq for message in talk.messages] == list(range(20, 60))


def test_a_private_talk_goes_on_under_another_name() -> None:
    talks = Talks()
    talk = talks.private("pedro")
    talks.rename("pedro", "don_pedro")
    assert talks.private("don_pedro") is talk
    assert talk.title == "don_pedro"


def test_an_author_is_written_once_for_what_they_say_in_a_row() -> None:
    first, soon, late = said(1), said(2, minutes=2), said(3, minutes=30)
    assert drawn(first) == "hoy\nbeto  10:15\n1\n"
    assert drawn(soon, first) == "2\n"
    assert drawn(late, soon) == "beto  10:45\n3\n"
    assert drawn(said(4, minutes=3, author="ana"), soon).startswith("ana  ")


def test_days_are_said_as_people_do() -> None:
    assert drawn(said(1, minutes=-24 * 60)).startswith("ayer\n")
    assert drawn(said(1, minutes=-3 * 24 * 60)).startswith("viernes 27 de febrero\n")
    assert drawn(said(1, minutes=-365 * 24 * 60)).startswith(
        "domingo 2 de marzo de 2025\n"
    )


def test_names_links_and_emoji_are_set_apart() -> None:
    text = "Ana, mira https://ejemplo.cl/pan 🍞 y avisa a anabel"
    styles = {
        words: styles[-1]
        for words, styles in segments(said(1, text), said(0), "ana", TODAY)
        if len(styles) > 1
    }
    assert styles == {"Ana": "mention", "https://ejemplo.cl/pan": "link", "🍞": "emoji"}


def test_what_was_taken_back_corrected_or_refused_says_so() -> None:
    message = said(1, "hola")
    message.is_edited = True
    assert drawn(message, said(0)) == "hola (corregido)\n"
    message.is_deleted = True
    assert drawn(message, said(0)) == "mensaje borrado\n"
    refused = said(None, "hola")
    refused.refusal = "Estás en silencio."
    assert drawn(refused, said(0)) == "hola  No se envió. Estás en silencio.\n"

"""Entries of the chat's log: of messages, only what was said in a room has a text."""

import pytest

from trastienda.domain.chat import Message
from trastienda.domain.chat_entries import (
    WITH_TEXT,
    EntryKind,
    PublicEntry,
    message_entry,
)

SPOKEN = Message(
    room="general", seq=4, at_ms=1000, sender="u3", alias="Clara", text="hola"
)


def test_what_was_said_is_an_entry_with_its_text_number_and_speaker() -> None:
    assert message_entry(SPOKEN, "10.0.0.7", "clara") == PublicEntry(
        kind=EntryKind.MESSAGE,
        at_ms=1000,
        address="10.0.0.7",
        alias="Clara",
        username="clara",
        room="general",
        seq=4,
        text="hola",
    )


def test_what_was_edited_is_an_entry_of_the_moment_of_the_change() -> None:
    edited = Message(
        room="general",
        seq=4,
        at_ms=1000,
        sender="u3",
        alias="Clara",
        text="¡hola!",
        edited_at_ms=2000,
    )
    entry = message_entry(edited)
    assert (entry.kind, entry.at_ms, entry.text) == (EntryKind.EDITED, 2000, "¡hola!")


@pytest.mark.parametrize("kind", sorted(set(EntryKind) - WITH_TEXT))
def test_no_other_kind_of_entry_can_hold_a_text(kind: EntryKind) -> None:
    with pytest.raises(ValueError, match="no text"):
        PublicEntry(kind=kind, at_ms=0, room="general", text="secreto")


def test_what_has_no_room_or_a_recipient_cannot_hold_a_text() -> None:
    kind = EntryKind.MESSAGE
    with pytest.raises(ValueError, match="no text"):
        PublicEntry(kind=kind, at_ms=0, text="secreto")
    with pytest.raises(ValueError, match="no text"):
        PublicEntry(kind=kind, at_ms=0, room="general", other="Beto", text="secreto")

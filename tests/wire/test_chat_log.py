"""The chat's entries, as a person and as a program read them in the logs."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from trastienda.domain.chat_entries import Entry, EntryKind, LostEntries, PublicEntry
from trastienda.wire.chat_log import encoder

AT_MS = 1_795_285_201_250
"""21 November 2026, 15:20:01 in Santiago, and a quarter of a second."""
LINES = encoder(lambda: ZoneInfo("America/Santiago"))
KINDS = [kind for kind in EntryKind if kind is not EntryKind.LOST]


def told(kind: EntryKind, **more: Any) -> tuple[str, dict[str, Any]]:
    entry = (
        PublicEntry(kind=kind, at_ms=AT_MS, **more)
        if "text" in more
        else Entry(kind=kind, at_ms=AT_MS, **more)
    )
    line, one = LINES(entry)
    return line, json.loads(one)


@pytest.mark.parametrize(
    ("kind", "more", "sentence", "evento"),
    [
        (
            EntryKind.CONNECTED,
            {"address": "127.0.0.1"},
            "127.0.0.1 se conectó.",
            "conexion",
        ),
        (
            EntryKind.DISCONNECTED,
            {"address": "::1"},
            "::1 se desconectó.",
            "desconexion",
        ),
        (
            EntryKind.MESSAGE,
            {"alias": "Beto", "room": "general", "text": "hola"},
            "[general] Beto: hola",
            "mensaje",
        ),
        (
            EntryKind.PRIVATE,
            {"alias": "Beto", "other": "Ana"},
            "Beto habló en privado con Ana.",
            "privado",
        ),
        (
            EntryKind.JOINED,
            {"alias": "Beto", "room": "general"},
            "Beto se ha unido al chat.",
            "union",
        ),
        (EntryKind.LEFT, {"alias": "Beto"}, "Beto ha salido del chat.", "salida"),
        (
            EntryKind.RENAMED,
            {"alias": "Beto", "other": "Tito"},
            "Beto ahora es Tito.",
            "nombre",
        ),
        (
            EntryKind.ROOM,
            {"alias": "Beto", "room": "bodega"},
            "Beto entró en la sala bodega.",
            "sala",
        ),
        (
            EntryKind.LOGGED_IN,
            {"alias": "Ana", "username": "ana"},
            "Ana entró con la cuenta ana.",
            "entrada",
        ),
        (
            EntryKind.EDITED,
            {"alias": "Ana", "room": "general", "seq": 7, "text": "no"},
            "[general] Ana cambió su mensaje 7: no",
            "edicion",
        ),
        (
            EntryKind.DELETED,
            {"alias": "Ana", "room": "general", "seq": 7},
            "[general] Ana borró el mensaje 7.",
            "borrado",
        ),
        (
            EntryKind.KICKED,
            {"alias": "Ana", "other": "Beto"},
            "Ana expulsó a Beto.",
            "expulsion",
        ),
        (
            EntryKind.MUTED,
            {"alias": "Ana", "other": "Beto"},
            "Ana silenció a Beto.",
            "silencio",
        ),
        (
            EntryKind.BANNED,
            {"alias": "Ana", "other": "Beto"},
            "Ana bloqueó a Beto.",
            "bloqueo",
        ),
        (
            EntryKind.UNBANNED,
            {"alias": "Ana", "other": "Beto"},
            "Ana desbloqueó a Beto.",
            "desbloqueo",
        ),
    ],
)
def test_each_kind_has_a_sentence_and_a_word(
    kind: EntryKind, more: dict[str, Any], sentence: str, evento: str
) -> None:
    line, one = told(kind, **more)
    assert line == f"2026-11-21 15:20:01 {sentence}"
    assert one["evento"] == evento
    assert one["marca_temporal"] == "2026-11-21T15:20:01.250-03:00"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_tables(kind: EntryKind) -> None:
    line, one = told(kind, alias="Ana")
    assert "{" not in line
    assert one["evento"]


def test_an_object_has_no_fields_that_are_null() -> None:
    _, said = told(
        EntryKind.MESSAGE,
        alias="Clara",
        username="clara",
        address="10.0.0.7",
        room="general",
        seq=12,
        text="¿hay pan?",
    )
    del said["marca_temporal"]
    assert said == {
        "evento": "mensaje",
        "alias": "Clara",
        "usuario": "clara",
        "direccion": "10.0.0.7",
        "sala": "general",
        "seq": 12,
        "texto": "¿hay pan?",
    }
    assert set(told(EntryKind.CONNECTED, address="10.0.0.7")[1]) == {
        "marca_temporal",
        "evento",
        "direccion",
    }


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (EntryKind.PRIVATE, "para"),
        (EntryKind.RENAMED, "nuevo"),
        (EntryKind.KICKED, "objetivo"),
        (EntryKind.UNBANNED, "objetivo"),
    ],
)
def test_the_other_person_stands_in_a_field_by_kind(
    kind: EntryKind, field: str
) -> None:
    assert told(kind, alias="Ana", other="Beto")[1][field] == "Beto"


def test_lost_entries_are_logged_as_a_number() -> None:
    line, one = LINES(LostEntries(at_ms=AT_MS, count=17))
    assert line.endswith(" Se perdieron anotaciones: 17.")
    assert json.loads(one)["cantidad"] == 17


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (EntryKind.PRIVATE, {"room": "general"}),
        (EntryKind.MESSAGE, {}),
        (EntryKind.MESSAGE, {"room": "general", "other": "Ana"}),
    ],
)
def test_only_public_messages_can_hold_a_text(
    kind: EntryKind, more: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="no text"):
        PublicEntry(kind=kind, at_ms=AT_MS, alias="Beto", text="secreto", **more)
    with pytest.raises(TypeError):
        Entry(kind=kind, at_ms=AT_MS, alias="Beto", text="secreto", **more)  # type: ignore[call-arg]


def test_braces_in_a_text_stay_as_they_are() -> None:
    assert told(EntryKind.MESSAGE, alias="{room}", room="general", text="{alias}")[
        0
    ].endswith("{room}: {alias}")

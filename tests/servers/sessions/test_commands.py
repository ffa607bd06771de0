"""The table of commands, which the help and the reference page are made of."""

import inspect
import re
from collections import Counter

import pytest
from msgspec.structs import fields

from trastienda.servers.sessions.command import Command
from trastienda.servers.sessions.commands import BY_WORD, COMMANDS
from trastienda.servers.sessions.session import Mode


def ids(command: Command) -> str:
    return command.word


def names(command: Command) -> set[str]:
    return {field.encode_name for field in fields(command.arguments)}


def test_every_word_means_one_command() -> None:
    words = Counter(
        (mode, word)
        for one in COMMANDS
        for mode in one.modes
        for word in (one.word, *one.aliases)
    )
    assert [word for word, times in words.items() if times > 1] == []
    assert set(BY_WORD) == set(words)


def test_the_words_of_the_earlier_programs_are_there() -> None:
    assert {
        (Mode.CHAT, word) for word in ("nombre", "usuarios", "exit", "salir")
    } <= set(BY_WORD)
    assert {
        (Mode.INVENTORY, word) for word in ("ver", "comprar", "devolver", "salir")
    } <= set(BY_WORD)


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_a_word_is_one_that_can_be_typed(command: Command) -> None:
    for word in (command.word, *command.aliases):
        assert re.fullmatch(r"[a-z]+", word)
    assert command.modes


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_a_help_text_fits_into_a_line(command: Command) -> None:
    assert 0 < len(command.help) <= 90
    assert command.help[0].islower()
    assert not command.help.endswith(".")


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_people_fill_in_fields_of_the_arguments(command: Command) -> None:
    assert set(command.fields) <= names(command)
    assert set(command.number_fields) <= set(command.fields)
    assert set(command.field_aliases.values()) <= names(command)
    assert command.field_aliases.keys().isdisjoint(names(command))


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_unknown_fields_are_refused(command: Command) -> None:
    assert command.arguments.__struct_config__.forbid_unknown_fields


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_required_fields_stand_in_the_usage_without_brackets(
    command: Command,
) -> None:
    if command.for_programs:
        assert (command.usage, command.fields) == ("", ())
        return
    needed = [field for field in fields(command.arguments) if field.required]
    written = re.sub(r"\[[^\]]*\]", "", command.usage).split()
    assert len(written) == len(needed)
    assert bool(command.usage) == bool(command.fields)


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_only_keyed_handlers_take_a_key(command: Command) -> None:
    assert len(inspect.signature(command.handler).parameters) == (
        3 if command.keyed else 2
    )

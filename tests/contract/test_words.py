"""What the shop says, word for word: each Spanish sentence stands in a file of ``golden/``,
and nowhere else in tests.

``python -m tests.contract.test_words`` writes those files anew after a sentence has changed:
read the difference.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.wire.test_refusals import KINDS, example

from trastienda.cli import main
from trastienda.domain import errors
from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import Invalid, Refusal
from trastienda.servers.sessions.command import slash
from trastienda.servers.sessions.commands import COMMANDS
from trastienda.servers.sessions.session import Mode
from trastienda.wire import chat_log, closings, misuses, reasons, refusals
from trastienda.wire.lines import sentences
from trastienda.wire.lines.framing import Fault

GOLDEN = Path(__file__).parent / "golden"
WIDTH = 80


def all_refusals() -> Iterator[str]:
    """Each refusal: status, code, title, sentence."""
    for kind in KINDS:
        shown = refusals.refusal_out(example(kind))
        yield f"{shown.status} {shown.code} | {shown.title} | {shown.detail}"
    for name, value in vars(misuses).items():
        if isinstance(value, refusals.Problem):
            yield f"{name} | {value.title} | {value.detail}"


def reason_texts() -> Iterator[str]:
    """Each reason for which a field is refused."""
    for reason, words in sorted(reasons.REASONS.items()):
        yield f"{reason}: {words}"


def refusals_by_line() -> Iterator[str]:
    """What the line ports add to a refusal for people."""
    for kind in KINDS:
        yield sentences.refused_command(example(kind), "/comprar CODIGO", "/")
    examples: list[Refusal] = [Invalid("q", "required"), errors.NotAuthenticated()]
    for refusal in examples:
        yield sentences.refused_command(refusal, None, "")
    for fault in Fault:
        yield sentences.fault(fault)
    yield sentences.unknown_command("nada", "/")


def closing_texts() -> Iterator[str]:
    """Why a connection is closed."""
    for reason in ClosingReason:
        yield f"{reason.name}: {closings.TABLE[reason].line}"


def line_texts() -> Iterator[str]:
    """Sentences of the line ports that hold nothing."""
    for name, value in sorted(vars(sentences).items()):
        if name.isupper() and not name.startswith("_") and isinstance(value, str):
            yield f"{name}: {value}"


def help_texts() -> Iterator[str]:
    """The help of each port: usage and what a command does."""
    for mode in (Mode.CHAT, Mode.INVENTORY):
        yield f"# {mode.name}"
        for command in COMMANDS:
            if mode in command.modes and not command.for_programs:
                yield sentences.help_line(
                    command.word,
                    command.usage,
                    command.aliases,
                    command.help,
                    slash(mode),
                )
    yield from sentences.BUYING_TAKES.values()
    yield from sentences.NO_BUYING.values()


def log_texts() -> Iterator[str]:
    """What the chat's log file says."""
    for kind, sentence in chat_log._SENTENCES.items():
        yield f"{kind.name}: {sentence}"


def shell_help() -> Iterator[str]:
    """``--help`` of every command."""
    for path in sorted(_command_paths(main, [])):
        runner = CliRunner().invoke(
            main,
            [*path, "--help"],
            prog_name="trastienda",
            terminal_width=WIDTH,
            env={"HOME": "/home/ana"},
        )
        yield f"$ trastienda {' '.join([*path, '--help'])}"
        yield runner.output


def _command_paths(command: click.Command, path: list[str]) -> Iterator[list[str]]:
    yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command_paths(inner, [*path, name])


TEXTS: dict[str, Callable[[], Iterator[str]]] = {
    "closings": closing_texts,
    "help": help_texts,
    "lines": line_texts,
    "log": log_texts,
    "reasons": reason_texts,
    "refusals": all_refusals,
    "refusals_by_line": refusals_by_line,
    "shell_help": shell_help,
}


def rendered(name: str) -> str:
    return "".join(f"{line}\n" for line in TEXTS[name]())


@pytest.mark.parametrize("name", TEXTS)
def test_the_shop_says_what_is_written_down(name: str) -> None:
    written = (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert rendered(name) == written, "run: python -m tests.contract.test_words"


def test_every_golden_file_is_compared() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(TEXTS)


def write() -> None:
    """Write every file anew."""
    for name in TEXTS:
        (GOLDEN / f"{name}.txt").write_text(rendered(name), "utf-8")
        sys.stdout.write(f"{name}.txt\n")


if __name__ == "__main__":
    write()

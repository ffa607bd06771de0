"""The command line is in Spanish throughout, with an explanation of each option."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.harness.shell import shell

from trastienda.cli import COMMANDS, main, spanish

ENGLISH = re.compile(
    r"\b(the|and|of|is|not|no such|did you mean|usage|try|help|missing|options?"
    r"|arguments?|commands?|error|invalid|value|file|directory|path|text|integer|show"
    r"|message|exit|default|required|unexpected|got|extra|must|be|does|exist"
    r"|requires?|takes?|choose|from|with|for|aborted|version)\b",
    re.IGNORECASE,
)
KNOWN = re.compile(
    # what is typed, which is English: commands, options, names of files and of programs
    r"«[^»]*»|'[^']*'|--?[a-z][a-z-]*|\[[^\]]*\|[^\]]*\]"
    r"|\b(no|data|trastienda( [a-z]+)+)\b|[~$./]\S+|\S+=\S+"
)


def every_command() -> Iterator[list[str]]:
    def below(command: click.Command, path: list[str]) -> Iterator[list[str]]:
        yield path
        if isinstance(command, click.Group):
            for name in command.commands:
                yield from below(command.commands[name], [*path, name])

    return below(main, [])


PATHS = list(every_command())
NO_EXAMPLES = {"import", "export", "backup", "restore"}
"""Commands whose help has no examples yet."""


def command_at(path: list[str]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        main, list(arguments), prog_name="trastienda", terminal_width=80
    )
    return done.exit_code, done.output


def english(text: str) -> list[str]:
    names = "|".join(
        sorted({word for path in PATHS for word in path}, key=len, reverse=True)
    )
    without = re.sub(rf"^ +({names})\b", "", KNOWN.sub(" ", text), flags=re.MULTILINE)
    return [word[0] for word in ENGLISH.finditer(without)]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_help_is_in_spanish_and_explains_each_option(path: list[str]) -> None:
    code, text = run(*path, "--help")
    assert code == 0
    assert text.startswith("Uso: trastienda")
    assert english(text) == []
    context = click.Context(command_at(path), info_name="trastienda")
    for parameter in command_at(path).get_params(context):
        explained = parameter.get_help_record(context)
        if isinstance(parameter, click.Option):
            assert explained is not None
            assert explained[1], parameter
            assert explained[1].split("  [")[0].endswith("."), parameter


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if path and path[0] not in NO_EXAMPLES],
    ids=" ".join,
)
def test_every_command_shows_its_usage(path: list[str]) -> None:
    _, text = run(*path, "--help")
    assert "trastienda " + " ".join(path) in text.partition("\n")[2]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["srve"], "no existe el comando 'srve'. ¿Quisiste decir"),
        (["serve", "--prot", "1"], "no existe la opción '--prot'. ¿Quisiste decir"),
        (["serve", "--zzz"], "no existe la opción '--zzz'."),
        (["serve", "--port"], "la opción '--port' necesita un valor."),
        (["serve", "--port", "cinco"], "'--port': debe ser un puerto, de 0 a 65535."),
        (["serve", "--port", "99999"], "'--port': debe ser un puerto, de 0 a 65535."),
        (["serve", "--https=si"], "la opción '--https' no lleva valor."),
        (["serve", "hoy"], "sobra 'hoy'."),
        (["serve", "hoy", "mismo"], "sobran estas palabras: hoy mismo."),
        (["verify", "--data", __file__], "es un archivo, no una carpeta."),
        (["import"], "falta 'ARCHIVO'."),
        (["import", "no-hay.csv"], "'no-hay.csv' no existe."),
        (["import", "/"], "es una carpeta, no un archivo."),
        (["user", "add", "1-9"], "falta 'NOMBRE'."),
        (
            ["user", "add", "1-9", "Ana", "ana", "--tipo", "Jefe"],
            "'Jefe' no es una de las opciones",
        ),
        (["user", "ad"], "no existe el comando 'ad'. ¿Quisiste decir 'add'?"),
        (["completion"], "falta 'TERMINAL'. Puede ser:"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_use_is_reported_in_spanish_with_what_to_do(
    typed: list[str], sentence: str
) -> None:
    code, text = run(*typed)
    assert code == 2
    assert sentence in text
    assert "\ntrastienda: " in f"\n{text}"
    assert english(text) == []


def test_the_table_has_the_words_that_click_asks_for() -> None:
    """A newer Click that asks otherwise is noticed here."""
    folder = Path(click.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    joined = re.sub(r'"\s*\n\s*"', "", source)  # long messages are written in pieces
    assert [
        words for words in spanish.WORDS if words.replace("\n\t", r"\n\t") not in joined
    ] == []


def test_without_a_command_the_help_says_where_to_begin(
    tmp_path: Path,
) -> None:
    done = shell(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Empezar:" in done.stdout
    assert "trastienda demo" in done.stdout
    assert [
        name
        for name in COMMANDS
        if not re.search(rf"^  {name} ", done.stdout, re.MULTILINE)
    ] == []


def test_commands_of_a_section_stand_together() -> None:
    sections = [entry.section for entry in COMMANDS.values()]
    assert sections == sorted(sections, key=sections.index)
    assert all(main.commands[name].callback for name in COMMANDS)


def test_help_and_completion_import_no_shop(tmp_path: Path) -> None:
    """What is typed most often answers at once."""
    script = (
        "import sys; from trastienda.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'starlette', 'rich', 'cryptography'}\n"
        "sys.exit(' '.join(heavy & sys.modules.keys()) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")

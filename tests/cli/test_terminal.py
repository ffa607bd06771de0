"""What is shown on a terminal, and what another program reads instead."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness.shell import COMMAND, environment, shell

ADMIN = {
    "admin_user": "ana",
    "admin_password": "clave-de-ana",
    "admin_rut": "11111111-1",
}
ESCAPE = "\x1b["


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a shop in it."""
    place = tmp_path_factory.mktemp("terminal")
    assert (
        shell("migrate", "--data", place / "shop", cwd=place, settings=ADMIN).returncode
        == 0
    )
    return place


def on_a_terminal(*arguments: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command on a terminal of 80 columns and return all that it showed there."""
    ours, theirs = pty.openpty()
    env = environment({"data": str(cwd / "shop")}) | {
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        **variables,
    }
    env = {name: value for name, value in env.items() if value}
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        output = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so that the other end is closed
                break
            if not part:
                break
            output += part
        os.close(ours)
    assert process.returncode == 0, output.decode()
    return output.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_settings_on_a_terminal_have_sections_and_show_what_was_changed(
    place: Path,
) -> None:
    output = on_a_terminal("settings", "--port", "8080", "--https", cwd=place)
    assert ESCAPE in output
    text = plain(output)
    assert "\nDónde y cómo atiende\n" in text
    assert re.search(r"^  TRASTIENDA_PORT +8080  \(opción\)$", text, re.MULTILINE)
    assert re.search(r"^  TRASTIENDA_HTTPS +si  \(opción\)$", text, re.MULTILINE)
    assert re.search(r"^  TRASTIENDA_TLS_LINES +no$", text, re.MULTILINE)
    assert "Por omisión: 5000." in text
    assert max(map(len, text.splitlines())) <= 80 or str(place) in text


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_and_dumb_terminals_get_no_colours(
    place: Path, variables: dict[str, str]
) -> None:
    assert "\x1b[1;32m" not in on_a_terminal(
        "settings", "--port", "8080", cwd=place, **variables
    )


def test_output_to_a_file_has_no_colours_and_no_bars(place: Path) -> None:
    for command in (["settings"], ["user", "list"], ["verify"], ["--help"]):
        done = shell(*command, cwd=place, settings={"data": str(place / "shop")})
        assert done.returncode == 0
        assert ESCAPE not in done.stdout + done.stderr


def test_user_list_on_a_terminal_has_headings(place: Path) -> None:
    lines = [
        line.split()
        for line in plain(on_a_terminal("user", "list", cwd=place)).splitlines()
        if line.strip()
    ]
    assert lines[0] == ["RUT", "Tipo", "Estado", "Usuario", "Nombre"]
    assert lines[-1] == [
        "11111111-1",
        "Administrador",
        "Activo",
        "ana",
        "Administrador",
    ]


def test_verify_on_a_terminal_shows_its_current_check(place: Path) -> None:
    output = plain(on_a_terminal("verify", cwd=place))
    assert "Revisando" in output
    assert output.rstrip().endswith("Todo cuadra.")


def completed(*words: str, cwd: Path, kind: str = "bash") -> list[str]:
    """What a shell is told that may follow."""
    variables = {
        "_TRASTIENDA_COMPLETE": f"{kind}_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("trastienda")],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.removeprefix("plain,") for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "following"),
    [
        (("trastienda", "us"), ["user"]),
        (
            ("trastienda", "user", ""),
            ["add", "deactivate", "list", "password", "second-factor"],
        ),
        (("trastienda", "user", "add", "--t"), ["--tipo"]),
        (("trastienda", "user", "add", "--tipo", "C"), ["Cajero", "Cliente"]),
        (("trastienda", "completion", ""), ["bash", "zsh", "fish", "powershell"]),
        (("trastienda", "serve", "--por"), ["--port"]),
        (("trastienda", "--ver"), ["--version"]),
    ],
    ids="-".join,
)
def test_commands_options_and_values_are_completed(
    tmp_path: Path, words: tuple[str, ...], following: list[str]
) -> None:
    assert completed(*words, cwd=tmp_path) == following


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish", "powershell"])
def test_completion_prints_a_script_for_each_shell(tmp_path: Path, kind: str) -> None:
    done = shell("completion", kind, cwd=tmp_path)
    assert done.returncode == 0
    assert f"{kind}_complete" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_with_the_printed_script(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(shell("completion", "bash", cwd=tmp_path).stdout)
    typed = (
        "source ./script; COMP_WORDS=(trastienda ver); COMP_CWORD=1; "
        "_trastienda_completion trastienda"
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", f'{typed}; echo "${{COMPREPLY[@]}}"'],
        cwd=tmp_path,
        env=environment() | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "verify\n"

"""``user``: people added and changed from the shell."""

import re
import shutil
import sqlite3
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.harness.books import TestShop
from tests.harness.cast import BETO_RUT
from tests.harness.past import guard
from tests.harness.shell import shell

from trastienda.actions.verification import verify


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a shop whose first Administrador is Ana."""
    place = tmp_path_factory.mktemp("founded")
    administrator = {
        "admin_user": "ana",
        "admin_password": "clave-de-ana",
        "admin_rut": "11111111-1",
    }
    assert (
        shell(
            "migrate", "--data", place / "shop", cwd=place, settings=administrator
        ).returncode
        == 0
    )
    return place / "shop"


@pytest.fixture
def data(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return shutil.copytree(founded, tmp_path / "shop")


def user(data: Path, *arguments: str, typed: str = "") -> "CompletedProcess[str]":
    done = shell("user", *arguments, "--data", data, cwd=data.parent, typed=typed)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def listed(data: Path) -> list[list[str]]:
    return [line.split() for line in user(data, "list").stdout.splitlines()]


ANA = ["11111111-1", "Administrador", "Activo", "ana", "Administrador"]


def test_user_add_registers_a_user_of_the_given_role(data: Path) -> None:
    done = user(data, "add", "22.222.222-2", "Beto", "Beto", typed="clave-de-beto\n")
    assert (done.returncode, done.stdout) == (
        0,
        "Cajero Beto (22222222-2) agregado con el usuario Beto.\n",
    )
    done = user(
        data,
        "add",
        "33333333-3",
        "Clara",
        "clara",
        "--tipo",
        "Cliente",
        typed="clave-de-clara",
    )
    assert done.returncode == 0, "the last line needs no end"
    assert listed(data) == [
        ["33333333-3", "Cliente", "Activo", "clara", "Clara"],
        ["22222222-2", "Cajero", "Activo", "Beto", "Beto"],
        ANA,
    ]


MISTAKES = [
    (("22222222-3", "Beto", "beto"), "clave-de-beto", "RUT"),
    (("22222222-2", "Beto", "be to"), "clave-de-beto", "usuario"),
    (("22222222-2", "Beto", "beto"), "corta", "clave"),
    (("22222222-2", "Beto", "beto"), "", "clave"),
    (("22222222-2", "Beto", "beto"), "password", "clave"),
    (("22222222-2", "Beto", "beto"), "beto-2026", "clave"),
    (("22222222-2", "Beto", "ANA"), "clave-de-beto", "Ya hay alguien con ese usuario"),
    (("11.111.111-1", "Beto", "beto"), "clave-de-beto", "Ya hay alguien con ese RUT"),
    (
        ("22222222-2", "Beto", "beto", "--correo", "no es correo"),
        "clave-de-beto",
        "correo",
    ),
    (("22222222-2", "", "beto"), "clave-de-beto", "nombre"),
]


def test_user_add_reports_why_a_user_is_refused(data: Path) -> None:
    for arguments, typed, detail in MISTAKES:
        done = user(data, "add", *arguments, typed=typed)
        assert done.returncode == 1
        assert done.stderr.startswith("trastienda: ")
        assert detail in done.stderr, arguments
    assert listed(data) == [ANA]


def test_an_unknown_role_is_reported_with_the_known_ones(data: Path) -> None:
    done = user(
        data,
        "add",
        "22222222-2",
        "Beto",
        "beto",
        "--tipo",
        "Jefe",
        typed="clave-de-beto",
    )
    assert done.returncode == 2
    assert all(tipo in done.stderr for tipo in ("Administrador", "Cajero", "Cliente"))


def test_user_password_changes_a_password(data: Path) -> None:
    done = user(data, "password", "111111111", typed="otra-clave\n")
    assert (done.returncode, done.stdout) == (
        0,
        "Administrador tiene otra clave; sus sesiones terminaron.\n",
    )
    for refused in ("corta\n", "12345678\n", "Administrador1\n"):
        assert user(data, "password", "11111111-1", typed=refused).returncode == 1


def test_a_provisional_password_is_made_up_and_shown_once(data: Path) -> None:
    first = user(data, "add", "22.222.222-2", "Beto", "beto", "--provisional")
    second = user(data, "password", "22.222.222-2", "--provisional")
    shown = re.findall("solo ahora: (.{12})\n", first.stdout + second.stdout)
    assert len(set(shown)) == 2
    assert first.stdout.count("La clave provisional de Beto, que") == 1
    assert second.stdout.count("La clave provisional de Beto, que") == 1
    with sqlite3.connect(data / "trastienda.db") as database:
        since = "SELECT must_change_since_ms FROM users WHERE rut = '22222222-2'"
        assert database.execute(since).fetchone()[0] > 0
        user(data, "password", "22.222.222-2", typed="otra-clave\n")
        assert database.execute(since).fetchone() == (None,)
    database.close()


def test_a_deactivated_user_stays_in_the_list(data: Path) -> None:
    user(data, "add", "22222222-2", "Beto", "beto", typed="clave-de-beto\n")
    done = user(data, "deactivate", "22.222.222-2")
    assert (done.returncode, done.stdout) == (0, "Beto quedó Inactivo.\n")
    assert listed(data)[0] == ["22222222-2", "Cajero", "Inactivo", "beto", "Beto"]
    assert user(data, "deactivate", "22.222.222-2").returncode == 0, (
        "once more changes nothing"
    )


def test_the_last_administrator_cannot_be_deactivated(data: Path) -> None:
    done = user(data, "deactivate", "11111111-1")
    assert done.returncode == 1
    assert "Administrador" in done.stderr
    assert listed(data) == [ANA]


@pytest.mark.parametrize("command", ["password", "deactivate"])
@pytest.mark.parametrize(
    ("rut", "detail"), [("44444444-4", "No existe"), ("nadie", "RUT")]
)
def test_an_unknown_rut_is_reported(
    data: Path, command: str, rut: str, detail: str
) -> None:
    done = user(data, command, rut, typed="otra-clave\n")
    assert done.returncode == 1
    assert detail in done.stderr


def test_a_second_factor_is_shown_and_taken_off(tmp_path: Path) -> None:
    data = tmp_path / "shop"
    data.mkdir()
    shop = TestShop(data / "trastienda.db")
    guard(shop)
    assert "le quedan: 2" in user(data, "second-factor", BETO_RUT).stdout
    done = user(data, "second-factor", "22.222.222-2", "--off")
    assert (done.returncode, done.stdout) == (
        0,
        "Beto entra ahora solo con su clave.\n",
    )
    done = user(data, "second-factor", BETO_RUT)
    assert done.stdout == "No tiene segundo factor: entra solo con su clave.\n"
    done = user(data, "second-factor", BETO_RUT, "--off")
    assert (done.returncode, done.stdout) == (1, "")
    assert shop.look(verify) is None

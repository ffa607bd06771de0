"""Passwords that are taken, and those that others would try first."""

import hashlib
import re
from importlib.resources import files

import pytest

from trastienda.domain import passwords
from trastienda.domain.errors import Invalid
from trastienda.domain.passwords import check_password
from trastienda.domain.people import UserDraft, names_known

BETO = UserDraft(
    rut="12345678-5",
    name="Beto Núñez",
    username="beto",
    password="",
    email="b.nunez@correo.cl",
)
NAMES = names_known(BETO, "La Esquina")


def reason(password: str) -> str | None:
    """Why a password of Beto's is refused, if it is."""
    try:
        check_password(password, NAMES)
    except Invalid as refusal:
        return refusal.reason
    return None


@pytest.mark.parametrize(
    "password",
    [
        "clave-segura-1",
        "secreta123",
        "clave de Beto",
        "beto y clara",
        "esquina-azul",
        "x1" * 128,
        "ñandú-密码",
        "contraseña 密码 🔑",
        "clave-de-prueba",
        "nunezbeto",
    ],
)
def test_a_password_may_be_any_text_that_others_do_not_try_first(password: str) -> None:
    assert reason(password) is None


@pytest.mark.parametrize("password", ["", "1234567", "corta"])
def test_a_password_has_at_least_eight_characters(password: str) -> None:
    assert reason(password) == "password_short"


def test_a_password_that_would_be_slow_to_hash_is_refused() -> None:
    assert reason("x1" * 128 + "x") == "too_long"


@pytest.mark.parametrize(
    "password",
    (
        "password PassWord password1 qwertyuiop 1q2w3e4r Contraseña clave123 hola1234 "
        "colocolo chile2026 Contrasena1 Passw0rd! Cl4ve-2026 ¡tequiero!"
    ).split(),
)
def test_a_common_password_is_refused_however_it_is_capitalised(password: str) -> None:
    assert reason(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    ["        ", " \t \t \t \t", "ññññññññ", "12345678", "98765432", "abcdefghij"],
)
def test_one_character_and_a_row_of_them_are_refused(password: str) -> None:
    assert reason(password) == "password_row"


@pytest.mark.parametrize(
    "password",
    [
        "trastienda",
        "La Esquina",
        "laesquina2026",
        "2026-LA-ESQUINA!",
        "aniuqseal",
        "Beto Núñez",
        "betonunez",
        "beto2026",
        "BetoBetoBeto",
        "beto    ",
        "oteboteb",
        "12.345.678-5",
        "123456785",
        "12345678 12345678",
        "b.nunez@correo.cl",
        "bnunez99",
    ],
)
def test_a_name_of_the_shop_or_the_user_is_refused_however_it_is_dressed(
    password: str,
) -> None:
    assert reason(password) == "password_name"


def test_a_name_of_two_letters_is_no_password() -> None:
    check_password("li-20262026", ["Li"])


def test_the_list_is_the_one_that_was_taken_over() -> None:
    folder = files(passwords)
    listed = dict(
        re.findall(
            r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|",
            folder.joinpath("VENDORED.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    for name, digest in listed.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest
    assert set(listed) == {"common.txt", "zxcvbn.LICENSE"}
    common = folder.joinpath("common.txt").read_text("utf-8").splitlines()
    assert len(common) > 3000
    assert all(len(password) >= 8 for password in common)

"""A shop on the disk: its first day, what is kept of it, and what keeps it from being opened."""

import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from tests.journeys.serving import COMMAND, environment

from trastienda import config
from trastienda.actions import people
from trastienda.actions.verification import verify
from trastienda.domain.people import SHELL, Role, User
from trastienda.operations import opening
from trastienda.operations.opening import DATABASE_FILE, SECRET_FILE, Opened, StartError
from trastienda.storage import database


def settings_of(data: Path, **given: str) -> config.Settings:
    return config.load(
        {"data": data},
        {f"TRASTIENDA_{name.upper()}": value for name, value in given.items()},
        None,
    )


def opened(data: Path, **given: str) -> Opened:
    return opening.open_shop(settings_of(data, **given), durable=False)


def everybody(shop: Opened) -> list[User]:
    with opening.reading_of(shop) as state:
        return list(people.everybody(state, SHELL))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_day_makes_a_folder_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "far" / "away"
    shop = opened(data)
    assert shop.migrated
    assert mode(data) == 0o700
    opening.signing_key(data, None)
    assert {path.name: mode(path) & 0o077 for path in data.iterdir()} == {
        DATABASE_FILE: 0,
        SECRET_FILE: 0,
    }
    assert mode(data / SECRET_FILE) == 0o600


def test_a_folder_that_was_there_keeps_its_rights_and_the_files_are_private_all_the_same(
    tmp_path: Path,
) -> None:
    data = tmp_path / "shared"
    data.mkdir()
    data.chmod(0o755)
    opened(data)
    assert mode(data) == 0o755
    assert mode(data / DATABASE_FILE) == 0o600


def test_the_first_administrator_gets_a_password_that_is_told_once(
    tmp_path: Path,
) -> None:
    first = opened(tmp_path / "shop")
    assert first.admin_user == "admin"
    assert first.admin_password is not None
    assert len(first.admin_password) >= 12
    with opening.reading_of(first) as state:
        found = people.with_password(state, "1-9")
    assert found is not None
    user, password_hash = found
    assert (user.username, user.role, user.verified) == (
        "admin",
        Role.ADMINISTRATOR,
        True,
    )
    assert PasswordHasher().verify(password_hash, first.admin_password)
    again = opened(tmp_path / "shop")
    assert (again.migrated, again.admin_user, again.admin_password) == (
        False,
        None,
        None,
    )
    assert everybody(again) == [user]


def test_the_first_administrator_may_be_given(tmp_path: Path) -> None:
    given = {
        "admin_user": "Ana",
        "admin_password": "clave-de-ana",
        "admin_rut": "11.111.111-1",
    }
    shop = opened(tmp_path / "shop", **given)
    assert (shop.admin_user, shop.admin_password) == (None, None)
    (user,) = everybody(shop)
    assert (user.username, user.rut) == ("Ana", "11111111-1")


def test_the_first_page_is_that_of_the_settings_and_later_settings_do_not_touch_it(
    tmp_path: Path,
) -> None:
    first = {
        "shop_name": "Almacén Ñuñoa",
        "country": "GB",
        "currency": "GBP",
        "timezone": "Europe/London",
    }
    opened(
        tmp_path / "shop",
        **first,
        shop_rut="76.086.428-5",
        shop_giro="Abarrotes",
        shop_address="Calle 1",
    )
    shop = opened(tmp_path / "shop", shop_name="Otra", currency="USD")
    with opening.reading_of(shop) as state:
        page = state.shop
    assert (page.name, page.rut, page.business, page.address) == (
        "Almacén Ñuñoa",
        "76086428-5",
        "Abarrotes",
        "Calle 1",
    )
    assert (page.country, page.currency, page.timezone) == (
        "GB",
        "GBP",
        "Europe/London",
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("admin_password", "corta"),
        ("admin_rut", "12.345.678-0"),
        ("admin_user", "con espacio"),
        ("shop_rut", "1-1"),
        ("country", "chile"),
        ("currency", "PESOS"),
        ("timezone", "America/Macondo"),
        ("shop_name", "x" * 500),
        ("database_url", "postgresql://somewhere/shop"),
    ],
)
def test_a_setting_that_is_not_fit_is_named_and_mended_the_next_time(
    tmp_path: Path, setting: str, value: str
) -> None:
    with pytest.raises(StartError, match=f"TRASTIENDA_{setting.upper()}"):
        opened(tmp_path / "shop", **{setting: value})
    shop = opened(tmp_path / "shop")
    assert shop.admin_password is not None
    with opening.reading_of(shop) as state:
        assert verify(state) is None


def test_a_first_day_that_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    """The power went after the tables were made, and before anybody had an account."""
    data = tmp_path / "shop"
    data.mkdir()
    database.migrate(database.open_database(database.sqlite_url(data / DATABASE_FILE)))
    shop = opened(data)
    assert shop.admin_password is not None
    assert [user.username for user in everybody(shop)] == ["admin"]


def test_many_may_begin_the_first_day_at_once(tmp_path: Path) -> None:
    """One of them founds the shop; the others find it founded."""
    command = [*COMMAND, "migrate", "--data", str(tmp_path / "shop")]
    started = [
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [one.communicate() for one in started]
    assert [one.returncode for one in started] == [0] * 4, said
    assert sum("clave" in out for out, _ in said) == 1, said
    shop = opened(tmp_path / "shop")
    assert len(everybody(shop)) == 1
    with opening.reading_of(shop) as state:
        assert verify(state) is None


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("un archivo")
    with pytest.raises(StartError, match=r"shop.*TRASTIENDA_DATA"):
        opened(tmp_path / "shop")


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_text("no es una base de datos " * 100)
    with pytest.raises(StartError, match="no se puede abrir"):
        opened(tmp_path)


def test_a_shop_of_a_newer_version_is_told(tmp_path: Path) -> None:
    shop = opened(tmp_path / "shop")
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartError, match="una versión más nueva"):
        opened(tmp_path / "shop")


def test_one_server_at_a_time_has_a_shop_open(tmp_path: Path) -> None:
    opened(tmp_path)
    assert not opening.is_served(tmp_path)
    with opening.only_server(tmp_path):
        assert opening.is_served(tmp_path)
        with (
            pytest.raises(StartError, match="ya está abierta"),
            opening.only_server(tmp_path),
        ):
            pass
        assert opening.is_served(tmp_path)
    assert not opening.is_served(tmp_path)


def test_the_key_that_signs_is_made_once_and_kept(tmp_path: Path) -> None:
    made = opening.signing_key(tmp_path, None)
    assert len(made) == 32
    assert opening.signing_key(tmp_path, None) == made
    other = tmp_path / "other"
    other.mkdir()
    assert opening.signing_key(other, None) != made


def test_a_key_that_is_given_is_used_and_not_kept(tmp_path: Path) -> None:
    given: list[Any] = [
        opening.signing_key(tmp_path, text) for text in ("una", "una", "otra")
    ]
    assert given[0] == given[1] != given[2]
    assert not (tmp_path / SECRET_FILE).exists()


def test_a_key_whose_making_broke_off_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / (SECRET_FILE + ".new")).write_bytes(b"half")
    assert len(opening.signing_key(tmp_path, None)) == 32
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]

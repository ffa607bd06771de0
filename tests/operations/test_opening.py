"""Opening a shop: its first day, and what keeps it from being opened."""

import subprocess
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tests.harness.shell import COMMAND, environment

from trastienda import config
from trastienda.actions import people
from trastienda.actions.verification import verify
from trastienda.app.opening import open_shop
from trastienda.domain.people import SHELL, Role, User
from trastienda.operations.errors import StartError
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import DATABASE_FILE
from trastienda.storage import database
from trastienda.storage.dialects import open_file


def opened(data: Path, **variables: str) -> OpenShop:
    environ = {f"TRASTIENDA_{name.upper()}": text for name, text in variables.items()}
    settings = config.load({"data": data}, environ, None).settings
    return open_shop(settings, durable=False)


def everybody(shop: OpenShop) -> list[User]:
    with shop.snapshot() as snapshot:
        return list(people.everybody(snapshot, SHELL))


def test_the_first_administrator_gets_a_made_up_password_shown_once(
    tmp_path: Path,
) -> None:
    first = opened(tmp_path / "shop")
    assert first.migrated
    assert first.first_login is not None
    assert first.first_login.username == "admin"
    assert first.first_login.rut == "1-9"
    assert len(first.first_login.password) >= 12

    with first.snapshot() as snapshot:
        stored = people.with_password(snapshot, "1-9")
    assert stored is not None
    user, password_hash = stored
    assert user.username == "admin"
    assert user.role is Role.ADMINISTRATOR
    assert user.verified
    assert user.must_change_password
    assert PasswordHasher().verify(password_hash, first.first_login.password)

    again = opened(tmp_path / "shop")
    assert not again.migrated
    assert again.first_login is None
    assert everybody(again) == [user]


def test_the_settings_may_name_the_first_administrator(tmp_path: Path) -> None:
    shop = opened(
        tmp_path / "shop",
        admin_user="Ana",
        admin_password="clave-de-ana",
        admin_rut="11.111.111-1",
    )
    assert shop.first_login is None
    (user,) = everybody(shop)
    assert (user.username, user.rut) == ("Ana", "11111111-1")
    assert not user.must_change_password


def test_the_first_page_comes_from_the_settings_and_later_settings_do_not_change_it(
    tmp_path: Path,
) -> None:
    opened(
        tmp_path / "shop",
        shop_name="Almacén Ñuñoa",
        shop_rut="76.086.428-5",
        shop_giro="Abarrotes",
        shop_address="Calle 1",
        country="GB",
        currency="GBP",
        timezone="Europe/London",
        iva="20,5",
    )
    shop = opened(tmp_path / "shop", shop_name="Otra", currency="USD")
    with shop.snapshot() as snapshot:
        page = snapshot.shop
    assert page.name == "Almacén Ñuñoa"
    assert page.rut == "76086428-5"
    assert page.business == "Abarrotes"
    assert page.address == "Calle 1"
    assert page.country == "GB"
    assert page.currency == "GBP"
    assert page.timezone == "Europe/London"
    assert page.vat_bp == 2050


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("admin_password", "corta"),
        ("admin_password", "12345678"),
        ("admin_password", "admin-2026"),
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
def test_a_wrong_setting_is_named_and_the_shop_is_founded_the_next_time(
    tmp_path: Path, setting: str, value: str
) -> None:
    with pytest.raises(StartError, match=f"TRASTIENDA_{setting.upper()}"):
        opened(tmp_path / "shop", **{setting: value})
    shop = opened(tmp_path / "shop")
    assert shop.first_login is not None
    with shop.snapshot() as snapshot:
        assert verify(snapshot) is None


def test_a_first_day_that_broke_off_is_completed(tmp_path: Path) -> None:
    """The power went after the tables were made, before anybody had an account."""
    data = tmp_path / "shop"
    data.mkdir()
    database.migrate(open_file(data / DATABASE_FILE))
    shop = opened(data)
    assert shop.first_login is not None
    assert [user.username for user in everybody(shop)] == ["admin"]


def test_processes_that_found_a_shop_at_once_found_one_shop(tmp_path: Path) -> None:
    """One of them founds the shop; the others find it founded."""
    command = [*COMMAND, "migrate", "--data", str(tmp_path / "shop")]
    processes = [
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
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    assert sum("clave" in output for output, _ in outputs) == 1, outputs
    shop = opened(tmp_path / "shop")
    assert len(everybody(shop)) == 1
    with shop.snapshot() as snapshot:
        assert verify(snapshot) is None


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_text("no es una base de datos " * 100)
    with pytest.raises(StartError, match="no se puede abrir"):
        opened(tmp_path)


def test_a_shop_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    shop = opened(tmp_path / "shop")
    with shop.database.connect() as connection:
        connection.sql.exec_driver_sql(
            "UPDATE alembic_version SET version_num = '9999'"
        )
    with pytest.raises(StartError, match="una versión más nueva"):
        opened(tmp_path / "shop")

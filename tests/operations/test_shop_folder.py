"""The folder of a shop: its rights, and which process may serve it."""

import stat
from pathlib import Path

import pytest

from trastienda.app.opening import open_shop
from trastienda.config import Settings
from trastienda.operations.errors import StartError
from trastienda.operations.shop_folder import (
    DATABASE_FILE,
    SECRET_FILE,
    is_served,
    only_server,
)
from trastienda.operations.signing_key import signing_key
from trastienda.storage.dialects import write_lock


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "far" / "away"
    open_shop(Settings(data=data), durable=False)
    assert mode(data) == 0o700
    signing_key(data, None)
    assert {path.name: mode(path) & 0o077 for path in data.iterdir()} == {
        DATABASE_FILE: 0,
        DATABASE_FILE + write_lock.ENDING: 0,
        SECRET_FILE: 0,
    }


def test_an_existing_folder_keeps_its_rights_and_its_files_are_private(
    tmp_path: Path,
) -> None:
    data = tmp_path / "shared"
    data.mkdir()
    data.chmod(0o755)
    open_shop(Settings(data=data), durable=False)
    assert mode(data) == 0o755
    assert mode(data / DATABASE_FILE) == 0o600


def test_a_file_in_the_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("un archivo")
    with pytest.raises(StartError, match=r"shop.*TRASTIENDA_DATA"):
        open_shop(Settings(data=tmp_path / "shop"), durable=False)


def test_one_server_at_a_time_has_a_shop_open(tmp_path: Path) -> None:
    open_shop(Settings(data=tmp_path), durable=False)
    assert not is_served(tmp_path)
    with only_server(tmp_path):
        assert is_served(tmp_path)
        with pytest.raises(StartError, match="ya está abierta"), only_server(tmp_path):
            pass
        assert is_served(tmp_path)
    assert not is_served(tmp_path)

"""The key that signs tokens: made once, kept, or given by the settings."""

import stat
from pathlib import Path

from trastienda.operations.shop_folder import SECRET_FILE
from trastienda.operations.signing_key import signing_key


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    key = signing_key(tmp_path, None)
    assert len(key) == 32
    assert signing_key(tmp_path, None) == key
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600


def test_each_shop_has_a_key_of_its_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert signing_key(first, None) != signing_key(second, None)


def test_a_configured_key_is_used_and_not_stored(tmp_path: Path) -> None:
    key = signing_key(tmp_path, "una")
    assert signing_key(tmp_path, "una") == key
    assert signing_key(tmp_path, "otra") != key
    assert not (tmp_path / SECRET_FILE).exists()


def test_a_half_written_key_is_made_again(tmp_path: Path) -> None:
    (tmp_path / (SECRET_FILE + ".new")).write_bytes(b"half")
    assert len(signing_key(tmp_path, None)) == 32
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]

"""``migrate``."""

from pathlib import Path

from tests.harness.shell import shell


def test_migrate_founds_a_shop_once(tmp_path: Path) -> None:
    first = shell("migrate", "--data", tmp_path / "shop", cwd=tmp_path)
    assert "El esquema quedó al día." in first.stdout
    assert first.stdout.count("clave") == 2, "the sentence, and the password"
    second = shell("migrate", "--data", tmp_path / "shop", cwd=tmp_path)
    assert (second.returncode, second.stdout) == (0, "El esquema ya estaba al día.\n")

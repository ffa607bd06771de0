"""A shop whose description of itself is damaged: every command says so in a sentence."""

import re
from pathlib import Path

import pytest
from tests.harness.server import Server
from tests.harness.shell import shell

_TABLE = re.compile(rb'CREATE TABLE "?users"? \(')
DAMAGES = (b"\xff\x97\xed\xc1" * 6, b'"' * 24, b"\n" * 24, b"#" * 24)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_schema_is_told_in_one_line(tmp_path: Path, damage: bytes) -> None:
    data, copy = tmp_path / "shop", tmp_path / "copy.db"
    with Server(data) as server:
        assert server.stop() == 0
    assert shell("backup", copy, "--data", data, cwd=tmp_path).returncode == 0

    content = _TABLE.sub(lambda found: damage[: len(found[0])], copy.read_bytes())
    copy.write_bytes(content)
    (data / "trastienda.db").write_bytes(content)
    commands = (
        ("restore", copy, "--data", tmp_path / "new"),
        ("verify", "--data", data),
        ("user", "list", "--data", data),
    )
    for command in commands:
        done = shell(*command, cwd=tmp_path)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert done.stderr.startswith("trastienda: ")
    assert not (tmp_path / "new" / "trastienda.db").exists()

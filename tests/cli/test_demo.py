"""``demo``: a shop to try, gone when it stops."""

import re
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.clients import client
from tests.harness.server import ServerProcess
from tests.harness.shell import COMMAND


@pytest.fixture
def temporary_folder(tmp_path: Path) -> Path:
    """Where the demo may put what it needs."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def demo(tmp_path: Path, temporary_folder: Path) -> Iterator[ServerProcess]:
    """A demo that was asked for a port that is taken."""
    settings_of_another_shop = {
        "database_url": f"sqlite:///{tmp_path}/real.db",
        "admin_rut": "11111111-1",
    }
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        ServerProcess(
            [*COMMAND, "demo", "--port", str(taken.getsockname()[1])],
            files=tmp_path / "demo",
            cwd=temporary_folder,
            settings=settings_of_another_shop,
            variables={"TMPDIR": str(temporary_folder)},
        ) as process,
    ):
        yield process.wait_until_ready()


def test_a_demo_takes_another_port_shows_its_logins_and_leaves_nothing_behind(
    demo: ServerProcess, tmp_path: Path, temporary_folder: Path
) -> None:
    text = demo.output
    assert "está ocupado; se usa" in text
    url = re.search(r"http://127\.0\.0\.1:\d+", text)
    assert url is not None
    logins = re.findall(
        r"^  (Administrador|Cajero|Cliente) +(\S+) +(\S+)$", text, re.MULTILINE
    )
    assert {tipo for tipo, _, _ in logins} == {"Administrador", "Cajero", "Cliente"}

    for tipo, username, password in logins:
        with client(url[0], username, password) as user:
            assert user.me is not None
            assert user.user(user.me.rut).tipo == tipo
            assert list(user.products())

    assert demo.stop(signal.SIGINT) == 0
    assert list(temporary_folder.iterdir()) == []
    assert not (tmp_path / "real.db").exists()
    assert tempfile.gettempdir() != str(temporary_folder)

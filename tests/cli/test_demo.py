"""``demo``: a shop to try, gone when it stops."""

import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.shell import COMMAND, environment
from tests.harness.waiting import PATIENCE_S
from tests.journeys.serving import Caller


@pytest.fixture
def demo(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo that was asked for a port that is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*COMMAND, "demo", "--port", str(taken.getsockname()[1])]
        real = {
            "database_url": f"sqlite:///{tmp_path}/real.db",
            "admin_rut": "11111111-1",
        }  # of a shop beside it
        env = environment(real) | {"TMPDIR": str(tmp_path)}
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Para detener"):
            break
    return "".join(lines)


def test_it_takes_another_port_tells_its_logins_and_leaves_nothing(
    demo: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    text = said(demo)
    assert "está ocupado; se usa" in text
    found = re.search(r"http://127\.0\.0\.1:(\d+)", text)
    assert found is not None
    logins = re.findall(
        r"^  (Administrador|Cajero|Cliente) +(\S+) +(\S+)$", text, re.MULTILINE
    )
    assert {tipo for tipo, _, _ in logins} == {"Administrador", "Cajero", "Cliente"}
    with Caller(int(found[1])) as caller:
        for tipo, username, password in logins:
            caller.login(username, password)
            rut = caller.post("/login", {"usuario": username, "clave": password})[
                "usuario"
            ]["rut"]
            assert caller.get(f"/users/{rut}")["tipo"] == tipo
        assert caller.every("/products")
    demo.send_signal(signal.SIGINT)
    assert demo.wait(PATIENCE_S) == 0
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() != str(tmp_path)

"""A disk that is full: told as such, nothing lost, and over when there is room again."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from tests.harness.cast import ANA_RUT, PASSWORD
from tests.harness.clients import client
from tests.harness.http import Caller, refused
from tests.harness.server import READY, ServerProcess
from tests.harness.shell import COMMAND, LINES_OFF
from tests.harness.waiting import eventually

from trastienda.clients.sdk import Client, Unavailable, Venta

DISK_KB = 8192
DISK = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
"""Name spaces of its own: the disk needs no rights, and is gone with the process."""
MOUNT = f'mount -t tmpfs -o size={DISK_KB}k tmpfs "$0"'


def small_disks_work() -> bool:
    with suppress(OSError):
        tried = subprocess.run([*DISK, MOUNT, "/mnt"], check=False, capture_output=True)
        return tried.returncode == 0
    return False


pytestmark = pytest.mark.skipif(
    not small_disks_work(), reason="a small disk needs user name spaces (unshare)"
)


def on_a_small_disk(
    folder: Path,
    script: str,
) -> ServerProcess:
    """Run a script of the shell, in which ``$0`` is an empty disk of a few megabytes and
    ``$@`` is ``trastienda serve`` on it."""
    folder.mkdir()
    serve = [
        *COMMAND,
        "serve",
        "--data",
        str(folder / "shop"),
        "--port",
        "0",
        *LINES_OFF,
    ]
    return ServerProcess(
        [*DISK, f"{MOUNT} && {script}", str(folder), *serve],
        files=folder.with_name("shop"),
        cwd=folder.parent,
        settings={
            "admin_user": "ana",
            "admin_password": PASSWORD,
            "admin_rut": ANA_RUT,
            "backup_every_h": "0",
        },
    )


def fill(path: Path) -> None:
    """Fill the disk on which ``path`` is with this file."""
    with path.open("ab", buffering=0) as file:
        for size in (65_536, 4096, 512, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def sell_until_refused(ana: Client) -> tuple[list[Venta], Unavailable]:
    """Sell until there is no room: the log of writes has some of its own."""
    sold: list[Venta] = []
    while True:
        try:
            sold.append(ana.sell({"PAN": 1}))
        except Unavailable as refusal:
            return sold, refusal


def test_a_full_disk_is_said_and_the_shop_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    with on_a_small_disk(disk, 'exec "$@"') as server:
        server.wait_until_ready()
        ballast = Path(f"/proc/{server.process.pid}/root{disk}/ballast")
        with client(server, "ana") as ana, Caller(server) as nobody:
            ana.create_product("PAN", "Pan", 100, stock=1000)
            sold = [ana.sell({"PAN": 1})]
            fill(ballast)
            more, refusal = sell_until_refused(ana)
            sold += more
            assert refusal.codigo == "disco_lleno"
            refused(nobody.get("/listo"), 503, "disco_lleno")
            login = {"usuario": "ana", "clave": PASSWORD}
            refused(nobody.post("/login", json=login), 503, "disco_lleno")
            assert ana.product("PAN").stock == 1000 - len(sold), "look-ups go on"

            ballast.unlink()
            eventually(
                lambda: nobody.get("/listo").status_code == 200, "the shop to be ready"
            )
            sold.append(ana.sell({"PAN": 1}))
            assert [sale.folio for sale in sold] == list(range(1, len(sold) + 1))
        assert server.stop() == 0
    assert "the disk is full" in server.log
    assert "Traceback" not in server.log


def test_a_start_on_a_full_disk_says_so_and_tells_nobody_to_restore(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    twice = '"$@"; cat /dev/zero > "$0/ballast"; "$@"'
    with on_a_small_disk(disk, twice) as server:
        eventually(lambda: READY in server.output, "the first start")
        # The shell ignores nothing that it was not told to: the server alone is asked.
        server.say("salir")
        assert server.wait() == 1
    assert "está lleno" in server.log
    assert "restore" not in server.log
    assert "Traceback" not in server.log


def test_the_room_on_the_disk_is_shown_to_staff_only(tmp_path: Path) -> None:
    with on_a_small_disk(tmp_path / "disk", 'exec "$@"') as server:
        server.wait_until_ready()
        with Caller(server) as nobody:
            assert nobody.ok("GET", "/listo") == {
                "estado": "lista",
                "tareas": "en_marcha",
            }
            login = {"usuario": "ana", "clave": PASSWORD}
            session = nobody.ok("POST", "/login", login)
            with Caller(server, session["token"]) as staff:
                details = staff.ok("GET", "/listo")["detalles"]
        assert details["disco_escaso"]
        assert 0 < details["disco_libre_bytes"] < DISK_KB * 1024
        assert details["base_de_datos"].startswith("SQLite 3.")
    assert "nearly full" in server.log

"""What a served shop knows of its copies."""

from pathlib import Path

from tests.harness.cast import PASSWORD
from tests.harness.http import Caller
from tests.harness.server import Server
from tests.harness.waiting import eventually

from trastienda.operations.backup_schedule import SCHEDULED_FOLDER
from trastienda.operations.shop_folder import DATABASE_FILE
from trastienda.storage.dialects.database_files import mark_of

METRIC = "trastienda_last_copy_timestamp_seconds"


def test_the_newest_scheduled_copy_is_known_from_the_start(
    tmp_path: Path,
) -> None:
    data = tmp_path / "shop"
    with Server(data, backup_every_h="24") as server, Caller(server) as nobody:
        assert f"{METRIC} 0.0\n" in nobody.get("/metrics").text

    mark = mark_of(data / DATABASE_FILE)
    folder = data / SCHEDULED_FOLDER
    folder.mkdir(exist_ok=True)
    (folder / f"programada-{mark}-20260102T030405Z.db").touch()
    with Server(data, backup_every_h="24") as server, Caller(server) as nobody:
        eventually(
            lambda: f"{METRIC} 1.767323045e+09" in nobody.get("/metrics").text,
            "the time of the copy",
        )
        session = nobody.ok("POST", "/login", {"usuario": "ana", "clave": PASSWORD})
        with Caller(server, session["token"]) as ana:
            details = ana.ok("GET", "/listo")["detalles"]
        assert details["ultima_copia"] == "2026-01-02T00:04:05.000-03:00"
        eventually(lambda: "atrasada" in server.log, "a line in the log")

"""A database file that is removed or replaced under a server that has it open."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


def removed(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def replaced(file: Path) -> None:
    shutil.copy(file, file.with_name("copy.db"))
    file.with_name("copy.db").replace(file)


@pytest.mark.parametrize("loss", [removed, replaced])
def test_nothing_is_written_into_a_file_that_is_gone(
    tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    """An answered sale in a deleted file would be gone with the process."""
    file = tmp_path / "shop" / "trastienda.db"
    shop = RunningShop(file.parent)
    shop.product()
    loss(file)
    body = {"codigo_barras": "SAL", "nombre": "Sal", "precio": 990}
    for answer in (shop.ana.post("/product", json=body), shop.nobody.get("/listo")):
        told = (answer.status_code, answer.json()["codigo"])
        assert told == (503, "base_perdida")
    assert shop.nobody.get("/salud").status_code == 200
    eventually(
        lambda: "removed or replaced: nothing is kept" in shop.server.log,
        "a line in the log",
    )
    for caller in shop.by_role.values():
        caller.close()
    shop.server.stop()

    if loss is removed:
        assert not file.exists(), "no empty shop is laid over the loss"
    else:
        with closing(sqlite3.connect(file)) as other:
            (count,) = other.execute("SELECT count(*) FROM products").fetchone()
        assert count <= 1, "what was refused is nowhere"

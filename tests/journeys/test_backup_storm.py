"""Copies under load and kills: a copy is whole or not there, and a restore leaves the old shop or the new one."""

import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.shell import COMMAND, environment, shell
from tests.harness.waiting import eventually
from tests.journeys.serving import ADMIN_PASSWORD, Caller, LostError, Served

from trastienda.actions.verification import verify
from trastienda.operations.clock import now_ms
from trastienda.storage import database, dialects
from trastienda.storage.transactions import read_snapshot

TILLS = 4
COPIES = 6
KILLS = 25


class Tills:
    """People who sell without a pause; each sale's number is kept once it was answered."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._lock = threading.Lock()
        self._sold: set[int] = set()
        self._enough = threading.Event()
        self.slowest_s = 0.0
        self._threads = [threading.Thread(target=self._sell) for _ in range(TILLS)]

    def _sell(self) -> None:
        order = {
            "detalle": [
                {"codigo_barras": "PAN", "cantidad": 1},
                {"codigo_barras": "SAL", "cantidad": 2},
            ]
        }
        with Caller(self._port, self._token) as till:
            while not self._enough.is_set():
                began = time.monotonic()
                try:
                    sale = till.post("/ventas-detalle", order)
                except LostError:
                    return
                with self._lock:
                    self._sold.add(sale["id_venta"])
                    self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    @property
    def sold(self) -> set[int]:
        """What was answered so far."""
        with self._lock:
            return set(self._sold)

    @contextmanager
    def selling(self) -> Iterator[None]:
        """Sell until the block ends."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in self._threads:
                thread.join()


@contextmanager
def busy(data: Path) -> Iterator[Tills]:
    """A shop that is served and sold at."""
    with Served(data) as server, Caller(server.port) as admin:
        admin.login("admin", ADMIN_PASSWORD)
        assert admin.token is not None
        for code in ("PAN", "SAL"):
            admin.post(
                "/product",
                {
                    "codigo_barras": code,
                    "nombre": code,
                    "precio": 990,
                    "stock": 1_000_000,
                },
            )
        tills = Tills(server.port, admin.token)
        with tills.selling():
            eventually(lambda: len(tills.sold) > 20, "the first sales")
            yield tills
        assert server.stop() == 0


def held(path: Path) -> set[int]:
    """The sales of a copy whose books are sound."""
    engine = database.open_database(database.sqlite_url(path))
    with (
        dialects.connect(engine) as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        broken = verify(snapshot)
        assert broken is None, broken
        return {row[0] for row in connection.exec_driver_sql("SELECT id FROM sales")}


def killed_after(seconds: float, *arguments: str | Path, cwd: Path) -> bool:
    """Run a command and kill it after some time; return whether it had come to its end by itself."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return False
    return True


def takes_s(*arguments: str | Path, cwd: Path) -> float:
    """Run a command to its good end; return how long it took."""
    began = time.monotonic()
    done = shell(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


@pytest.mark.timeout(300)
def test_a_copy_made_while_selling_holds_every_sale_answered_before_and_no_half_one(
    tmp_path: Path,
) -> None:
    expected: list[set[int]] = []
    with busy(tmp_path / "shop") as tills:
        for number in range(COPIES):
            expected.append(tills.sold)
            takes_s(
                "backup",
                tmp_path / f"{number}.db",
                "--data",
                tmp_path / "shop",
                cwd=tmp_path,
            )
            grown = len(tills.sold)
            eventually(
                lambda grown=grown: len(tills.sold) > grown,  # type: ignore[misc]
                "sales after a copy",
            )
    for number, before in enumerate(expected):
        assert before <= held(tmp_path / f"{number}.db")
    assert tills.sold == held(tmp_path / "shop" / "trastienda.db")


@pytest.mark.timeout(300)
def test_a_copy_that_is_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    dice = random.Random(11)
    stick = tmp_path / "stick"
    stick.mkdir()
    with busy(tmp_path / "shop"):
        whole_s = takes_s(
            "backup", stick / "first.db", "--data", tmp_path / "shop", cwd=tmp_path
        )
        for number in range(KILLS):
            # at its end, mostly: what comes before is the start of the interpreter
            after_s = whole_s * dice.uniform(0.5, 1.1)
            killed_after(
                after_s,
                "backup",
                stick / f"{number}.db",
                "--data",
                tmp_path / "shop",
                cwd=tmp_path,
            )
            for path in stick.glob("[!.]*"):
                held(path)
                path.unlink()
        takes_s("backup", stick / "last.db", "--data", tmp_path / "shop", cwd=tmp_path)
    assert [path.name for path in stick.iterdir()] == ["last.db"], (
        "what was left half done is cleared away"
    )


@pytest.mark.timeout(300)
def test_a_restore_that_is_killed_leaves_the_old_shop_or_the_new_one(
    tmp_path: Path,
) -> None:
    dice = random.Random(13)
    data, copy = tmp_path / "shop", tmp_path / "copy.db"
    with busy(data) as tills:
        takes_s("backup", copy, "--data", data, cwd=tmp_path)
        copied = len(tills.sold)
        eventually(lambda: len(tills.sold) > copied + TILLS, "sales after the copy")
    old, new = held(data / "trastienda.db"), held(copy)
    assert new < old
    trial = tmp_path / "trial"
    shutil.copytree(data, trial)
    whole_s = takes_s("restore", copy, "--data", trial, "--force", cwd=tmp_path)
    found = []
    for _ in range(KILLS):
        shutil.rmtree(trial)
        shutil.copytree(data, trial)
        killed_after(
            whole_s * dice.uniform(0.4, 1.1),
            "restore",
            copy,
            "--data",
            trial,
            "--force",
            cwd=tmp_path,
        )
        found.append(held(trial / "trastienda.db"))
        assert found[-1] in (old, new)
    assert old in found
    takes_s("restore", copy, "--data", trial, "--force", cwd=tmp_path)
    assert held(trial / "trastienda.db") == new
    assert not list(trial.glob("*.nueva*"))

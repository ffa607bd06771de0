"""Backups under load and kills: a backup is whole or not there, and a restore leaves the old
shop or the new one."""

import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.clients import client
from tests.harness.server import Server
from tests.harness.shell import COMMAND, environment, shell
from tests.harness.tiers import storm, tier
from tests.harness.waiting import eventually

from trastienda.actions.verification import verify
from trastienda.clients.sdk import Client, ConnectionLost
from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import open_file
from trastienda.storage.transactions import read_snapshot

TILLS = 4
BACKUPS = tier(2, full=6)
KILLS = tier(8, full=25)

pytestmark = [storm, pytest.mark.timeout(300)]


class Tills:
    """People who sell without a pause; each sale's number is kept once it was answered."""

    def __init__(self, ana: Client) -> None:
        self._ana = ana
        self._lock = threading.Lock()
        self._sold: set[int] = set()
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._sell) for _ in range(TILLS)]

    def _sell(self) -> None:
        while not self._enough.is_set():
            try:
                sale = self._ana.sell({"PAN": 1, "SAL": 2})
            except ConnectionLost:
                return
            with self._lock:
                self._sold.add(sale.id_venta)

    @property
    def sold(self) -> set[int]:
        """The sales that were answered so far."""
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
def busy_shop(data: Path) -> Iterator[Tills]:
    """A shop that is served and sold at."""
    with Server(data) as server, client(server, "ana") as ana:
        for code in ("PAN", "SAL"):
            ana.create_product(code, code, 990, stock=1_000_000)
        tills = Tills(ana)
        with tills.selling():
            eventually(lambda: len(tills.sold) > 20, "the first sales")
            yield tills
        assert server.stop() == 0


def sales_in(path: Path) -> set[int]:
    """The sales in a database whose books are sound."""
    database = open_file(path)
    with (
        database.connect() as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        broken = verify(snapshot)
        assert broken is None, broken
        rows = connection.sql.exec_driver_sql("SELECT id FROM sales")
        return {row[0] for row in rows}


def kill_after(seconds: float, *arguments: str | Path, cwd: Path) -> None:
    """Run a command, and kill it after some time where it has not ended by itself."""
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


def seconds_of(*arguments: str | Path, cwd: Path) -> float:
    """Run a command to its good end; return how long it took."""
    began = time.monotonic()
    done = shell(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def test_a_backup_made_while_selling_holds_every_sale_answered_before(
    tmp_path: Path,
) -> None:
    data = tmp_path / "shop"
    sold_before: list[set[int]] = []
    with busy_shop(data) as tills:
        for number in range(BACKUPS):
            sold_before.append(tills.sold)
            copy = tmp_path / f"{number}.db"
            seconds_of("backup", copy, "--data", data, cwd=tmp_path)
            sold = len(tills.sold)
            eventually(
                lambda sold=sold: len(tills.sold) > sold,  # type: ignore[misc]
                "sales after a backup",
            )

    for number, sales in enumerate(sold_before):
        assert sales <= sales_in(tmp_path / f"{number}.db")
    assert tills.sold == sales_in(data / "trastienda.db")


def test_a_backup_that_is_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    dice = random.Random(11)
    data, stick = tmp_path / "shop", tmp_path / "stick"
    stick.mkdir()
    with busy_shop(data):
        backup = ("backup", stick / "first.db", "--data", data)
        whole_s = seconds_of(*backup, cwd=tmp_path)
        for number in range(KILLS):
            # At its end, mostly: what comes before is the start of the interpreter.
            seconds = whole_s * dice.uniform(0.5, 1.1)
            backup = ("backup", stick / f"{number}.db", "--data", data)
            kill_after(seconds, *backup, cwd=tmp_path)
            for path in stick.glob("[!.]*"):
                sales_in(path)
                path.unlink()
        seconds_of("backup", stick / "last.db", "--data", data, cwd=tmp_path)

    left = [path.name for path in stick.iterdir()]
    assert left == ["last.db"], "what was left half done is cleared away"


def test_a_restore_that_is_killed_leaves_the_old_shop_or_the_new_one(
    tmp_path: Path,
) -> None:
    dice = random.Random(13)
    data, copy, trial = tmp_path / "shop", tmp_path / "copy.db", tmp_path / "trial"
    with busy_shop(data) as tills:
        seconds_of("backup", copy, "--data", data, cwd=tmp_path)
        copied = len(tills.sold)
        eventually(lambda: len(tills.sold) > copied + TILLS, "sales after the backup")
    old, new = sales_in(data / "trastienda.db"), sales_in(copy)
    assert new < old

    restore = ("restore", copy, "--data", trial, "--force")
    shutil.copytree(data, trial)
    whole_s = seconds_of(*restore, cwd=tmp_path)
    outcomes = []
    for _ in range(KILLS):
        shutil.rmtree(trial)
        shutil.copytree(data, trial)
        kill_after(whole_s * dice.uniform(0.4, 1.1), *restore, cwd=tmp_path)
        outcomes.append(sales_in(trial / "trastienda.db"))
        assert outcomes[-1] in (old, new)
    assert old in outcomes

    seconds_of(*restore, cwd=tmp_path)
    assert sales_in(trial / "trastienda.db") == new
    assert not list(trial.glob("*.nueva*"))

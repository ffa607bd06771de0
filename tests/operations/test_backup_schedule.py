"""Scheduled backups: when they are made, and which of them are deleted."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from tests.harness.books import TestShop

from trastienda.domain.condition import Condition
from trastienda.domain.events import ADMINISTRATORS, CopyFailed, Event, Kind
from trastienda.live.bus import Bus
from trastienda.operations import backup_schedule
from trastienda.operations.backup_schedule import (
    SCHEDULED_FOLDER,
    ScheduledCopies,
    look_at_copies,
)
from trastienda.operations.backups import LOCK_FILE
from trastienda.operations.clock import now_ms
from trastienda.operations.shop import OpenShop
from trastienda.storage import journal
from trastienda.storage.dialects import Database, database_files
from trastienda.storage.errors import StoppedError
from trastienda.writer import Writer

HOUR_MS = 3_600_000
NOON_MS = 1_795_262_400_000
"""21 November 2026, 12:00 UTC."""


@pytest.fixture
def shop(books: TestShop) -> OpenShop:
    """An open shop."""
    return OpenShop(books.database, books.path.parent, False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Another disk."""
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


@pytest.fixture
def condition() -> Condition:
    return Condition("SQLite")


def due_copy(
    shop: OpenShop,
    folder: Path | None,
    every_h: int,
    keep: int,
    at_ms: int,
    condition: Condition | None = None,
) -> Path | None:
    return backup_schedule.due_copy(
        shop, folder, every_h, keep, at_ms, condition or Condition("SQLite")
    )


@asynccontextmanager
async def served_copies(
    shop: OpenShop, folder: Path, condition: Condition
) -> AsyncIterator[ScheduledCopies]:
    """The copies of a shop that is served."""
    bus = Bus(len(announced(shop)))
    writer = Writer(shop.database, bus, now_ms)
    try:
        yield ScheduledCopies(shop, writer, condition, folder, 24, 7)
    finally:
        await writer.close()


def assert_all_is_well(condition: Condition) -> None:
    assert condition.last_copy_ms == NOON_MS
    assert condition.copy_fault is None


def announced(shop: OpenShop) -> list[Event]:
    with shop.snapshot() as snapshot:
        return list(journal.after(snapshot.connection, n=0, limit=1000))


def names(folder: Path) -> list[str]:
    return sorted(path.name.rpartition("-")[2] for path in folder.iterdir())


def test_the_first_backup_is_due_at_once_beside_the_shop(shop: OpenShop) -> None:
    made = due_copy(shop, None, 24, 7, NOON_MS)
    assert made is not None
    assert made.parent == shop.data / SCHEDULED_FOLDER
    assert (
        made.name
        == f"programada-{database_files.mark_of(shop.data / 'shop.db')}-20261121T120000Z.db"
    )
    assert made.parent.stat().st_mode & 0o077 == 0
    assert database_files.examine(made).products == 0


def test_the_next_backup_is_due_after_its_interval(
    shop: OpenShop, folder: Path
) -> None:
    made = [
        due_copy(shop, folder, 24, 7, NOON_MS + hour * HOUR_MS) for hour in range(50)
    ]
    assert [hour for hour, copy in enumerate(made) if copy] == [0, 24, 48]


def test_the_oldest_backups_beyond_the_limit_are_deleted(
    shop: OpenShop, folder: Path
) -> None:
    for hour in range(5):
        due_copy(shop, folder, 1, 3, NOON_MS + hour * HOUR_MS)
    assert names(folder) == [
        "20261121T140000Z.db",
        "20261121T150000Z.db",
        "20261121T160000Z.db",
    ]
    due_copy(shop, folder, 1, 0, NOON_MS + 5 * HOUR_MS)
    assert names(folder) == ["20261121T170000Z.db"], "the one just made is always kept"


def test_only_own_scheduled_backups_are_deleted(shop: OpenShop, folder: Path) -> None:
    others = [
        "fotos.zip",
        "trastienda-20200101-000000.db",
        "programada-00000000-20200101T000000Z.db",  # of another shop
        # No day at all.
        f"programada-{database_files.mark_of(shop.data / 'shop.db')}-20209901T000000Z.db",
        f"programada-{database_files.mark_of(shop.data / 'shop.db')}-20200101T000000Z.db.bak",
    ]
    for name in others:
        (folder / name).write_bytes(b"precious")
    for hour in range(3):
        due_copy(shop, folder, 1, 1, NOON_MS + hour * HOUR_MS)
    assert all((folder / name).read_bytes() == b"precious" for name in others)
    assert len(names(folder)) == len(others) + 1


def test_a_clock_set_back_neither_stops_backups_nor_deletes_new_ones(
    shop: OpenShop, folder: Path
) -> None:
    year_ms = 365 * 24 * HOUR_MS
    for hour in range(3):
        due_copy(shop, folder, 1, 3, NOON_MS + year_ms + hour * HOUR_MS)
    made = [
        due_copy(shop, folder, 1, 3, NOON_MS + quarter * HOUR_MS // 4)
        for quarter in range(16)
    ]
    assert sum(copy is not None for copy in made) == 4
    assert names(folder) == [
        "20261121T130000Z.db",
        "20261121T140000Z.db",
        "20261121T150000Z.db",
    ]


def test_no_backup_is_made_if_disabled_or_without_a_file(
    shop: OpenShop, folder: Path
) -> None:
    assert due_copy(shop, folder, 0, 7, NOON_MS) is None
    memory = OpenShop(Database(None), shop.data, False)
    assert due_copy(memory, folder, 24, 7, NOON_MS) is None
    assert names(folder) == []


def test_a_missing_disk_is_logged_and_tried_again(
    shop: OpenShop, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.rmdir()
    with caplog.at_level(logging.WARNING):
        assert due_copy(shop, folder, 24, 7, NOON_MS) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(folder) in caplog.text
    assert not folder.exists(), "copies meant for another disk must not fill this one"
    folder.mkdir()
    assert due_copy(shop, folder, 24, 7, NOON_MS + 1) is not None


def test_a_failed_backup_deletes_no_older_one(
    shop: OpenShop,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    due_copy(shop, folder, 1, 1, NOON_MS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(database_files, "write_copy", full)
        assert due_copy(shop, folder, 1, 1, NOON_MS + HOUR_MS) is None
    assert "no queda espacio en el disco" in caplog.text
    assert names(folder) == ["20261121T120000Z.db"]
    assert due_copy(shop, folder, 1, 1, NOON_MS + HOUR_MS) is not None


def test_an_unreadable_shop_is_logged(
    shop: OpenShop, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (shop.data / "shop.db").write_bytes(b"x" * 9999)
    with caplog.at_level(logging.WARNING):
        assert due_copy(shop, folder, 1, 1, NOON_MS) is None
    assert "no se puede leer" in caplog.text


def test_a_scheduled_backup_does_not_wait_for_another(
    shop: OpenShop, folder: Path
) -> None:
    with FileLock(shop.data / LOCK_FILE):
        assert due_copy(shop, folder, 1, 1, NOON_MS) is None
    assert due_copy(shop, folder, 1, 1, NOON_MS) is not None


def test_stopping_does_not_wait_for_a_backup(
    shop: OpenShop,
    folder: Path,
    condition: Condition,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(backup_schedule, "AFTER_START_S", 0)
    begun = asyncio.Event()

    async def stop_at_once() -> None:
        loop = asyncio.get_running_loop()

        def endless(_: Path, __: Path, stopped: database_files.Stopped) -> None:
            loop.call_soon_threadsafe(begun.set)
            while not stopped():
                pass
            raise StoppedError

        monkeypatch.setattr(database_files, "write_copy", endless)
        async with served_copies(shop, folder, condition) as copies:
            copying = asyncio.create_task(copies.keep_up(at_start=True))
            await begun.wait()
            copying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await copying

    asyncio.run(stop_at_once())  # it joins the thread
    assert names(folder) == []
    assert caplog.text == ""


def test_the_condition_has_the_newest_copy_and_why_one_is_missing(
    shop: OpenShop, folder: Path, condition: Condition
) -> None:
    due_copy(shop, folder, 24, 7, NOON_MS, condition)
    assert_all_is_well(condition)

    away = folder.with_name("unplugged")
    folder.rename(away)
    due_copy(shop, folder, 24, 7, NOON_MS + 24 * HOUR_MS, condition)
    assert condition.last_copy_ms == NOON_MS
    assert condition.copy_fault is not None
    assert str(folder) in condition.copy_fault

    away.rename(folder)
    due_copy(shop, folder, 24, 7, NOON_MS + HOUR_MS, condition)
    assert_all_is_well(condition)


def test_a_copy_that_was_not_made_is_announced_once_until_one_is_made(
    shop: OpenShop, folder: Path, condition: Condition
) -> None:
    async def two_streaks() -> None:
        async with served_copies(shop, folder, condition) as copies:
            for _ in range(2):
                copies.folder = folder / "unplugged"
                for _ in range(3):
                    await copies.keep_up(at_start=False)
                copies.folder = folder
                await copies.keep_up(at_start=False)

    asyncio.run(two_streaks())
    events = [event for event in announced(shop) if event.kind is Kind.COPY_FAILED]
    assert len(events) == 2
    assert events[0].audience == ADMINISTRATORS
    assert isinstance(events[0].subject, CopyFailed)
    assert str(folder) in events[0].subject.reason
    messages = [event for event in announced(shop) if event.kind is Kind.MESSAGE]
    assert len(messages) == 2


def test_a_copy_that_is_overdue_or_has_no_folder_is_logged_at_start(
    shop: OpenShop,
    folder: Path,
    condition: Condition,
    caplog: pytest.LogCaptureFixture,
) -> None:
    due_copy(shop, folder, 24, 7, NOON_MS)
    with caplog.at_level(logging.WARNING):
        look_at_copies(shop, folder, 24, NOON_MS + HOUR_MS, condition)
        assert condition.last_copy_ms == NOON_MS
        assert caplog.text == ""

        look_at_copies(shop, folder, 24, NOON_MS + 25 * HOUR_MS, condition)
        assert "atrasada" in caplog.text

        caplog.clear()
        look_at_copies(shop, folder / "gone", 24, NOON_MS, condition)
        assert str(folder / "gone") in caplog.text


def test_a_new_shop_misses_no_copy(
    shop: OpenShop, condition: Condition, caplog: pytest.LogCaptureFixture
) -> None:
    look_at_copies(shop, None, 24, NOON_MS, condition)
    assert caplog.text == ""
    assert condition.last_copy_ms is None

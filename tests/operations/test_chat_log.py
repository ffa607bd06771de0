"""The chat's logs: whole lines, in order, rotated, and disks that refuse."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.waiting import eventually

from trastienda.domain.chat_entries import Entry, EntryKind, LostEntries, PublicEntry
from trastienda.operations import chat_log
from trastienda.operations.chat_log import ChatLog

FULL = Path("/dev/full")


def lines(entry: Entry) -> tuple[str, str]:
    """Words of our own, as the log knows none."""
    text = entry.text if isinstance(entry, PublicEntry) else ""
    count = entry.count if isinstance(entry, LostEntries) else 0
    fields = {"kind": entry.kind, "alias": entry.alias, "text": text, "count": count}
    return f"{entry.kind} {entry.alias} {text} {count}", json.dumps(
        fields, ensure_ascii=False
    )


def said(text: str, alias: str = "Beto") -> PublicEntry:
    return PublicEntry(
        kind=EntryKind.MESSAGE, at_ms=1, alias=alias, room="general", text=text
    )


@contextmanager
def logging_in(folder: Path) -> Iterator[ChatLog]:
    written_log = ChatLog(folder, lines)
    yield written_log
    written_log.close()


def readable(folder: Path) -> list[str]:
    path = folder / "chat.log"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def objects(folder: Path) -> list[str]:
    return [
        json.loads(line)["text"]
        for line in (folder / "logs.json").read_text("utf-8").splitlines()
    ]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_log, "RETRY_S", 0.05)


def test_logged_entries_are_in_both_files_in_order(tmp_path: Path) -> None:
    texts = [f"número {number}" for number in range(3000)]
    with logging_in(tmp_path / "logs") as written_log:
        for text in texts:
            written_log.log(said(text))
    assert objects(tmp_path / "logs") == texts
    assert readable(tmp_path / "logs") == [f"message Beto {text} 0" for text in texts]


def test_the_files_are_there_soon_and_only_for_their_owner(tmp_path: Path) -> None:
    with logging_in(tmp_path / "logs") as written_log:
        written_log.log(said("hola"))
        eventually(lambda: readable(tmp_path / "logs"), "a line")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "logs").iterdir()} == {
        0o600
    }


def test_a_restart_appends_to_the_old_lines(tmp_path: Path) -> None:
    for text in ("uno", "dos"):
        with logging_in(tmp_path) as written_log:
            written_log.log(said(text))
    assert objects(tmp_path) == ["uno", "dos"]


def test_a_half_written_line_spoils_no_other(tmp_path: Path) -> None:
    for name in ("chat.log", "logs.json"):
        (tmp_path / name).write_bytes(b'{"text": "ha')
    with logging_in(tmp_path) as written_log:
        written_log.log(said("hola"))
    assert readable(tmp_path) == ['{"text": "ha', "message Beto hola 0"]
    assert (
        (tmp_path / "logs.json")
        .read_text("utf-8")
        .splitlines()[1]
        .startswith('{"kind"')
    )


@pytest.mark.parametrize(
    "end",
    [
        "\n",
        "\r\n",
        "\r",
        "\x0b",
        "\x85",
        "\u2028",
        "\u2029",
        "\x1b[2J",
        "\u202e",
        "\x00",
    ],
)
def test_control_characters_in_a_text_are_escaped(tmp_path: Path, end: str) -> None:
    with logging_in(tmp_path) as written_log:
        written_log.log(said(f"hola{end}message Ana compren 0", alias=f"Be{end}to"))
    for name in ("chat.log", "logs.json"):
        content = (tmp_path / name).read_bytes().decode()
        assert len(content.splitlines()) == 1
        assert content.removesuffix("\n").isprintable()
    assert objects(tmp_path) == [f"hola{end}message Ana compren 0"]


def test_letters_and_emoji_are_not_escaped(tmp_path: Path) -> None:
    text = "ñandú 你好 👩\u200d🌾 100\u00a0% \\o/"
    with logging_in(tmp_path) as written_log:
        written_log.log(said(text))
    assert readable(tmp_path) == [f"message Beto {text} 0"]


def test_a_large_file_is_rotated_and_the_oldest_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_log, "FILE_BYTES", 2000)
    monkeypatch.setattr(chat_log, "BATCH", 5)
    with logging_in(tmp_path) as written_log:
        for number in range(400):
            written_log.log(said(f"{number:040}"))
    names = {path.name for path in tmp_path.iterdir()}
    logs = ["chat.log", *(f"chat.log.{number}" for number in range(1, 5))]
    assert names == {*logs, *(name.replace("chat.log", "logs.json") for name in logs)}
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    logged_lines = [
        line
        for name in reversed(logs)
        for line in (tmp_path / name).read_text().splitlines()
    ]
    assert [int(line.split()[2]) for line in logged_lines] == list(
        range(400 - len(logged_lines), 400)
    )
    assert len(logged_lines) > 100


def test_a_file_holds_a_month_and_goes_when_it_is_old(tmp_path: Path) -> None:
    with logging_in(tmp_path) as written_log:
        written_log.log(said("de antes"))
    for path in tmp_path.iterdir():
        long_ago_s = time.time() - 40 * chat_log.DAY_S
        os.utime(path, (long_ago_s, long_ago_s))
    with logging_in(tmp_path) as written_log:
        written_log.log(said("de ahora"))
    assert len(list(tmp_path.iterdir())) == 4
    assert "de antes" in (tmp_path / "chat.log.1").read_text()

    asyncio.run(chat_log.forget_old_files(tmp_path, 0, True))
    assert len(list(tmp_path.iterdir())) == 4
    asyncio.run(chat_log.forget_old_files(tmp_path, 39, True))
    assert {path.name for path in tmp_path.iterdir()} == {"chat.log", "logs.json"}
    assert "de ahora" in (tmp_path / "chat.log").read_text()


def test_a_file_that_cannot_be_rotated_grows_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(chat_log, "FILE_BYTES", 1000)
    monkeypatch.setattr(chat_log, "BATCH", 2)
    for number in range(1, 5):  # a folder with something in it is replaced by no file
        (tmp_path / f"chat.log.{number}" / "x").mkdir(parents=True)
    with caplog.at_level(logging.WARNING), logging_in(tmp_path) as written_log:
        for number in range(400):
            written_log.log(said(f"{number:040}"))
        eventually(lambda: "is not logged" in caplog.text, "the warning")
        assert 1000 < (tmp_path / "chat.log").stat().st_size <= 4000


@pytest.mark.parametrize("name", ["chat.log", "logs.json"])
@pytest.mark.skipif(
    not FULL.exists(), reason="this system has no disk that is always full"
)
def test_a_full_disk_stops_the_log_and_is_logged_once(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(chat_log, "MAX_WAITING_CHARS", 100 * (chat_log.ENTRY_CHARS + 3))
    monkeypatch.setattr(chat_log, "BATCH", 7)
    # Links are not followed, but this one is the shortest way to a full disk.
    monkeypatch.setattr(chat_log, "NO_LINK_FLAG", 0)
    (tmp_path / name).symlink_to(FULL)
    with caplog.at_level(logging.INFO), logging_in(tmp_path) as written_log:
        written_log.log(said("000"))
        eventually(lambda: "No space left" in caplog.text, "the warning")
        for number in range(1, 1000):
            written_log.log(said(f"{number:03}"))
        time.sleep(0.3)  # several attempts
        assert caplog.text.count("No space left") == 1
        (tmp_path / name).unlink()
        eventually(lambda: "logged again" in caplog.text, "the log goes on")
        eventually(lambda: len(readable(tmp_path)) > 100, "what was lost is told")
        written_log.log(said("después"))
    written = readable(tmp_path)
    assert written[:100] == [f"message Beto {number:03} 0" for number in range(100)]
    assert written[100:] == ["lost None  900", "message Beto después 0"]
    assert len(objects(tmp_path)) == 102


def test_the_log_continues_when_its_folder_is_usable_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "logs"
    folder.write_text("not a folder")
    with caplog.at_level(logging.INFO), logging_in(folder) as written_log:
        written_log.log(said("uno"))
        eventually(lambda: "is not logged" in caplog.text, "the warning")
        folder.unlink()
        eventually(lambda: readable(folder), "the log goes on")
    assert objects(folder) == ["uno"]


def test_deleted_files_are_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    with logging_in(folder) as written_log:
        written_log.log(said("uno"))
        eventually((folder / "logs.json").exists, "the first line")
        folder.rename(tmp_path / "moved")
        written_log.log(said("dos"))
        eventually((folder / "logs.json").exists, "the second line")
    assert objects(folder) == ["dos"]


LIMITED = """
import logging, resource, signal, sys, time
from pathlib import Path
from trastienda.domain.chat_entries import Entry, EntryKind
from trastienda.operations import chat_log

logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
chat_log.RETRY_S = 0.05
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
def encode(entry):
    return f"{entry.at_ms:0100}", f'{{"n": {entry.at_ms}}}'
one = chat_log.ChatLog(Path(sys.argv[1]), encode)
for number in range(200):
    one.log(Entry(kind=EntryKind.JOINED, at_ms=number))
    time.sleep(0.002)
deadline = time.monotonic() + 30
while not one._disk_failed and time.monotonic() < deadline:
    time.sleep(0.01)
lines = Path(sys.argv[1], "chat.log").read_bytes()
assert len(lines) % 101 == 0 and len(lines) <= 4000, len(lines)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
one.close()
"""


@pytest.mark.skipif(
    sys.platform == "win32", reason="files of Windows have no such limit"
)
def test_a_partial_write_leaves_whole_lines_and_is_repeated(
    tmp_path: Path,
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("is not logged") == 1
    assert [int(line) for line in readable(tmp_path)] == list(range(200))
    numbers = [
        json.loads(line)["n"]
        for line in (tmp_path / "logs.json").read_text().splitlines()
    ]
    assert numbers == list(range(200))


def test_an_entry_that_cannot_be_encoded_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_for_ana(entry: Entry) -> tuple[str, str]:
        if entry.alias == "Ana":
            raise ValueError("no words")
        return lines(entry)

    written_log = ChatLog(tmp_path, fail_for_ana)
    for alias in ("Beto", "Ana", "Ana", "Clara"):
        written_log.log(said("x", alias))
    written_log.close()
    assert objects(tmp_path)[:2] == ["x", "x"]
    assert sum(int(line.split()[-1]) for line in readable(tmp_path)) == 2
    assert caplog.text.count("cannot be logged") == 1


def test_closing_waits_only_briefly_for_a_hanging_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_log, "CLOSE_S", 0.2)
    hanging = threading.Event()

    def hang(entry: Entry) -> tuple[str, str]:
        hanging.wait(60)
        return lines(entry)

    written_log = ChatLog(tmp_path, hang)
    began = time.monotonic()
    for _ in range(10):
        written_log.log(said("x"))
    written_log.close()
    assert time.monotonic() - began < 20
    assert "entries of the chat were not logged" in caplog.text
    hanging.set()
    eventually(lambda: len(readable(tmp_path)) == 10, "the thread ends")


def test_closing_twice_is_allowed(tmp_path: Path) -> None:
    with logging_in(tmp_path) as written_log:
        written_log.log(said("x"))
        written_log.close()
    assert objects(tmp_path) == ["x"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other links")
@pytest.mark.parametrize("link", ["logs", "logs/chat.log"])
def test_a_link_is_not_followed(
    tmp_path: Path, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if link == "logs":
        elsewhere.mkdir()
    else:
        (tmp_path / "logs").mkdir()
        elsewhere.write_text("")
    (tmp_path / link).symlink_to(elsewhere)

    with logging_in(tmp_path / "logs") as log:
        log.log(said("hola"))
        eventually(lambda: "the chat is not logged" in caplog.text, "a line in the log")
    assert elsewhere.is_dir() or elsewhere.read_text() == ""
    assert not elsewhere.is_dir() or list(elsewhere.iterdir()) == []

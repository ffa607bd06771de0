"""The chat's log files, written in a thread of their own.

So the chat never waits for the disk.
"""

import asyncio
import contextlib
import errno
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from trastienda.domain.chat_entries import Entry, LostEntries, PublicEntry

log = logging.getLogger(__name__)

READABLE, OBJECTS = "chat.log", "logs.json"
"""The two files: lines for people, and JSON objects, one a line."""
FILE_BYTES = 5_000_000
"""The size at which a file is rotated: a busy day, and any editor still opens it."""
FILES = 5
"""Files of each kind, with the one being written: 50 MB in all fits on any disk."""
STUCK_FILES = 4
"""How many times :data:`FILE_BYTES` a file may grow while another program (a viewer, on
Windows) keeps it from being renamed."""
MAX_WAITING_CHARS = 4_000_000
"""Characters that may wait for the disk: several seconds of a busy chat, and little
memory."""
ENTRY_CHARS = 200
"""Characters that an entry counts beside its text."""
BATCH = 500
"""Entries in one write: as many a hanging write holds up, or a file has beyond its
size."""
GATHER_S = 0.1
"""How long entries are gathered after a write: a busy chat costs ten writes a second at
most."""
RETRY_S = 5.0
"""How long the log waits after the disk has refused a write."""
DAY_S = 24 * 3600
NO_LINK_FLAG = getattr(os, "O_NOFOLLOW", 0)
"""Windows has none; links there are the administrator's."""
CLOSE_S = 2.0
"""How long closing waits for what is not written yet, of the ten seconds in which a
shop stops."""

Encode = Callable[[Entry], tuple[str, str]]
"""Makes the two lines of an entry, for people and as an object, without line ends."""


class ChatLog:
    """The log files in ``folder``, which is made if it is missing.

    A disk that refuses a write stops the log and nothing else.
    """

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._folder = folder
        self._readable = _RotatingFile(folder / READABLE)
        self._objects = _RotatingFile(folder / OBJECTS)
        self._encode = encode
        self._waiting: deque[Entry] = deque()
        self._batch = _Batch()
        # Each of these is changed in one thread only, so none needs a lock.
        self._taken_chars = 0
        self._written_chars = 0
        self._dropped = 0
        self._dropped_at_ms = 0
        self._dropped_logged = 0
        self._unencodable = 0
        self._disk_failed = False
        self._encoding_failed = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        # A daemon: a write that hangs inside the system must not hold up the end of the
        # process.
        self._thread = threading.Thread(target=self._work, name="chat-log", daemon=True)
        self._thread.start()

    def log(self, entry: Entry) -> None:
        """Have an entry written soon, without waiting.

        It is dropped and counted if too much waits already.
        """
        size = _size(entry)
        waiting_chars = self._taken_chars - self._written_chars
        if waiting_chars + size > MAX_WAITING_CHARS or self._closing.is_set():
            self._dropped += 1
            self._dropped_at_ms = entry.at_ms
            return

        self._taken_chars += size
        self._waiting.append(entry)
        if not self._wake.is_set():
            self._wake.set()

    def close(self) -> None:
        """Write what waits, for at most :data:`CLOSE_S`, and stop.

        May be called twice.
        """
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_S)
        unwritten = len(self._waiting) + self._batch.entries + self._lost()
        if unwritten:
            log.warning("%d entries of the chat were not logged", unwritten)

    def _lost(self) -> int:
        """Return how many entries are lost without the files saying so yet."""
        return self._dropped - self._dropped_logged + self._unencodable

    def _work(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._write_waiting():
                self._closing.wait(GATHER_S)
            else:
                self._closing.wait(RETRY_S)
                self._wake.set()
        self._write_waiting()

    def _write_waiting(self) -> bool:
        """Write all that waits.

        Returns False if the disk refused: the rest is to be tried again.
        """
        while self._batch.entries or self._waiting or self._lost():
            if not self._batch.entries:
                self._take_batch()
            try:
                self._write(self._batch)
            except Exception as error:
                if not self._disk_failed:
                    unexpected = not isinstance(error, OSError)
                    log.warning(
                        "the chat is not logged in %s: %s",
                        self._folder,
                        error,
                        exc_info=unexpected,
                    )
                self._disk_failed = True
                return False

            self._written_chars += self._batch.chars
            self._batch = _Batch()
            if self._disk_failed:
                self._disk_failed = False
                log.info("the chat is logged again in %s", self._folder)
        return True

    def _take_batch(self) -> None:
        """Take a batch of the entries that wait.

        Once nothing older waits, it ends with the number of lost entries.
        """
        dropped = self._dropped  # read first: more may be dropped meanwhile
        at_ms = self._dropped_at_ms
        batch = _Batch()
        batch.chars = self._batch.chars  # of one that had no line to write
        self._batch = batch

        for _ in range(min(len(self._waiting), BATCH)):
            entry = self._waiting.popleft()
            batch.chars += _size(entry)
            at_ms = max(at_ms, entry.at_ms)
            if self._add_to_batch(entry):
                batch.entries += 1
            else:
                self._unencodable += 1

        lost = dropped - self._dropped_logged + self._unencodable
        if lost and not self._waiting:
            self._dropped_logged = dropped
            self._unencodable = 0
            if self._add_to_batch(LostEntries(at_ms=at_ms, count=lost)):
                batch.entries += lost

    def _add_to_batch(self, entry: Entry) -> bool:
        """Add the two lines of an entry to the batch.

        Returns False if the entry cannot be encoded.
        """
        try:
            readable, json_object = self._encode(entry)
        except Exception:
            if not self._encoding_failed:
                log.exception("an entry of the chat cannot be logged")
            self._encoding_failed = True
            return False
        self._batch.readable.append(_one_line(readable))
        self._batch.objects.append(_one_line(json_object))
        return True

    def _write(self, batch: "_Batch") -> None:
        """Write the lines to both files, or to neither."""
        self._readable.append(batch.readable)
        try:
            self._objects.append(batch.objects)
        except OSError:
            self._readable.undo()
            raise


class _Batch:
    """The lines of one write for the two files."""

    def __init__(self) -> None:
        self.readable: list[str] = []
        self.objects: list[str] = []
        self.entries = 0
        """How many entries it accounts for, with those it only has the number of."""
        self.chars = 0


def _size(entry: Entry) -> int:
    if isinstance(entry, PublicEntry):
        return ENTRY_CHARS + len(entry.text)
    return ENTRY_CHARS


def _one_line(text: str) -> str:
    """Escape every character that could end a line or move a cursor.

    In a JSON object such a character can only stand inside a text, where ``\\u0085``
    means the same.
    """
    if text.isprintable():
        return text

    parts = []
    for character in text:
        code = ord(character)
        if character.isprintable() or character in _HARMLESS:
            parts.append(character)
        elif character in _SHORT_ESCAPES:
            parts.append(_SHORT_ESCAPES[character])
        elif code <= _BASIC_PLANE_MAX:
            parts.append(f"\\u{code:04x}")
        else:
            # JSON writes it as a pair of surrogates, of ten bits each.
            offset = code - _BASIC_PLANE_MAX - 1
            high = 0xD800 + (offset >> 10)
            low = 0xDC00 + (offset & 0x3FF)
            parts.append(f"\\u{high:04x}\\u{low:04x}")
    return "".join(parts)


_HARMLESS = frozenset("\u00a0\u200c\u200d")
"""Unprintable to Python, and yet part of words and of emoji."""
_BASIC_PLANE_MAX = 0xFFFF
"""The last character that four hexadecimal digits can name."""
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _month_of(at_s: float) -> tuple[int, int]:
    """Return the year and the month (UTC) of a moment in seconds since 1970."""
    moment = time.gmtime(at_s)
    return moment.tm_year, moment.tm_mon


async def forget_old_files(
    folder: Path,
    days: int,
    at_start: bool,
) -> None:
    """Delete the log files to which nothing was added for ``days``; 0 keeps them.

    A file holds a month at most, so what was said goes a month later at the latest. It
    makes no difference whether the shop has just been opened.
    """
    _ = at_start
    if days:
        await asyncio.to_thread(_forget_files, folder, days)


def _forget_files(
    folder: Path,
    days: int,
) -> None:
    if folder.is_symlink():
        return
    oldest_s = time.time() - days * DAY_S
    for name in (READABLE, OBJECTS):
        for path in folder.glob(f"{name}*"):
            with contextlib.suppress(OSError):  # another program has it, or moved it
                if path.stat().st_mtime < oldest_s:
                    path.unlink()


class _RotatingFile:
    """A log file that is renamed, and begun anew, when it is large or a month is over.

    It is open only while it is written: so it may be moved away or deleted meanwhile,
    also on Windows, and the next write notices a full or missing disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends_with_whole_line = False
        """Whether that is known."""
        self._size_before_bytes = 0
        """The size before the last :meth:`append`."""

    def append(self, lines: list[str]) -> None:
        """Add all of the lines, or raise OSError and add none."""
        text = "".join(f"{line}\n" for line in lines)
        data = text.encode("utf-8", "backslashreplace")

        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        if self.path.parent.is_symlink():  # laid by whoever may write beside the shop
            raise OSError(errno.ELOOP, "a link is not followed", str(self.path.parent))
        self._rotate(len(data))

        with self._open() as file:
            self._size_before_bytes = file.seek(0, os.SEEK_END)
            if not self._ends_with_whole_line and self._size_before_bytes:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # the power failed during the last write
                    data = b"\n" + data

            self._ends_with_whole_line = False
            try:
                rest = memoryview(data)
                while rest:
                    written_bytes = file.write(rest)
                    rest = rest[written_bytes:]
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(self._size_before_bytes)
                raise
            self._ends_with_whole_line = True

    def undo(self) -> None:
        """Take back the last :meth:`append`, if the disk allows it."""
        with contextlib.suppress(OSError), self._open() as file:
            file.truncate(self._size_before_bytes)

    def _open(self) -> FileIO:
        # Readable by its owner only, like the shop's database, whatever the umask says.
        return FileIO(
            self.path,
            "a+",
            opener=lambda path, flags: os.open(path, flags | NO_LINK_FLAG, 0o600),
        )

    def _rotate(self, more_bytes: int) -> None:
        """Begin a new file for a new month, or if ``more_bytes`` are too many for this one.

        This one is numbered, and those with a number get the next.
        """
        size_bytes = 0
        is_of_this_month = True
        if self.path.is_file():
            status = self.path.stat()
            size_bytes = status.st_size
            is_of_this_month = _month_of(status.st_mtime) == _month_of(time.time())
        new_size_bytes = size_bytes + more_bytes
        if not size_bytes or (is_of_this_month and new_size_bytes <= FILE_BYTES):
            return

        numbered = [
            self.path.with_name(f"{self.path.name}.{number}")
            for number in range(1, FILES)
        ]
        paths = [self.path, *numbered]
        try:
            # From the oldest, which the one before it replaces.
            for number in range(FILES - 1, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    paths[number - 1].replace(paths[number])
        except OSError:
            if new_size_bytes > STUCK_FILES * FILE_BYTES:
                raise

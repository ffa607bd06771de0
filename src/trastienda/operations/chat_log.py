"""The chat's logs: written in a thread of their own, so that neither the chat nor the shop waits for the disk."""

import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from trastienda.domain.chat_entries import Entry, LostEntries, PublicEntry

log = logging.getLogger(__name__)

READABLE, OBJECTS = "chat.log", "logs.json"
"""The two files: lines that a person reads, and an object a line."""
FILE_BYTES = 5_000_000
"""The size at which a file makes way: a busy day, and still something that any editor opens."""
FILES = 5
"""Files of each kind, the one being written among them: 50 MB of logs in all is nothing on any disk."""
STUCK_FILES = 4
"""Sizes that a file may reach while something (a viewer, on Windows) keeps it from making way."""
MAX_WAITING_CHARS = 4_000_000
"""What may wait for the disk, in characters: several seconds of the liveliest chat, and little of the memory."""
ENTRY_CHARS = 200
"""What an entry counts beside its text."""
BATCH = 500
"""Entries in one write: what a hanging write may hold up, and a file grow beyond its size."""
GATHER_S = 0.1
"""How long entries are gathered after a write, so that a lively chat costs ten writes a second and no more."""
RETRY_S = 5.0
"""How long the log rests when the disk refuses."""
CLOSE_S = 2.0
"""How long the end of the shop waits for what is not written yet, out of its ten seconds."""

Encode = Callable[[Entry], tuple[str, str]]
"""Makes the two lines of an entry, the readable one and the object, without their ends."""


class ChatLog:
    """Keeps the logs in ``folder``, which is made if need be. A disk that refuses stops the log and nothing else."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._folder = folder
        self._files = _RotatingFile(folder / READABLE), _RotatingFile(folder / OBJECTS)
        self._encode = encode
        self._waiting: deque[Entry] = deque()
        self._batch: tuple[list[str], list[str]] = [], []
        """What was taken to be written: the lines for the two files."""
        self._batch_entries = 0
        """How many entries it stands for, those among them that it only tells the number of."""
        self._batch_chars = 0
        # Each of these is changed in one thread only, so that none needs a lock.
        self._taken_chars = 0
        self._done_chars = 0
        self._refused = 0
        self._told_refused = 0
        self._lost = 0
        self._refused_at_ms = 0
        self._failed = False
        self._puzzled = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        # A daemon: a disk that hangs inside the system must not hold up the end of the shop.
        self._thread = threading.Thread(target=self._work, name="chat-log", daemon=True)
        self._thread.start()

    def tell(self, entry: Entry) -> None:
        """Have an entry written soon. Never blocks; where too much waits, it is dropped and counted."""
        size = _size(entry)
        if (
            self._taken_chars - self._done_chars + size > MAX_WAITING_CHARS
            or self._closing.is_set()
        ):
            self._refused += 1
            self._refused_at_ms = entry.at_ms
            return
        self._taken_chars += size
        self._waiting.append(entry)
        if not self._wake.is_set():
            self._wake.set()

    def close(self) -> None:
        """Write what waits, for as long as :data:`CLOSE_S` allows, and stop. May be called twice."""
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_S)
        left = len(self._waiting) + self._batch_entries + self._unwritten()
        if left:
            log.warning("%d entries of the chat were not logged", left)

    def _unwritten(self) -> int:
        """Return how many entries were dropped and are not told of in the files yet."""
        return self._refused - self._told_refused + self._lost

    def _work(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            if not self._write_waiting():
                self._closing.wait(RETRY_S)
                self._wake.set()
            else:
                self._closing.wait(GATHER_S)
        self._write_waiting()

    def _write_waiting(self) -> bool:
        """Write all that waits; False where the disk refused, and what is left is tried again."""
        while self._batch_entries or self._waiting or self._unwritten():
            if not self._batch_entries:
                self._take()
            try:
                self._write(*self._batch)
            except Exception as error:
                if not self._failed:
                    unexpected = not isinstance(error, OSError)
                    log.warning(
                        "the chat is not logged in %s: %s",
                        self._folder,
                        error,
                        exc_info=unexpected,
                    )
                self._failed = True
                return False
            self._done_chars += self._batch_chars
            self._batch_entries = self._batch_chars = 0
            if self._failed:
                self._failed = False
                log.info("the chat is logged again in %s", self._folder)
        return True

    def _take(self) -> None:
        """Take a batch, and behind it, once nothing older waits, how many were dropped."""
        refused, at_ms = self._refused, self._refused_at_ms
        self._batch = [], []
        for _ in range(min(len(self._waiting), BATCH)):
            entry = self._waiting.popleft()
            self._batch_chars += _size(entry)
            at_ms = max(at_ms, entry.at_ms)
            if self._encoded(entry):
                self._batch_entries += 1
            else:
                self._lost += 1
        lost = refused - self._told_refused + self._lost
        if lost and not self._waiting:
            self._told_refused, self._lost = refused, 0
            if self._encoded(LostEntries(at_ms=at_ms, count=lost)):
                self._batch_entries += lost

    def _encoded(self, entry: Entry) -> bool:
        """Put the two lines of an entry into the batch; False where it has none."""
        try:
            lines = self._encode(entry)
        except Exception:
            if not self._puzzled:
                log.exception("an entry of the chat cannot be logged")
            self._puzzled = True
            return False
        for line, part in zip(lines, self._batch, strict=True):
            part.append(_one_line(line))
        return True

    def _write(self, readable: list[str], objects: list[str]) -> None:
        """Write the lines into both files, or into neither."""
        self._files[0].append(readable)
        try:
            self._files[1].append(objects)
        except OSError:
            self._files[0].take_back()
            raise


def _size(entry: Entry) -> int:
    return ENTRY_CHARS + (len(entry.text) if isinstance(entry, PublicEntry) else 0)


def _one_line(text: str) -> str:
    """Return the text with every character escaped that could end a line, move a cursor or turn the writing round.

    What is escaped stands, in JSON, inside a text only, where ``\\u0085`` means the same.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _HARMLESS else _escaped(one) for one in text
    )


_HARMLESS = frozenset("\u00a0\u200c\u200d")
"""Not printable by name, and yet part of words and of emoji."""


def _escaped(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\u{code:04x}")


class _RotatingFile:
    """A file that makes way for a new one when it is large.

    It is open only while it is written: so it may be moved away or deleted meanwhile, on Windows, too, and a full or
    missing disk is noticed by the next write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_whole = False
        """Whether it is known to end with a whole line."""
        self._before = 0

    def append(self, lines: list[str]) -> None:
        """Add lines, all or none; raise OSError where that cannot be."""
        data = "".join(f"{line}\n" for line in lines).encode(
            "utf-8", "backslashreplace"
        )
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        self._make_way(len(data))
        with self._opened() as file:
            self._before = file.seek(0, os.SEEK_END)
            if not self._is_whole and self._before:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # the power went while it was written
                    data = b"\n" + data
            self._is_whole = False
            try:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(self._before)
                raise
            self._is_whole = True

    def take_back(self) -> None:
        """Undo the last :meth:`append`, as far as the disk lets."""
        with contextlib.suppress(OSError), self._opened() as file:
            file.truncate(self._before)

    def _opened(self) -> FileIO:
        # Private like the shop itself, whatever the process would give away.
        return FileIO(
            self.path, "a+", opener=lambda path, flags: os.open(path, flags, 0o600)
        )

    def _make_way(self, more: int) -> None:
        """Number the file, and those numbered before it one higher, where ``more`` bytes would be too much for it."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        if not size or size + more <= FILE_BYTES:
            return
        names = [
            self.path,
            *(
                self.path.with_name(f"{self.path.name}.{number}")
                for number in range(1, FILES)
            ),
        ]
        try:
            for number in range(FILES - 1, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    names[number - 1].replace(names[number])
        except OSError:
            if size + more > STUCK_FILES * FILE_BYTES:
                raise

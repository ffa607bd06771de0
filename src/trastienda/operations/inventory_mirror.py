"""``inventario.json``, kept up to date beside a served shop, for other programs."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from trastienda.actions import export
from trastienda.domain.events import Event, Kind
from trastienda.domain.people import SHELL
from trastienda.files.exports.inventory import inventory_out, sort_by_name
from trastienda.files.exports.rows import ShopLocale
from trastienda.live.bus import Bus
from trastienda.operations import atomic_files
from trastienda.reader import Reader
from trastienda.storage.transactions import Snapshot, last_n

log = logging.getLogger(__name__)

GATHER_S = 0.1
"""How long the first change waits for others: what comes in a burst is written once."""
PAUSE_S = 0.4
"""The longest pause after a write that costs little; with it a change is in the file
within a second."""
LITTLE_S = 0.2
"""What a write may cost, in time of the processor, and still keep that promise: a shop
of some 10,000 products."""
SHARE = 0.1
"""The share of a processor that all writes of a large shop together may take."""
RETRY_S = (0.3, 1, 3, 10)
"""Pauses after failed writes, the last for ever: a file that somebody holds open is
free soon, a full disk is not."""
CLOSE_S = 4
"""How long the end of the shop waits for the disk, out of its ten seconds."""
NEW_FILE_MODE = 0o600
"""The rights of a new file, as it holds costs; a file that is there keeps its own."""

_KINDS = frozenset((Kind.PRODUCT, Kind.PRODUCT_DELETED, Kind.STOCK, Kind.SHOP))
"""What changes the file; the shop itself because of its currency and its zone."""


class _Written(Struct):
    """What a write came to: its last announcement, and what it cost."""

    n: int
    cpu_s: float
    disk_s: float

    @property
    def pause_s(self) -> float:
        """How long to rest, so that the writes keep to their share of the machine.

        The processor's own time does not grow when the machine is busy; the disk's
        does.
        """
        share_s = self.cpu_s * (1 / SHARE - 1)
        if self.cpu_s <= LITTLE_S:
            share_s = min(share_s, PAUSE_S)
        longest_s = RETRY_S[-1]
        disk_s = min(self.disk_s, longest_s)
        return max(share_s, disk_s)


@asynccontextmanager
async def mirroring(bus: Bus, reader: Reader, path: Path | None) -> AsyncIterator[None]:
    """Keep the file at ``path`` equal to the products; None keeps none.

    Leave it when nothing is written to the shop any more and ``reader`` is still open:
    the last write is made then. A disk that refuses is logged and tried again, and
    stops nothing.
    """
    if path is None:
        yield
        return
    mirror = _Mirror(reader, path)
    unsubscribe = bus.listen(mirror.hear, _KINDS)
    keeping = asyncio.create_task(mirror.keep())
    try:
        yield
    finally:
        mirror.stop()
        await asyncio.wait({keeping}, timeout=CLOSE_S)
        if not keeping.done():
            log.warning("%s was not written to the end: the disk takes too long", path)
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        unsubscribe()


class _Mirror:
    """Writes the file after changes, one write at a time."""

    def __init__(self, reader: Reader, path: Path) -> None:
        self._reader = reader
        self._path = path
        self._changed = asyncio.Event()
        self._changed.set()
        self._stopping = asyncio.Event()
        self._written_n = -1
        """The number of the last announcement that the file contains."""
        self._failures = 0
        self._error = ""

    def hear(self, events: Sequence[Event]) -> None:
        """Have the file written soon."""
        self._changed.set()

    def stop(self) -> None:
        """Have the file written for the last time."""
        self._stopping.set()
        self._changed.set()

    async def keep(self) -> None:
        """Write the file now, after changes, and at the end if anything is missing."""
        while not self._stopping.is_set():
            self._changed.clear()
            pause_s = await self._write_or_log()
            await self._rest(pause_s)
            await self._changed.wait()
            await self._rest(GATHER_S)
        if self._failures or await self._is_behind():
            await self._write_or_log()

    async def _is_behind(self) -> bool:
        try:
            reading = await self._reader.read(last_n)
        except Exception:  # the write meets the same error, and logs it
            return True
        return reading.value != self._written_n

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _write_or_log(self) -> float:
        """Write the file, or log why not. Returns how long to rest after it."""
        try:
            written = await self._write()
        except Exception as error:
            self._changed.set()
            self._log_failure(error)
            self._failures += 1
            retries = min(self._failures, len(RETRY_S))
            return RETRY_S[retries - 1]

        self._written_n = written.n
        if self._failures:
            log.info("%s is kept up to date again", self._path)
        self._failures = 0
        self._error = ""
        return written.pause_s

    def _log_failure(self, error: Exception) -> None:
        """Log an error, once for as long as it stays the same."""
        message = str(error)
        if message != self._error or not self._failures:
            is_unexpected = not isinstance(error, OSError)
            log.warning(
                "%s cannot be kept up to date: %s",
                self._path,
                error,
                exc_info=is_unexpected,
            )
        self._error = message

    async def _write(self) -> _Written:
        def read_content(snapshot: Snapshot) -> tuple[_Written, bytes]:
            began_s = time.thread_time()
            products = sort_by_name(export.products(snapshot, SHELL))
            locale = ShopLocale(snapshot.shop.time_zone, snapshot.shop.exponent)
            content = inventory_out(products, locale)
            cpu_s = time.thread_time() - began_s
            return _Written(n=snapshot.n, cpu_s=cpu_s, disk_s=0), content

        reading = await self._reader.read(read_content)
        written, content = reading.value

        began_s = time.monotonic()
        await self._replace_in_thread(content)
        written.disk_s = time.monotonic() - began_s
        return written

    def _replace_in_thread(self, content: bytes) -> "asyncio.Future[None]":
        """Replace the file in a thread of its own.

        When the disk hangs, it does not hold up the end of the shop, as a thread of a
        pool would.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def resolve(error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        def run() -> None:
            error = None
            try:
                self._replace(content)
            except BaseException as raised:
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(resolve, error)

        threading.Thread(target=run, name="mirror", daemon=True).start()
        return future

    def _replace(self, content: bytes) -> None:
        """Replace the file and keep its rights; of a link, the file it leads to."""
        path = self._path.resolve()
        mode = NEW_FILE_MODE
        if path.exists():
            mode = path.stat().st_mode & 0o777

        atomic_files.write(path, content, mode)
        # The mask of this process may have taken some rights away.
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)

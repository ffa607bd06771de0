"""The receipt printer: a short queue and a thread of its own, so that no sale waits for paper."""

import contextlib
import logging
import os
import re
import select
import socket
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic

from msgspec import Struct

from trastienda.domain.errors import NoPrinter, Unavailable

log = logging.getLogger(__name__)

MAX_WAITING = 100
"""Receipts in the queue. A till sells one every ten seconds at the most, and none waits longer than ``PATIENCE_S``."""
PATIENCE_S = 15 * 60
"""How long a receipt may wait for its printer: whoever bought has left by then, and nobody wants a heap of them."""
CONNECT_S = 5
"""How long a printer in the same building may take to answer."""
WRITE_S = 10
"""How long a printer may take nothing: some print while they read, and none needs longer for what it holds."""
LINGER_S = 1
"""How long a printer may take to hang up after the last byte; some never do."""
PAUSES_S = (0.5, 1, 2, 5)
"""Pauses between attempts while the printer is off, the last one for ever: it is noticed soon when it comes back."""
CLOSE_S = 1
"""How long the shop's end waits for what can be printed at once, out of the ten seconds that it has."""
_SEND_BUFFER_BYTES = 4096
"""Less than a receipt, so that a printer out of paper is noticed while there is something left to send."""

_HOST = re.compile(r"tcp://\[?([^\]]+?)\]?(?::(\d+))?/?")

Content = Callable[[], bytes]
"""Makes what is sent to the printer, in the printer's thread: an order too old to be of use may make less."""
Send = Callable[[bytes], None]
"""Sends all of it, or raises OSError."""


class PrinterState(Struct, frozen=True):
    """How the printer does. ``address`` None: there is none. ``error`` is what keeps it from printing now."""

    address: str | None
    waiting: int
    error: OSError | None


class _BrokenOffError(OSError):
    """The printer has taken some of an order and no more."""


class _Job(Struct):
    content: Content
    until_s: float


class Printing:
    """Prints one order after the other. An order that broke off is printed anew from its beginning."""

    def __init__(self, address: str | None, cut: bytes = b"") -> None:
        """``address``: ``tcp://HOST:PORT`` or a device file. ``cut`` parts what broke off from what is printed anew."""
        self.address = address
        self._cut = cut
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._error: OSError | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        if address is not None:
            # A daemon: a printer that hangs inside the system must not hold up the end of the shop.
            self._thread = threading.Thread(
                target=self._work, args=(_sender(address),), name="printer", daemon=True
            )
            self._thread.start()

    @property
    def state(self) -> PrinterState:
        """How the printer does, as of the last attempt."""
        return PrinterState(self.address, len(self._jobs), self._error)

    def order(self, content: Content) -> int:
        """Have something printed that somebody asked for; return how many orders wait, this one among them.

        Raises NoPrinter, or Unavailable where the queue is full.
        """
        if self._thread is None:
            raise NoPrinter
        with self._changed:
            if self._closing or len(self._jobs) >= MAX_WAITING:
                raise Unavailable
            return self._add(content)

    def offer(self, content: Content) -> None:
        """Have something printed that nobody waits for; where the queue is full, the oldest order gives way."""
        if self._thread is None:
            return
        with self._changed:
            if len(self._jobs) >= MAX_WAITING:
                self._jobs.popleft()
                log.warning(
                    "the printer's queue is full: its oldest receipt is not printed"
                )
            self._add(content)

    def _add(self, content: Content) -> int:
        self._jobs.append(_Job(content, monotonic() + PATIENCE_S))
        self._changed.notify()
        return len(self._jobs)

    def close(self) -> None:
        """Print what can be printed at once, and stop."""
        if self._thread is None:
            return
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_S)
        if self._jobs:
            log.warning("%d receipts were not printed", len(self._jobs))

    def _work(self, send: Send) -> None:
        failures, broken_off = 0, False
        while (job := self._next()) is not None:
            try:
                content = job.content()
            except Exception:
                log.exception("a receipt could not be made")
                self._done(job)
                continue
            try:
                send(self._cut + content if broken_off else content)
            except OSError as error:
                self._failed(error)
                broken_off = broken_off or isinstance(error, _BrokenOffError)
                with self._changed:
                    if self._closing:
                        return
                    pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                    self._changed.wait_for(lambda: self._closing, pause_s)
                failures += 1
            else:
                failures, broken_off = 0, False
                self._error = None
                self._done(job)

    def _next(self) -> _Job | None:
        """Return the oldest order that is still wanted, which stays in the queue; None at the end of all."""
        with self._changed:
            while True:
                while self._jobs and self._jobs[0].until_s < monotonic():
                    self._jobs.popleft()
                    log.warning(
                        "a receipt waited too long for the printer and is not printed"
                    )
                if self._jobs:
                    return self._jobs[0]
                if self._closing:
                    return None
                self._changed.wait()

    def _done(self, job: _Job) -> None:
        with self._changed:
            if self._jobs and self._jobs[0] is job:
                self._jobs.popleft()

    def _failed(self, error: OSError) -> None:
        if self._error is None:
            log.warning("the printer %s does not print: %s", self.address, error)
        self._error = error


def _sender(address: str) -> Send:
    named = _HOST.fullmatch(address)
    if named is None:
        return partial(_send_to_file, address)
    return partial(_send_to_host, named[1], int(named[2] or 9100))


def _send_to_host(host: str, port: int, content: bytes) -> None:
    with socket.create_connection((host, port), CONNECT_S) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        connection.settimeout(WRITE_S)
        _write(connection.send, content)
        # Read what the printer may say about itself: unread, it would make the system throw away what is on its way.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(LINGER_S)
            while connection.recv(4096):
                pass


def _send_to_file(path: str, content: bytes) -> None:
    flags = (
        os.O_WRONLY
        | os.O_APPEND
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_BINARY", 0)
    )
    device = os.open(path, flags)

    def write(part: memoryview) -> int:
        try:
            return os.write(device, part)
        except BlockingIOError:
            if not select.select([], [device], [], WRITE_S)[1]:
                raise TimeoutError("the printer takes nothing") from None
            return 0

    try:
        _write(write, content)
    finally:
        os.close(device)


def _write(write: Callable[[memoryview], int], content: bytes) -> None:
    """Write all of it, however much ``write`` takes at once; raise _BrokenOffError where it took some and no more."""
    left = memoryview(content)
    try:
        while left:
            left = left[write(left) :]
    except OSError as error:
        if len(left) < len(content):
            raise _BrokenOffError(str(error)) from error
        raise

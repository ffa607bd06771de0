"""The receipt printer: a short queue and a thread, so that no sale waits for paper."""

import contextlib
import logging
import os
import re
import select
import socket
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from msgspec import Struct

from trastienda.domain.errors import NoPrinter, Unavailable

log = logging.getLogger(__name__)

MAX_WAITING = 100
"""Receipts in the queue. A till sells one every ten seconds at the most, and none waits
longer than ``PATIENCE_S``."""
PATIENCE_S = 15 * 60
"""How long a receipt may wait for its printer: the customer has left by then, and
nobody wants a heap of them."""
CONNECT_S = 5
"""How long a printer in the same building may take to answer."""
WRITE_S = 10
"""How long a printer may take nothing: some print while they read, and none needs
longer for what it holds."""
LINGER_S = 1
"""How long a printer may take to hang up after the last byte; some never do."""
PAUSES_S = (0.5, 1, 2, 5)
"""Pauses between attempts while the printer is off, the last one for ever: it is
noticed soon when it comes back."""
CLOSE_S = 1
"""How long the shop's end waits for what can be printed at once, out of its ten
seconds."""
_SEND_BUFFER_BYTES = 4096
"""Less than a receipt, so that a printer out of paper is noticed while there is
something left to send."""

_NETWORK_PRINTER = re.compile(r"tcp://\[?([^\]]+?)\]?(?::(\d+))?/?")
_DEFAULT_PORT = 9100

Content = Callable[[], bytes]
"""Makes what is sent, in the printer's thread. A job that waited may make less."""
Send = Callable[[bytes], None]
"""Sends all of it, or raises OSError."""


class PrinterState(Struct, frozen=True):
    """How the printer does.

    ``address`` None: there is none. ``error`` is what keeps it from printing now.
    """

    address: str | None
    waiting: int
    error: OSError | None


class _BrokenOffError(OSError):
    """The printer has taken some of a job and no more."""


class _Job(Struct):
    """Something to print."""

    content: Content
    until_s: float
    """The monotonic clock when nobody wants it any more."""


class Printer:
    """Prints one job after the other.

    A job that broke off is printed again from its beginning.
    """

    def __init__(self, address: str | None, cut: bytes = b"") -> None:
        """Start the printer's thread, unless ``address`` is None: then nothing prints.

        ``address`` is ``tcp://HOST:PORT`` or a device file. ``cut`` is sent between
        what broke off and its repetition.
        """
        self.address = address
        self._cut = cut
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._error: OSError | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        if address is not None:
            network = _NETWORK_PRINTER.fullmatch(address)
            printer: _NetworkPrinter | _DevicePrinter
            if network is None:
                printer = _DevicePrinter(address)
            else:
                host, port = network.groups()
                printer = _NetworkPrinter(host, int(port or _DEFAULT_PORT))

            # A daemon: a printer that hangs inside the system must not hold up the end
            # of the shop.
            self._thread = threading.Thread(
                target=self._work,
                args=(printer.send,),
                name="printer",
                daemon=True,
            )
            self._thread.start()

    @property
    def state(self) -> PrinterState:
        """How the printer does, as of the last attempt."""
        return PrinterState(
            address=self.address,
            waiting=len(self._jobs),
            error=self._error,
        )

    def order(self, content: Content) -> int:
        """Print something that somebody asked for.

        Returns how many jobs wait, this one among them. Raises NoPrinter, or
        Unavailable where the queue is full.
        """
        if self._thread is None:
            raise NoPrinter
        with self._changed:
            if self._closing or len(self._jobs) >= MAX_WAITING:
                raise Unavailable
            self._add(content)
            return len(self._jobs)

    def offer(self, content: Content) -> None:
        """Print something that nobody waits for.

        Where the queue is full, the oldest job gives way.
        """
        if self._thread is None:
            return
        with self._changed:
            if len(self._jobs) >= MAX_WAITING:
                self._jobs.popleft()
                log.warning(
                    "the printer's queue is full: its oldest receipt is not printed"
                )
            self._add(content)

    def _add(self, content: Content) -> None:
        until_s = monotonic() + PATIENCE_S
        self._jobs.append(_Job(content, until_s))
        self._changed.notify()

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
        """Print the jobs, each until it is on paper or gives way, until closed."""
        failures = 0
        has_broken_off = False
        while (job := self._next()) is not None:
            try:
                content = job.content()
            except Exception:
                log.exception("a receipt could not be made")
                self._remove(job)
                continue

            try:
                send(self._cut + content if has_broken_off else content)
            except OSError as error:
                if self._error is None:
                    log.warning(
                        "the printer %s does not print: %s", self.address, error
                    )
                self._error = error
                if isinstance(error, _BrokenOffError):
                    has_broken_off = True

                last_pause = len(PAUSES_S) - 1
                pause_s = PAUSES_S[min(failures, last_pause)]
                failures += 1
                with self._changed:
                    if self._closing:
                        return
                    self._changed.wait_for(lambda: self._closing, pause_s)
            else:
                failures = 0
                has_broken_off = False
                self._error = None
                self._remove(job)

    def _next(self) -> _Job | None:
        """Wait for the oldest job that is still wanted; it stays in the queue.

        Returns None when the printer is closed and nothing is left.
        """
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

    def _remove(self, job: _Job) -> None:
        """Remove a job from the queue, unless it gave way to a newer one already."""
        with self._changed:
            if self._jobs and self._jobs[0] is job:
                self._jobs.popleft()


class _NetworkPrinter(Struct, frozen=True):
    """A printer that takes bytes on a TCP port."""

    host: str
    port: int

    def send(self, content: bytes) -> None:
        """Send all of it over a connection of its own. Raises OSError."""
        address = (self.host, self.port)
        with socket.create_connection(address, CONNECT_S) as connection:
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES
            )
            connection.settimeout(WRITE_S)
            _write_all(connection.send, content)

            # Read what the printer may say about itself: unread, it would make the
            # system throw away what is still on its way.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(LINGER_S)
                while connection.recv(4096):
                    pass


class _DevicePrinter(Struct, frozen=True):
    """A printer that is a file of this machine."""

    path: str

    def send(self, content: bytes) -> None:
        """Write all of it to the device. Raises OSError."""
        flags = os.O_WRONLY | os.O_APPEND
        flags |= getattr(os, "O_NONBLOCK", 0)  # not on Windows
        flags |= getattr(os, "O_BINARY", 0)  # only on Windows
        device = os.open(self.path, flags)

        def write(part: memoryview) -> int:
            try:
                return os.write(device, part)
            except BlockingIOError:
                # Out of paper, say. It does not block by itself, so that it can be
                # given up.
                _, writable, _ = select.select([], [device], [], WRITE_S)
                if not writable:
                    raise TimeoutError("the printer takes nothing") from None
                return 0

        try:
            _write_all(write, content)
        finally:
            os.close(device)


def _write_all(write: Callable[[memoryview], int], content: bytes) -> None:
    """Write all of it, however much ``write`` takes at once.

    Raises _BrokenOffError where it took some and no more.
    """
    rest = memoryview(content)
    try:
        while rest:
            written_bytes = write(rest)
            rest = rest[written_bytes:]
    except OSError as error:
        if len(rest) < len(content):
            raise _BrokenOffError(str(error)) from error
        raise

"""How a server is told to stop: by a signal, or by ``salir`` on its standard input."""

import asyncio
import contextlib
import io
import signal
import sys
import threading
import time

WORD = "salir"
BACKGROUND_S = 1
"""How often standard input is tried while the process is in the background.

It may come to the front of its terminal again.
"""


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Set ``stopping`` on Ctrl-C or a request to terminate."""
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        loop.call_soon_threadsafe(stopping.set)

    for signal_number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(signal_number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(signal_number, stop)


def stop_on_word(stopping: asyncio.Event) -> None:
    """Set ``stopping`` when somebody types ``salir``.

    The end of the input stops nothing, so the server may run without a terminal.
    """
    if sys.stdin is None:
        return
    if hasattr(signal, "SIGTTIN"):  # or reading in the background would suspend us
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes that are no text in this encoding must not end the thread.
        sys.stdin.reconfigure(errors="replace")

    loop = asyncio.get_running_loop()

    def wait_for_word() -> None:
        while True:
            try:
                line = sys.stdin.readline()
            except (OSError, ValueError):
                if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
                    return
                # In the background of a terminal, reading from it is an error.
                time.sleep(BACKGROUND_S)
                continue

            if not line:
                return
            if line.strip().casefold() == WORD:
                with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                    loop.call_soon_threadsafe(stopping.set)
                return

    threading.Thread(target=wait_for_word, name="stdin", daemon=True).start()

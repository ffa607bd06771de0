"""Servers under measurement: each a process of its own, on a core of its own.

The machine is divided: servers run on one core, whoever puts load on them on another. A
server that does not start, ends or hangs up raises `ServerFailed` with the reason, so
that a benchmark can name it and measure the others.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1
PASSWORD = "benchmark-password"
TICKS = os.sysconf("SC_CLK_TCK")

SERVER_LIFE_S = 900
"""No server outlives this, whatever becomes of the benchmark."""
READY_S = 20.0
"""A server that does not answer by then is not coming."""
STOP_S = 15.0
"""Stopping takes a moment; a server that takes longer is killed."""
DYING_S = 0.5
"""From a connection's reset until the kernel knows how its process has ended."""


class ServerFailed(Exception):
    """A server did not start, ended, hung up or answered nonsense; the text says which and why."""


@dataclass
class Server:
    """A server that runs.

    ``port`` is where it is measured: that of HTTP, where the chat has a ``chat_port``.
    """

    name: str
    process: "subprocess.Popen[str]"
    errors: Path
    """What it writes on its standard error."""
    port: int = 0
    chat_port: int = 0

    def cpu_s(self) -> float:
        """Processor time used so far, by all its threads, in steps of nanoseconds."""
        process_clock = (~self.process.pid << 3) | 2  # as clock_getcpuclockid(3) does
        return time.clock_gettime(process_clock)

    def loop_cpu_s(self) -> float:
        """Processor time used so far by the event loop's thread, in steps of 10 ms."""
        pid = self.process.pid
        stat = Path(f"/proc/{pid}/task/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / TICKS

    def memory_bytes(self, field: str = "VmRSS") -> int:
        """Resident memory now, or at its highest (``VmHWM``)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        value = status.partition(f"{field}:")[2].split()[0]
        return int(value) * 1024

    def memory_mb(self, field: str = "VmRSS") -> float:
        """The same in MB."""
        return self.memory_bytes(field) / 1e6

    def failure(self, reason: object) -> ServerFailed:
        """Return the error that says what went wrong, and how the server ended if it did."""
        parts = [str(reason)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            parts.append(f"it ended with status {self.process.wait(DYING_S)}")
        error_lines = self.errors.read_text(errors="replace").split("\n")
        last_words = [line.strip() for line in error_lines if line.strip()][-1:]
        return ServerFailed(f"{self.name}: " + "; ".join(parts + last_words))

    @contextlib.contextmanager
    def blamed(self) -> Iterator[None]:
        """Raise `ServerFailed` where a connection to this server breaks."""
        try:
            yield
        except OSError as error:
            raise self.failure(error.strerror or error) from error


def on_server_core() -> None:
    """Keep this process on the server's core."""
    os.sched_setaffinity(0, {SERVER_CORE})


def on_client_core() -> None:
    """Keep this process off the server's core."""
    os.sched_setaffinity(0, {CLIENT_CORE % (os.cpu_count() or 1)})


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that goes with the benchmark."""
    folder = Path(tempfile.mkdtemp(prefix="trastienda-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Run a command on the server's core, and stop it."""
    with scratch_folder() as folder:
        errors = folder / "stderr"
        with errors.open("w") as stderr:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                text=True,
                cwd=folder,  # where there is no .env
                env=os.environ | (environment or {}),
                preexec_fn=_settle_in,  # noqa: PLW1509 - no threads here
            )
        try:
            yield Server(name, process, errors)
        finally:
            _stop(process)


def _settle_in() -> None:
    on_server_core()
    signal.alarm(SERVER_LIFE_S)  # survives exec, unlike whoever started this


def _stop(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(server: Server, ready: Callable[[], None]) -> None:
    """Call ``ready`` until it no longer finds the port closed.

    Raises `ServerFailed` if the server ends first, or takes too long.
    """
    give_up_at = time.monotonic() + READY_S
    while True:
        try:
            return ready()
        except ConnectionError as error:
            if server.process.poll() is not None or time.monotonic() > give_up_at:
                raise server.failure("it did not start") from error
        time.sleep(0.001)


def connect_once(port: int) -> None:
    """Connect and hang up."""
    socket.create_connection(("127.0.0.1", port), READY_S).close()


def request_once(port: int) -> None:
    """Send a request and wait for its answer, which may be a refusal."""
    with socket.create_connection(("127.0.0.1", port), READY_S) as connection:
        connection.sendall(
            b"GET /product/barcode/P000001 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        if not connection.recv(65536).startswith(b"HTTP/1.1 "):
            raise ConnectionResetError("no answer")


@contextlib.contextmanager
def serving(
    data: Path, *, source: Path | None = None, python_options: Sequence[str] = ()
) -> Iterator[Server]:
    """Serve the shop in ``data``, and create it if there is none.

    The server is the one installed here, or the package in the folder ``source``.
    """
    port, chat_port = free_port(), free_port()
    settings = {
        "DATA": str(data),
        "PORT": str(port),
        "INVENTORY_PORT": "0",
        "CHAT_PORT": str(chat_port),
        "CHAT_RATE": "0",  # no flood control
        "ADMIN_PASSWORD": PASSWORD,
        "LOG_LEVEL": "WARNING",
    }
    environment = {f"TRASTIENDA_{name}": text for name, text in settings.items()}
    if source is not None:
        environment["PYTHONPATH"] = str(source)
    command = [sys.executable, *python_options, "-m", "trastienda", "serve"]
    with running("Trastienda", command, environment) as server:
        server.port, server.chat_port = port, chat_port
        wait_until(server, lambda: request_once(port))
        yield server

"""Chat servers to measure side by side, each a process of its own on the server's core, and how one speaks to them."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import bench
import shops

READY_S = 15
"""A server that does not answer by then is not coming."""
TEXT = "Llegó el pan: faltan dos cajas de leche y una de té |"
"""What everybody says. Its last letter is in nothing else that a server sends, so that deliveries can be counted."""
MARK = b"|"


class Served(NamedTuple):
    """A chat server that runs."""

    name: str
    process: "subprocess.Popen[str]"
    port: int

    def cpu_s(self) -> float:
        """Processor time used so far, by all its threads, in nanosecond steps."""
        return time.clock_gettime(
            (~self.process.pid << 3) | 2
        )  # what clock_getcpuclockid(3) gives

    def memory_bytes(self) -> int:
        """Resident memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024


class Room(Protocol):
    """A kind of chat server."""

    name: str

    def missing(self) -> str:
        """Say what this machine lacks for it; empty if nothing."""

    def serving(self, folder: Path) -> contextlib.AbstractContextManager[Served]:
        """Run it, with what it writes in ``folder``."""

    def enter(self, alias: str) -> bytes:
        """Return what a member sends first."""

    def say(self, alias: str) -> bytes:
        """Return the line with which ``alias`` says ``TEXT``."""


class Trastienda:
    """This product: its history on the disk before anyone sees a message."""

    name = "Trastienda"

    def missing(self) -> str:
        return ""

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Served]:
        shops.found(
            folder, 1
        )  # here, so that hashing the first password is not in the server's memory
        with self.serving_shop(folder) as (served, _):
            yield served

    @contextlib.contextmanager
    def serving_shop(self, data: Path) -> Iterator[tuple[Served, bench.Server]]:
        """Serve the shop in ``data``: the chat, and the HTTP that goes with it."""
        port = _free_port()
        settings = [
            "INVENTORY_PORT=0",
            f"CHAT_PORT={port}",
            "CHAT_RATE=0",
        ]  # rate 0: no flood control
        command = [
            "env",
            *(f"TRASTIENDA_{one}" for one in settings),
            sys.executable,
            "-m",
            "trastienda",
            "serve",
        ]
        command += ["--data", str(data), "--port", "0"]
        with bench.running(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            found = (
                re.search(r"http://127.0.0.1:(\d+)", line) for line in process.stdout
            )
            http_port = next((int(one[1]) for one in found if one), 0)
            if not http_port:
                raise SystemExit(f"`{' '.join(command)}` did not start")
            _await(process, port)
            yield (
                Served(self.name, process, port),
                bench.Server(process, http_port, data),
            )

    def enter(self, alias: str) -> bytes:
        return f"{alias}\n".encode()

    def say(self, alias: str) -> bytes:
        return f"{TEXT}\n".encode()


class Ngircd:
    """An IRC server in C, with its limits lifted; it keeps nothing."""

    name = "ngircd"
    channel = "#general"

    def missing(self) -> str:
        return (
            ""
            if _ngircd()
            else "ngircd is not installed (Debian: apt-get install ngircd)"
        )

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Served]:
        port = _free_port()
        settings = folder / "ngircd.conf"
        settings.write_text(
            "[Global]\nName = irc.bench.test\nListen = 127.0.0.1\nMotdPhrase = bench\n"
            f"Ports = {port}\nServerUID = nobody\nServerGID = nogroup\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nPingTimeout = 3600\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\n"
        )
        folder.chmod(0o755)  # started by root, it reads its settings as nobody
        command = [_ngircd(), "--nodaemon", "--config", str(settings)]
        with bench.running(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _await(process, port)
            try:
                yield Served(self.name, process, port)
            finally:
                process.kill()  # asked to stop, it takes leave of thousands one by one

    def enter(self, alias: str) -> bytes:
        return f"NICK {alias}\r\nUSER {alias} 0 * :{alias}\r\nJOIN {self.channel}\r\n".encode()

    def say(self, alias: str) -> bytes:
        return f"PRIVMSG {self.channel} :{TEXT}\r\n".encode()


class BareEpoll:
    """The limit: `epoll_room.c` passes lines on, and does nothing else."""

    name = "bare epoll in C"

    def missing(self) -> str:
        return (
            ""
            if shutil.which("cc")
            else "there is no C compiler (`cc`) for the bare epoll room"
        )

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Served]:
        program, source = (
            folder / "epoll_room",
            Path(__file__).with_name("epoll_room.c"),
        )
        subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
        with bench.running([str(program)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield Served(self.name, process, int(process.stdout.readline()))

    def enter(self, alias: str) -> bytes:
        return f"{alias}\n".encode()

    def say(self, alias: str) -> bytes:
        return f"{alias}: {TEXT}\n".encode()


ROOMS: tuple[Room, ...] = (Trastienda(), Ngircd(), BareEpoll())


def present(names: list[str]) -> list[Room]:
    """Return the rooms of these names, all if none, that this machine has what it takes for; name the others."""
    wanted = [one for one in ROOMS if not names or one.name.split()[0].lower() in names]
    for one in wanted:
        if one.missing():
            print(f"Left out: {one.missing()}")
    return [one for one in wanted if not one.missing()]


def _ngircd() -> str:
    return (
        shutil.which("ngircd")
        or shutil.which("ngircd", path="/usr/sbin:/usr/local/sbin")
        or ""
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(process: "subprocess.Popen[str]", port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), 1),
        ):
            return
        time.sleep(0.02)
    raise SystemExit(f"nothing answers on port {port}")

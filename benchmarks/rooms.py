"""Chat servers to measure side by side, and how one speaks to them."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import shops
from servers import Server, connect_once, free_port, running, serving, wait_until

TEXT = "Llegó el pan: faltan dos cajas de leche y una de té |"
"""What everybody says. Its last letter is in nothing else that a server sends."""
MARK = b"|"
"""What deliveries are counted by."""


class Room(Protocol):
    """A kind of chat server."""

    name: str

    def missing(self) -> str:
        """Say what this machine lacks for it; empty if nothing."""

    def serving(self, folder: Path) -> contextlib.AbstractContextManager[Server]:
        """Run it, with what it writes in ``folder``."""

    ping: bytes
    """What it sends to see whether a member is there; empty where it sends nothing."""
    pong: bytes
    """What a member answers."""

    def port_of(self, server: Server) -> int:
        """Return the port of its chat."""

    def greet(self, connection: socket.socket) -> None:
        """Do what has to be done before a member enters."""

    def enter(self, alias: str) -> bytes:
        """Return what a member sends first."""

    def say(self, alias: str) -> bytes:
        """Return the line with which ``alias`` says ``TEXT``."""


class _Lines:
    """A server that speaks lines: whoever connects may enter."""

    ping = pong = b""

    def greet(self, connection: socket.socket) -> None:
        pass


class Trastienda(_Lines):
    """This product: its history on the disk before anyone sees a message."""

    name = "Trastienda"

    def missing(self) -> str:
        return ""

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        # Founded in this process, so that hashing the first password is not in the
        # server's memory.
        shops.create(folder, 1)
        with serving(folder) as server:
            yield server

    def port_of(self, server: Server) -> int:
        return server.chat_port

    def enter(self, alias: str) -> bytes:
        return f"{alias}\n".encode()

    def say(self, alias: str) -> bytes:
        return f"{TEXT}\n".encode()


class Ngircd(_Lines):
    """An IRC server in C, with its limits lifted; it keeps nothing."""

    name = "ngircd"
    channel = "#general"

    def missing(self) -> str:
        if _ngircd():
            return ""
        return "ngircd is not installed (Debian: apt-get install ngircd)"

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        port = free_port()
        settings = folder / "ngircd.conf"
        settings.write_text(
            "[Global]\n"
            "Name = irc.bench.test\n"
            "Listen = 127.0.0.1\n"
            f"Ports = {port}\n"
            "MotdPhrase = bench\n"
            "ServerUID = nobody\n"
            "ServerGID = nogroup\n"
            "[Limits]\n"
            "MaxConnections = 0\n"
            "MaxConnectionsIP = 0\n"
            "MaxPenaltyTime = 0\n"
            "PingTimeout = 3600\n"
            "[Options]\n"
            "DNS = no\n"
            "Ident = no\n"
            "PAM = no\n"
        )
        folder.chmod(0o755)  # started by root, it reads its settings as nobody
        command = [_ngircd(), "--nodaemon", "--config", str(settings)]
        with running(self.name, command) as server:
            server.port = port
            wait_until(server, lambda: connect_once(port))
            try:
                yield server
            finally:
                # Asked to stop, it takes leave of thousands one by one.
                server.process.kill()

    def port_of(self, server: Server) -> int:
        return server.port

    def enter(self, alias: str) -> bytes:
        nick = f"NICK {alias}\r\nUSER {alias} 0 * :{alias}\r\n"
        return f"{nick}JOIN {self.channel}\r\n".encode()

    def say(self, alias: str) -> bytes:
        return f"PRIVMSG {self.channel} :{TEXT}\r\n".encode()


def _ngircd() -> str:
    """Return where ngircd is; administrators' folders are not in everybody's PATH."""
    program = shutil.which("ngircd")
    return program or shutil.which("ngircd", path="/usr/sbin:/usr/local/sbin") or ""


class BareEpoll(_Lines):
    """The limit: `epoll_room.c` passes lines on, and does nothing else."""

    name = "bare epoll in C"

    def missing(self) -> str:
        if shutil.which("cc"):
            return ""
        return "there is no C compiler (`cc`) for the bare epoll room"

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        program = folder / "epoll_room"
        source = Path(__file__).with_name("epoll_room.c")
        subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
        port = free_port()
        with running(self.name, [str(program), str(port)]) as server:
            server.port = port
            wait_until(server, lambda: connect_once(port))
            yield server

    def port_of(self, server: Server) -> int:
        return server.port

    def enter(self, alias: str) -> bytes:
        return f"{alias}\n".encode()

    def say(self, alias: str) -> bytes:
        return f"{alias}: {TEXT}\n".encode()


ROOMS: tuple[Room, ...] = (Trastienda(), Ngircd(), BareEpoll())


def present(names: Sequence[str]) -> list[Room]:
    """Return the rooms of these names: all, or trastienda, ngircd, bare.

    Prints what this machine lacks for those that are left out.
    """
    rooms = []
    for room in ROOMS:
        short_name = room.name.split()[0].lower()
        if "all" not in names and short_name not in names:
            continue
        if room.missing():
            print(f"Left out: {room.missing()}")
        else:
            rooms.append(room)
    return rooms

"""Socket.IO servers to measure side by side, as rooms that a crowd enters by WebSocket."""

import base64
import contextlib
import json
import os
import shutil
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import shops
from rooms import MARK, TEXT
from servers import (
    PASSWORD,
    Server,
    connect_once,
    free_port,
    running,
    serving,
    wait_until,
)

JAVASCRIPT = Path(__file__).parents[1] / "tests" / "javascript"
NO_MASK = bytes(4)
"""A mask of nothing: the words stand in a frame as they are."""
PATIENCE_S = 30
_ROOM = "general"


def frame(text: str) -> bytes:
    """Return a text as a frame from a client."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return b"\x81" + head + NO_MASK + payload


def _event(name: str, body: object) -> bytes:
    return frame("42" + json.dumps([name, body], ensure_ascii=False))


class _Screens:
    """A server of Socket.IO, which members enter by a WebSocket."""

    name: str
    ping, pong = b"\x81\x012", frame("3")

    def __init__(self) -> None:
        self._auth = "{}"

    def port_of(self, server: Server) -> int:
        return server.port

    def greet(self, connection: socket.socket) -> None:
        """Take a connection to where its client is let in."""
        connection.settimeout(PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        connection.sendall(head.encode())
        _read_until(connection, b"maxPayload")
        connection.sendall(frame(f"40{self._auth}"))
        _read_until(connection, b'40{"sid"')

    def enter(self, alias: str) -> bytes:
        return _event(
            "usuarios", {}
        )  # whoever asks for something hears what is new at once

    def say(self, alias: str) -> bytes:
        return _event("mensaje", {"sala": _ROOM, "texto": TEXT})


def _read_until(connection: socket.socket, sign: bytes) -> None:
    come = b""
    while sign not in come:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError(come[:200])
        come += piece


class Trastienda(_Screens):
    """This product: its history on the disk before anyone hears a message."""

    name = "Trastienda"

    def missing(self) -> str:
        return ""

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        shops.create(folder, 1)
        with serving(folder) as server:
            body = json.dumps({"usuario": "admin", "clave": PASSWORD}).encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{server.port}/login",
                body,
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as answer:
                token = json.load(answer)["token"]
            self._auth = json.dumps({"token": token})
            yield server


class PythonSocketIo(_Screens):
    """python-socketio as its documentation shows it, on uvicorn; it keeps nothing."""

    name = "python-socketio"
    _PROGRAM = """
        import sys
        import socketio, uvicorn
        io = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[])
        @io.event
        async def connect(sid, environ, auth):
            await io.enter_room(sid, "general")
        @io.event
        async def mensaje(sid, body):
            await io.emit("mensaje", body, room="general", skip_sid=sid)
            return {"ok": True}
        uvicorn.run(socketio.ASGIApp(io), host="127.0.0.1", port=int(sys.argv[1]),
                    log_level="warning", ws_per_message_deflate=False)
    """

    def missing(self) -> str:
        return ""

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        program = folder / "server.py"
        program.write_text(dedent(self._PROGRAM))
        port = free_port()
        with running(self.name, [sys.executable, str(program), str(port)]) as server:
            server.port = port
            wait_until(server, lambda: connect_once(port))
            yield server


class NodeSocketIo(_Screens):
    """The server of those who made the protocol, in Node; it keeps nothing."""

    name = "socket.io in Node"
    _PROGRAM = """
        import { createServer } from "node:http";
        import { Server } from "socket.io";
        const http = createServer();
        const io = new Server(http, { perMessageDeflate: false });
        io.on("connection", (socket) => {
            socket.join("general");
            socket.on("mensaje", (body, ack) => {
                socket.to("general").emit("mensaje", body);
                if (ack) ack({ ok: true });
            });
        });
        http.listen(Number(process.argv[2]), "127.0.0.1");
    """

    def missing(self) -> str:
        if shutil.which("node") and (JAVASCRIPT / "node_modules/socket.io").exists():
            return ""
        return "socket.io in Node is not here (`make test` installs it where npm is)"

    @contextlib.contextmanager
    def serving(self, folder: Path) -> Iterator[Server]:
        program = folder / "server.mjs"
        program.write_text(dedent(self._PROGRAM))
        (folder / "node_modules").symlink_to(JAVASCRIPT / "node_modules")
        port = free_port()
        with running(self.name, ["node", str(program), str(port)]) as server:
            server.port = port
            wait_until(server, lambda: connect_once(port))
            yield server


SCREENS = (Trastienda(), PythonSocketIo(), NodeSocketIo())
assert MARK.decode() in TEXT

"""Printers to print on: real sockets and real files, which take what they are sent."""

import contextlib
import socket
import threading

from tests.harness.waiting import PATIENCE_S


class NetworkPrinter:
    """A printer on port 9100, so to speak. ``received`` holds what each connection sent, whole."""

    def __init__(self, port: int = 0, *, stuck: bool = False) -> None:
        self.received: list[bytes] = []
        self.connections = 0
        self._stuck = stuck
        self._held: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", port))
        if stuck:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            if self._stuck:
                self._held.append(connection)
                continue
            with (
                connection,
                connection.makefile("rb") as sent,
                contextlib.suppress(OSError),
            ):
                self.received.append(sent.read())

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(PATIENCE_S)
        for connection in self._held:
            connection.close()

    def __enter__(self) -> "NetworkPrinter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

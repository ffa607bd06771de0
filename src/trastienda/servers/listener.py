"""Listening: whoever connects gets a place at a door, or hears why there is none."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, cast

from trastienda.domain.errors import Refusal
from trastienda.servers.doors import Door, Place

log = logging.getLogger(__name__)

NewProtocol: TypeAlias = Callable[[Place], asyncio.Protocol]
"""Returns the protocol of a connection that has this place, and leaves it at its end."""
Excuse: TypeAlias = Callable[[Refusal], bytes]
"""Says on a wire why a connection is not let in."""

HANDSHAKE_S = 10
"""How long a TLS handshake may take: three round trips, over bad internet too."""
FAREWELL_S = 1
"""How long somebody who is not let in may take to read why."""
ACCEPTED_AT_ONCE = 32
"""Connections taken in a row before others have their turn."""
PAUSE_S = 0.2
"""How long those who come wait in the system's queue while no file can be opened."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class _Farewell(asyncio.Protocol):
    """Says why there is no room, and hangs up.

    What comes meanwhile is read without a look: closing while something is unread would
    reset the connection, and the client would not hear why.
    """

    def __init__(
        self,
        words: bytes,
        place: Place,
    ) -> None:
        self._words = words
        self._place = place

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one by its methods only.
        connected = cast(asyncio.Transport, transport)
        self._place.give_way = connected.abort
        connected.write(self._words)
        if connected.can_write_eof():
            connected.write_eof()
        else:
            connected.close()
        asyncio.get_running_loop().call_later(FAREWELL_S, connected.abort)

    def connection_lost(self, error: Exception | None) -> None:
        self._place.leave()


class Listener:
    """Accepts the connections of one socket, TLS handshakes included.

    A connection has its place from the moment it is accepted, so that a file is opened
    for nobody who has none.
    """

    def __init__(
        self,
        listening: socket.socket,
        door: Door,
        porch: Door,
        new_protocol: NewProtocol,
        excuse: Excuse,
        context: ssl.SSLContext | None,
    ) -> None:
        """``porch`` has the places of those who hear that ``door`` has none for them."""
        listening.setblocking(False)
        self._listening = listening
        self._door = door
        self._porch = porch
        self._new_protocol = new_protocol
        self._excuse = excuse
        self._context = context
        self._beginning: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept())

    def close(self) -> None:
        """Accept nobody any more. Who is connected stays."""
        self._accepting.cancel()
        self._listening.close()
        for task in self._beginning:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the last handshake has ended, too."""
        await asyncio.wait({self._accepting, *self._beginning})

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, address = await loop.sock_accept(self._listening)
                for _ in range(ACCEPTED_AT_ONCE):
                    self._admit(connected, address[0])
                    connected, address = self._listening.accept()
                    connected.setblocking(False)
                self._admit(connected, address[0])
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    log.warning("nobody can be let in: %s", error.strerror)
                    await asyncio.sleep(PAUSE_S)
            except Exception:
                log.exception("a connection could not be let in")
            await asyncio.sleep(0)  # others have their turn

    def _admit(
        self,
        connected: socket.socket,
        address: str,
    ) -> None:
        try:
            place = self._door.enter(address)
            new_protocol = self._new_protocol
        except Refusal as refusal:
            place = self._porch.enter(address)
            new_protocol = partial(_Farewell, self._excuse(refusal))

        begin = self._begin(connected, partial(new_protocol, place))
        task = asyncio.create_task(begin)
        self._beginning.add(task)
        place.give_way = task.cancel
        task.add_done_callback(partial(self._has_begun, connected, place))

    async def _begin(
        self,
        connected: socket.socket,
        new_protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        """Connect a protocol, behind the handshake where there is one."""
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(
            new_protocol,
            connected,
            ssl=self._context,
            ssl_handshake_timeout=HANDSHAKE_S if self._context else None,
        )

    def _has_begun(
        self,
        connected: socket.socket,
        place: Place,
        task: asyncio.Task[None],
    ) -> None:
        self._beginning.discard(task)
        error = None if task.cancelled() else task.exception()
        if not task.cancelled() and error is None:
            return

        # The handshake failed or was too slow, or somebody else needs the place.
        place.leave()
        connected.close()
        if error is not None and not isinstance(error, OSError):
            log.error("a connection could not begin", exc_info=error)

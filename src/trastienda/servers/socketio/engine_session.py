"""One Engine.IO session of the library, as strict as the protocol is with its clients."""

from typing import Any

from engineio import packet as engine_packet
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError, SocketIsClosedError

Environ = dict[str, Any]


class EngineSession(AsyncSocket):  # type: ignore[misc]
    """A session that ends at once where its client breaks the protocol, or says goodbye.

    The library alone lets such a session wait for its next ping, or goes on with it.
    """

    _has_left = False
    """The client has said goodbye."""

    async def handle_get_request(self, environ: Environ) -> Any:
        """Answer a poll, or serve a WebSocket to its end."""
        if "HTTP_UPGRADE" in environ:
            return await super().handle_get_request(environ)

        if self.queue.is_polled:  # one poll at a time, or packets lose their order
            await self.close()
            raise EngineIOError
        if not await self.check_ping_timeout():
            raise EngineIOError
        self.queue.is_polled = True
        try:
            packets = await super().handle_get_request(environ)
        finally:
            self.queue.is_polled = False
        if packets == []:  # the end of the queue
            last = engine_packet.NOOP if self._has_left else engine_packet.CLOSE
            return [engine_packet.Packet(last)]
        return packets

    async def handle_post_request(self, environ: Environ) -> None:
        """Take what a polling client sends."""
        try:
            await super().handle_post_request(environ)
        except EngineIOError:
            if not self._has_left:
                raise
        except Exception as error:
            raise EngineIOError from error

    async def receive(self, pkt: engine_packet.Packet) -> None:
        """Take a packet; raise SocketIsClosedError behind the client's goodbye."""
        self._has_left = self._has_left or pkt.packet_type == engine_packet.CLOSE
        await super().receive(pkt)
        if self._has_left:
            self.queue.put_nowait(None)
            raise SocketIsClosedError

    async def close(
        self,
        wait: bool = True,
        abort: bool = False,
        reason: str | None = None,
    ) -> None:
        """End the session; never wait for a client, who may fetch nothing any more."""
        await super().close(wait=False, abort=abort, reason=reason)
        self.queue.put_nowait(None)

    async def _websocket_handler(self, ws: Any) -> None:
        try:
            await super()._websocket_handler(ws)
        except BaseException:
            await self.close(abort=True)
            raise

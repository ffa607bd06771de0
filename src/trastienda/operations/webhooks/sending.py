"""One request to an address of another system, and what came of it."""

import asyncio
import contextlib
import email.utils
import logging
import ssl
import time
from collections.abc import Mapping

import httpx

from trastienda import __version__
from trastienda.domain.destinations import Destination
from trastienda.domain.webhooks import MAX_ANSWER_LENGTH, Fault
from trastienda.servers.webhooks import LookUpError, Reply, WebhookDoor

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""For each step. Standard Webhooks advises receivers to answer within some 15 seconds, and to
do their work after it."""
WHOLE_S = 20
"""For all of an attempt: an answer that drips is cut."""
MAX_ANSWER_BYTES = 16 * 1024
"""Read of an answer, so that its connection can be used again; more is cut, with the
connection."""
IDLE_S = 3.0
"""How long a connection waits for the next announcement: less than the five seconds after which
many servers end it, so that nothing is sent on one that is just being closed."""
_HEADERS = {
    "user-agent": f"Trastienda/{__version__}",
    "content-type": "application/json",
    "accept": "*/*",
    "accept-encoding": "identity",
}


# They would log every request, with the whole of its address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Sender:
    """Sends to one destination, on a connection that is kept.

    The address of IP that was checked is the one that is called: the name goes into ``Host``
    and into the handshake, and is not looked up again by anybody. Redirects are not followed,
    and no proxy is asked.
    """

    def __init__(
        self,
        door: WebhookDoor,
        destination: Destination,
        context: ssl.SSLContext,
    ) -> None:
        self._door = door
        self._destination = destination
        self._context = context
        self._client = self._fresh_client()

    def _fresh_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._context,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_keepalive_connections=1, keepalive_expiry=IDLE_S),
            follow_redirects=False,
            trust_env=False,
        )

    async def send(
        self,
        headers: Mapping[str, str],
        content: bytes,
    ) -> Reply:
        """Send something once, and return what came of it."""
        try:
            addresses = await self._door.addresses(self._destination)
        except LookUpError as error:
            return Reply(None, error.fault)

        reply = Reply(None, Fault.UNREACHABLE)
        for address in addresses:
            reply = await self._send_to(address, headers, content)
            if reply.status is not None:
                return reply
            # Nothing that was broken or cut is used again.
            await self.close()
            self._client = self._fresh_client()
            if reply.answer != Fault.UNREACHABLE:
                return reply
        return reply

    async def _send_to(
        self,
        address: str,
        headers: Mapping[str, str],
        content: bytes,
    ) -> Reply:
        destination = self._destination
        host = f"[{address}]" if ":" in address else address
        extensions = {}
        if not destination.is_literal:
            extensions["sni_hostname"] = destination.host
        request = self._client.build_request(
            "POST",
            f"{destination.scheme}://{host}:{destination.port}{destination.target}",
            headers={**_HEADERS, **headers, "host": destination.authority},
            content=content,
            extensions=extensions,
        )
        try:
            async with asyncio.timeout(WHOLE_S):
                response = await self._client.send(request, stream=True)
                try:
                    return await _read(response)
                finally:
                    await response.aclose()
        except (httpx.TimeoutException, TimeoutError):
            return Reply(None, Fault.TOO_SLOW)
        except httpx.ConnectError as error:
            is_tls = _is_of_tls(error)
            return Reply(None, Fault.CERTIFICATE if is_tls else Fault.UNREACHABLE)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError):
            return Reply(None, Fault.NO_HTTP)
        except (
            AttributeError
        ):  # anyio asks a socket that was closed as soon as it was made
            return Reply(None, Fault.UNREACHABLE)

    async def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            await self._client.aclose()


def _is_of_tls(error: BaseException) -> bool:
    """Tell whether a handshake failed, and not the connection below it."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


async def _read(response: httpx.Response) -> Reply:
    content = b""
    async for part in response.aiter_raw():
        content += part
        if len(content) >= MAX_ANSWER_BYTES:
            break
    text = content[: 4 * MAX_ANSWER_LENGTH].decode("utf-8", "replace")
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    answer = " ".join(visible.split())[:MAX_ANSWER_LENGTH]
    asked_s = asked_pause_s(response.headers.get("retry-after"), time.time())
    return Reply(response.status_code, answer, asked_s)


def asked_pause_s(
    header: str | None,
    now_s: float,
) -> float | None:
    """Return the pause that a ``Retry-After`` asks for, in seconds or until a day and time.

    None where there is none, or none that makes sense.
    """
    if header is None:
        return None
    header = header.strip()
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        until = email.utils.parsedate_to_datetime(header)
        return max(0.0, until.timestamp() - now_s)
    except (ValueError, TypeError, OverflowError):
        return None


def trusted() -> ssl.SSLContext:
    """Return the authorities that are trusted: those that come along, and the system's own.

    Making this takes a while: call it in a thread.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context

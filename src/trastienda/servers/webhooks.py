"""Webhooks at the door: which addresses are taken, where they lead, and their secrets."""

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from trastienda.domain.destinations import (
    Destination,
    may_be_called,
    parse_destination,
)
from trastienda.domain.errors import Invalid
from trastienda.domain.webhooks import SECRET_BYTES, Fault, Webhook

ID_BYTES = 8
RESOLVE_S = 5
"""How long a name is looked up. Resolvers give up by themselves after some twenty seconds, and
nobody waits for that."""
MAX_ADDRESSES = 8
"""Of one name; big sites have four of each kind."""

_NONCE_BYTES = 12


class OtherKeyError(Exception):
    """A secret was not sealed for this address with the key that the shop has now."""


class LookUpError(Exception):
    """A name leads nowhere that the shop calls."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Reply(Struct, frozen=True):
    """What came of sending something once."""

    status: int | None
    """None where nothing was answered."""
    answer: str
    """How the answer began; where there was none, the Fault."""
    asked_pause_s: float | None = None
    """How long the receiver asked to be left alone."""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


async def _send_nothing(webhook: Webhook) -> Reply:
    return Reply(None, Fault.UNREACHABLE)


class WebhookDoor:
    """What routes and deliveries share: the key of the secrets, and who may be called."""

    def __init__(
        self,
        signing_key: bytes,
        *,
        allows_private: bool,
    ) -> None:
        derive = HKDF(SHA256(), length=32, salt=None, info=b"trastienda webhooks")
        self._cipher = AESGCM(derive.derive(signing_key))
        self.allows_private = allows_private
        self.send_test: Callable[[Webhook], Awaitable[Reply]] = _send_nothing
        """Tries an address now; set by whoever delivers."""

    def make_secret(self, webhook_id: str) -> tuple[bytes, str]:
        """Return a new secret, as it is and sealed with the key of the shop.

        A copy of the database alone lets nobody sign as the shop.
        """
        secret = secrets.token_bytes(SECRET_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, secret, webhook_id.encode())
        return secret, sealed.hex()

    def open_secret(
        self,
        webhook_id: str,
        sealed: str,
    ) -> bytes:
        """Return a secret; raise OtherKeyError where it was not sealed here."""
        try:
            content = bytes.fromhex(sealed)
            nonce, rest = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, rest, webhook_id.encode())
        except (InvalidTag, ValueError) as error:
            raise OtherKeyError(webhook_id) from error

    async def check(self, url: str) -> str:
        """Return an address in its one spelling; raise Invalid for one that is not called.

        A name that leads nowhere today may do so tomorrow.
        """
        destination = parse_destination(url, allows_private=self.allows_private)
        try:
            await self.addresses(destination)
        except LookUpError as error:
            if error.fault is Fault.PRIVATE:
                raise Invalid("url", "url_private") from error
        return destination.url

    async def addresses(self, destination: Destination) -> list[str]:
        """Return the addresses of IP that a destination leads to, in the order to be tried.

        Raises LookUpError where it leads nowhere, or one of them may not be called: a name
        that leads to both kinds is no accident.
        """
        if destination.is_literal:
            addresses = [destination.host]
        else:
            try:
                async with asyncio.timeout(RESOLVE_S):
                    addresses = await _resolve(destination.host, destination.port)
            except (OSError, UnicodeError, TimeoutError) as error:
                raise LookUpError(Fault.NO_ADDRESS) from error

        if not addresses:
            raise LookUpError(Fault.NO_ADDRESS)
        if not all(
            may_be_called(address, self.allows_private) for address in addresses
        ):
            raise LookUpError(Fault.PRIVATE)
        return addresses[:MAX_ADDRESSES]


def _resolve(
    host: str,
    port: int,
) -> "asyncio.Future[list[str]]":
    """Look a name up in a thread of its own.

    One that hangs holds up neither other work nor the end of the shop, as a thread of a pool
    would.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def resolve(outcome: list[str] | Exception) -> None:
        if future.cancelled():
            return
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def run() -> None:
        outcome: list[str] | Exception
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            outcome = list(dict.fromkeys(str(row[4][0]) for row in rows))
        except Exception as error:
            outcome = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(resolve, outcome)

    threading.Thread(target=run, name="resolver", daemon=True).start()
    return future

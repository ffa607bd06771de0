"""API keys at the door: whom each stands for, from where it may come, and when it was used."""

import asyncio
import hashlib
import secrets
from contextlib import suppress

from msgspec.structs import replace

from trastienda.actions import api_keys
from trastienda.domain.api_keys import PREFIX, ApiKey, ApiKeyDraft, is_worth_noting
from trastienda.domain.errors import NotAuthenticated, Unavailable
from trastienda.domain.people import Actor, User
from trastienda.reader import Reader
from trastienda.servers.access_tokens import Identity, actor_of
from trastienda.servers.incidents import Incident, Incidents, NetworkThrottle
from trastienda.storage.transactions import Clock
from trastienda.writer import Writer

SECRET_BYTES = 32
"""What nobody guesses. So its hash need not be slow, and a call is as fast as with a token."""
ID_BYTES = 8
UNKNOWN_PER_NETWORK = (100, 1.0)
"""Keys that nobody was given, at once, and the seconds until one more; the others are
never counted."""
ENDLESS_S = 2**40
"""The end of a key that has none."""


def is_key(token: str) -> bool:
    """Tell whether this is a key, and no access token."""
    return token.startswith(PREFIX)


def program_of(
    user: User,
    key: ApiKey,
    address: str,
) -> Actor:
    """Return a program as an actor: it acts as the user, by the lesser of both roles."""
    return replace(
        actor_of(user, key.origin(address)),
        role=key.role_as(user.role),
        key_id=key.id,
    )


class ApiKeys:
    """Makes keys, and knows whom each stands for.

    Call it from the event loop only.
    """

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        clock: Clock,
        incidents: Incidents,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._incidents = incidents
        self._guessing = NetworkThrottle(UNKNOWN_PER_NETWORK, incidents)
        self._noted_ms: dict[str, int] = {}
        """When the last use of a key was noted here, by its id."""
        self._notes: set[asyncio.Task[None]] = set()

    async def make(
        self,
        actor: Actor,
        draft: ApiKeyDraft,
    ) -> tuple[ApiKey, str]:
        """Make a key, and return it with its secret, which is never told again."""
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        key = await self._writer.run(
            api_keys.make,
            actor,
            draft,
            secrets.token_hex(ID_BYTES),
            hash_of(secret),
        )
        return key, secret

    async def identify(
        self,
        secret: str,
        address: str,
    ) -> Identity:
        """Return whom a key stands for.

        Raises NotAuthenticated, or TooManyRequests for one guess too many. Guesses write
        nothing.
        """
        reading = await self._reader.read(api_keys.by_secret, hash_of(secret))
        if reading.value is None:
            self._guessing.take(address)
            self._incidents.log(Incident.UNKNOWN_KEY, address)
            raise NotAuthenticated

        key, user = reading.value
        actor = program_of(user, key, address)
        until_s = ENDLESS_S if key.until_ms is None else key.until_ms // 1000
        return Identity(
            actor,
            key.id,
            until_s,
            user.must_change_password,
            key=key,
        )

    def admit(
        self,
        key: ApiKey,
        address: str,
    ) -> None:
        """Take note that a key is used; raise NotAuthenticated where it may not come from there."""
        if not key.admits(address):
            self._incidents.log(Incident.KEY_ELSEWHERE, address, key=key.name)
            raise NotAuthenticated

        now_ms = self._clock()
        last_ms = self._noted_ms.get(key.id, key.used_at_ms)
        if is_worth_noting(last_ms, now_ms):
            self._noted_ms[key.id] = now_ms
            note = asyncio.ensure_future(self._note_use(key.id))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)

    async def _note_use(self, key_id: str) -> None:
        with suppress(Unavailable):  # it may be noted in an hour
            await self._writer.run(api_keys.note_use, key_id)


def hash_of(secret: str) -> str:
    """Return the hash under which a key is kept; the registros keep a seal of it."""
    return hashlib.sha256(secret.encode()).hexdigest()

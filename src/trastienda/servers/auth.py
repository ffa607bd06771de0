"""Who is behind a call: logging in, tokens, and the end of sessions; the same for every wire."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions import people
from trastienda.domain.errors import BadCredentials, NotAuthenticated, Unavailable
from trastienda.domain.events import Event, SessionsEnded
from trastienda.domain.people import MAX_PASSWORD_LENGTH, Actor, User
from trastienda.reader import Reader
from trastienda.servers.throttle import Throttle
from trastienda.storage.people import Session
from trastienda.storage.transactions import Clock
from trastienda.writer import Writer

R = TypeVar("R")

ACCESS_TTL_S = 15 * 60
"""How long an access token is good. Short, since whoever finds one is its holder until then."""
SESSION_TTL_S = 30 * 24 * 3600
"""How long a session may lie unused before the password is asked for again."""
MAX_VERIFIED = 10_000
"""Tokens whose check is remembered; a few hundred bytes each."""
MAX_NAME_LENGTH = 64
"""Characters of a name by which attempts are counted; nobody has a longer one."""
HASHING_THREADS = 2
MAX_HASHING = 64
"""Passwords waiting to be hashed; at some 40 ms each the last of them waits a second or two."""

LOGIN_PER_NAME = (10, 6.0)
LOGIN_PER_ADDRESS = (100, 1.0)
REGISTER_PER_ADDRESS = (60, 1.0)
REFRESH_PER_ADDRESS = (100, 1.0)
"""Failed attempts at once, and the seconds until one more (registering: all attempts of strangers)."""


class Identity(Struct, frozen=True):
    """Whom a token stands for, and until when (seconds since 1970)."""

    actor: Actor
    session_id: str
    expires_at_s: int


class Opened(Struct, frozen=True):
    """A session just opened or gone on with."""

    user: User
    token: str
    refresh_token: str
    expires_in_s: int


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of(user: User, origin: str = "") -> Actor:
    """Return the user as somebody who acts."""
    return Actor(
        user_id=user.id,
        rut=user.rut,
        name=user.name,
        role=user.role,
        verified=user.verified,
        origin=origin,
    )


class Auth:
    """Checks passwords and tokens. Call it from the event loop only."""

    def __init__(
        self, reader: Reader, writer: Writer, secret: bytes, clock: Clock
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._secret = secret
        self._clock = clock
        self._verified: OrderedDict[str, Identity] = OrderedDict()
        self._forgotten = 0
        self._hasher = PasswordHasher()
        self._pool = ThreadPoolExecutor(HASHING_THREADS, thread_name_prefix="passwords")
        self._hashing = 0
        self._nobodys_hash = self._pool.submit(
            self._hasher.hash, secrets.token_urlsafe()
        )
        self._by_name = Throttle(*LOGIN_PER_NAME)
        self._by_address = Throttle(*LOGIN_PER_ADDRESS)
        self._registering = Throttle(*REGISTER_PER_ADDRESS)
        self._refreshing = Throttle(*REFRESH_PER_ADDRESS)

    def hear(self, events: Sequence[Event]) -> None:
        """Forget what is no longer so: a user who changed, a session that ended."""
        for event in events:
            subject = event.subject
            if isinstance(subject, User):
                self._forget(subject.id, None)
            elif isinstance(subject, SessionsEnded):
                self._forget(subject.user_id, subject.session_id)

    def _forget(self, user_id: int, session_id: str | None) -> None:
        self._forgotten += 1
        gone = [
            token
            for token, identity in self._verified.items()
            if identity.actor.user_id == user_id
            and session_id in {None, identity.session_id}
        ]
        for token in gone:
            del self._verified[token]

    async def _hashing_thread(self, work: Callable[..., R], *arguments: Any) -> R:
        if self._hashing >= MAX_HASHING:
            raise Unavailable
        self._hashing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, work, *arguments
            )
        finally:
            self._hashing -= 1

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of a password."""
        return await self._hashing_thread(self._hasher.hash, password)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def check_password(
        self, username: str, password: str, address: str
    ) -> tuple[User, str]:
        """Return the user with this name and password, and its hash; raise BadCredentials or TooManyRequests.

        An unknown user takes the time of a wrong password. Only failures count against the throttle.
        """
        name = (address, people.login_key(username[:MAX_NAME_LENGTH]))
        self._by_name.take(name)
        self._by_address.take(address)
        found = (await self._reader.read(people.with_password, username)).value
        password_hash = self._nobodys_hash.result() if found is None else found[1]
        if len(password) > MAX_PASSWORD_LENGTH:
            password = ""
        right = await self._hashing_thread(self._matches, password_hash, password)
        if found is None or not right or not found[0].active:
            raise BadCredentials
        self._by_address.give_back(address)
        self._by_name.give_back(name)
        return found

    async def login(self, username: str, password: str, address: str) -> Opened:
        """Open a session; raise BadCredentials or TooManyRequests."""
        user, password_hash = await self.check_password(username, password, address)
        refresh_token = secrets.token_urlsafe(32)
        session = Session(
            secrets.token_hex(16), user.id, self._clock() + SESSION_TTL_S * 1000, False
        )
        user = await self._writer.run(
            people.begin_session,
            user.id,
            password_hash,
            session,
            _hash_token(refresh_token),
        )
        return self._opened(user, session.id, refresh_token)

    def _opened(self, user: User, session_id: str, refresh_token: str) -> Opened:
        now_s = self._clock() // 1000
        claims = {
            "sub": user.rut,
            "sid": session_id,
            "iat": now_s,
            "exp": now_s + ACCESS_TTL_S,
            "jti": secrets.token_hex(8),
        }
        token = jwt.encode(claims, self._secret, algorithm="HS256")
        return Opened(user, token, refresh_token, ACCESS_TTL_S)

    async def refresh(self, refresh_token: str, address: str) -> Opened:
        """Go on with a session; a used token that comes back ends it. Raises NotAuthenticated."""
        self._refreshing.take(address)
        new_token = secrets.token_urlsafe(32)
        refreshed = await self._writer.run(
            people.refresh,
            _hash_token(refresh_token),
            _hash_token(new_token),
            SESSION_TTL_S,
        )
        if refreshed.user is None:
            raise NotAuthenticated
        self._refreshing.give_back(address)
        return self._opened(refreshed.user, refreshed.session.id, new_token)

    async def logout(self, refresh_token: str) -> None:
        """End the session of a refresh token."""
        await self._writer.run(people.end_session_of, _hash_token(refresh_token))

    async def end(self, identity: Identity) -> None:
        """End the session of whoever calls."""
        if identity.actor.user_id is not None:
            await self._writer.run(
                people.end_session, identity.actor.user_id, identity.session_id
            )

    def throttle_registration(self, address: str) -> None:
        """Count a stranger's registration; raise TooManyRequests."""
        self._registering.take(address)

    async def authenticate(self, token: str, origin: str) -> Identity:
        """Return whom the token stands for; raise NotAuthenticated where it is not good."""
        identity = self._verified.get(token)
        if identity is None:
            identity = await self._verify(token)
        if identity.expires_at_s <= self._clock() // 1000:
            raise NotAuthenticated
        if identity.actor.origin != origin:
            identity = replace(identity, actor=replace(identity.actor, origin=origin))
            self._verified[token] = identity
        return identity

    async def _verify(self, token: str) -> Identity:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                options={
                    "require": ["exp", "sid"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            session_id, expires_at_s = claims["sid"], claims["exp"]
        except jwt.InvalidTokenError as error:
            raise NotAuthenticated from error
        if not isinstance(session_id, str) or not isinstance(expires_at_s, int):
            raise NotAuthenticated
        forgotten = self._forgotten
        found = (await self._reader.read(people.session_of, session_id)).value
        if found is None:
            raise NotAuthenticated
        _, user = found
        identity = Identity(actor_of(user), session_id, expires_at_s)
        if forgotten == self._forgotten:  # else it may have ended while it was read
            self._verified[token] = identity
        if len(self._verified) > MAX_VERIFIED:
            self._verified.popitem(last=False)
        return identity

    def close(self) -> None:
        """End the hashing threads."""
        self._pool.shutdown(cancel_futures=True)

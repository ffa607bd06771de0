"""Who is behind a call: log-ins, tokens, ends of sessions; alike for every wire."""

import secrets
from collections.abc import Sequence

from msgspec import Struct

from trastienda.actions import people, sessions
from trastienda.domain.errors import (
    BadCredentials,
    MustChangePassword,
    NotAuthenticated,
    SecondFactorRequired,
    TooManyRequests,
    Unavailable,
)
from trastienda.domain.events import Event, SessionsEnded
from trastienda.domain.networks import network_of
from trastienda.domain.people import Permission, User, require
from trastienda.domain.sessions import Origin
from trastienda.reader import Reader
from trastienda.servers import access_tokens, refresh_tokens
from trastienda.servers.access_tokens import (
    AccessTokens,
    Identities,
    Identity,
    actor_of,
)
from trastienda.servers.api_keys import ApiKeys, is_key
from trastienda.servers.incidents import Incident, Incidents, NetworkThrottle
from trastienda.servers.login_attempts import Attempt, LoginAttempts
from trastienda.servers.passwords import Passwords
from trastienda.servers.second_factors import SecondFactors
from trastienda.servers.turns import Turn
from trastienda.storage.transactions import Clock
from trastienda.writer import Writer

TOKEN_ID_LENGTH = 16
"""Characters of the id of an access token: enough that no two are alike."""
MAX_NAME_LENGTH = 64
"""Characters of a name by which attempts are counted; nobody has a longer one."""

REGISTER_PER_NETWORK = (60, 1.0)
"""Strangers who register, at once, and the seconds until one more."""
TOKENS_PER_NETWORK = (100, 1.0)
"""Refresh tokens that nobody was given; the others are never counted."""


_INCIDENTS: dict[type[Exception], Incident] = {
    BadCredentials: Incident.WRONG_LOGIN,
    TooManyRequests: Incident.THROTTLED,
    Unavailable: Incident.BUSY,
}


class Opened(Struct, frozen=True):
    """A session that was opened or prolonged, and its new tokens."""

    user: User
    token: str
    refresh_token: str
    expires_in_s: int


class Auth:
    """Logs people in and knows who is behind a token.

    Call it from the event loop only.
    """

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        secret: bytes,
        shop_id: str,
        clock: Clock,
        incidents: Incidents,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._secret = secret
        self._tokens = AccessTokens(secret, shop_id)
        self._identities = Identities()
        self.keys = ApiKeys(reader, writer, clock, incidents)
        self.passwords = Passwords()
        self.incidents = incidents
        self._attempts = LoginAttempts()
        self._second_factors = SecondFactors(reader, writer, incidents)
        self._registering = NetworkThrottle(REGISTER_PER_NETWORK, incidents)
        self._guessing_tokens = NetworkThrottle(TOKENS_PER_NETWORK, incidents)

    def hear(self, events: Sequence[Event]) -> None:
        """Forget the tokens of users who changed and of sessions that ended."""
        for event in events:
            subject = event.subject
            if isinstance(subject, User):
                self._identities.forget(subject.id)
            elif isinstance(subject, SessionsEnded):
                self._identities.forget(subject.user_id, subject.session_id)
                user = str(subject.user_id)
                self.incidents.log(Incident.SESSIONS_ENDED, "", user=user)

    async def check_password(
        self,
        username: str,
        password: str,
        code: str | None,
        address: str,
    ) -> tuple[User, str]:
        """Return the user with this name and password, and its hash.

        ``code`` is one of their second factor, where they have one. Raises BadCredentials,
        SecondFactorRequired, TooManyRequests or Unavailable. An unknown user takes the time
        of a wrong password. Only failures count against the throttle.
        """
        network = network_of(address)
        name = people.login_key(username[:MAX_NAME_LENGTH])
        user: User | None = None
        try:
            reading = await self._reader.read(people.with_password, username)
            user, password_hash = reading.value or (None, None)
            account = name if user is None else user.id
            is_familiar = user is not None and await self._is_familiar(network, user.id)
            attempt = self._attempts.begin(network, account, is_familiar=is_familiar)

            matches = await self._compare(attempt, password_hash, password)
            if user is None or password_hash is None or not matches or not user.active:
                if attempt.wait_s:
                    raise TooManyRequests(attempt.wait_s)
                raise BadCredentials
        except tuple(_INCIDENTS) as refusal:
            rut = None if user is None else user.rut
            self.incidents.log(_INCIDENTS[type(refusal)], address, rut=rut)
            raise

        try:
            await self._second_factors.check(user, code, address)
        except (SecondFactorRequired, TooManyRequests, Unavailable):
            self._attempts.give_back(attempt)  # no code was compared
            raise

        self._attempts.give_back(attempt)
        self._attempts.remember(network, user.id)
        if self.passwords.is_outdated(password_hash):
            turn = Turn((network, is_familiar), account)
            new_hash = await self.passwords.hash(password, turn)
            password_hash = await self._writer.run(
                people.renew_hash,
                user.id,
                password_hash,
                new_hash,
            )
        return user, password_hash

    async def _compare(
        self,
        attempt: Attempt,
        password_hash: str | None,
        password: str,
    ) -> bool:
        turn = Turn((attempt.network, attempt.is_familiar), attempt.account)
        try:
            return await self.passwords.matches(password_hash, password, turn)
        except Unavailable:  # it was not compared
            self._attempts.give_back(attempt)
            raise

    async def _is_familiar(
        self,
        network: str,
        user_id: int,
    ) -> bool:
        """Tell whether a user has come in from a network, of late or before a restart."""
        is_familiar = self._attempts.is_familiar(network, user_id)
        if is_familiar is not None:
            return is_familiar

        reading = await self._reader.read(sessions.addresses_of, user_id)
        networks = [network_of(address) for address in reading.value]
        self._attempts.recall(user_id, networks)
        return network in networks

    async def login(
        self,
        username: str,
        password: str,
        code: str | None,
        came_from: Origin,
    ) -> Opened:
        """Open a session.

        Raises BadCredentials, SecondFactorRequired or TooManyRequests.
        """
        user, password_hash = await self.check_password(
            username,
            password,
            code,
            came_from.address,
        )
        refresh_token = refresh_tokens.new_token()
        session_id = secrets.token_hex(16)
        now_ms = self._clock()
        user = await self._writer.run(
            sessions.begin,
            user.id,
            password_hash,
            session_id,
            refresh_tokens.hash_of(refresh_token, self._secret),
            came_from,
        )
        self.incidents.log(Incident.LOGGED_IN, came_from.address, rut=user.rut)
        return self._opened(user, session_id, refresh_token, now_ms)

    async def refresh(
        self,
        refresh_token: str,
        came_from: Origin,
    ) -> Opened:
        """Prolong a session.

        A used token that comes back soon gets the tokens of its first use; later it ends
        the session. Raises NotAuthenticated or TooManyRequests.
        """
        await self._require_known(refresh_token, came_from.address)
        new_token = refresh_tokens.successor(refresh_token, self._secret)
        refreshed = await self._writer.run(
            sessions.refresh,
            refresh_tokens.hash_of(refresh_token, self._secret),
            refresh_tokens.hash_of(new_token, self._secret),
            came_from,
        )
        if refreshed.user is None:
            raise NotAuthenticated

        network = network_of(came_from.address)
        self._attempts.remember(network, refreshed.user.id)
        return self._opened(
            refreshed.user,
            refreshed.session.id,
            new_token,
            refreshed.at_ms,
        )

    def _opened(
        self,
        user: User,
        session_id: str,
        refresh_token: str,
        now_ms: int,
    ) -> Opened:
        """Return the tokens of a session; the same ones for the same refresh token."""
        token_id = refresh_tokens.hash_of(refresh_token, self._secret)[:TOKEN_ID_LENGTH]
        access_token = self._tokens.issue(user, session_id, token_id, now_ms // 1000)
        return Opened(
            user,
            access_token,
            refresh_token,
            access_tokens.TTL_S,
        )

    async def _require_known(
        self,
        refresh_token: str,
        address: str,
    ) -> None:
        """Raise NotAuthenticated or TooManyRequests for a token never given out.

        Guesses are not to reach the writer, which makes whatever it does durable.
        """
        token_hash = refresh_tokens.hash_of(refresh_token, self._secret)
        reading = await self._reader.read(sessions.is_refresh_token, token_hash)
        if not reading.value:
            self._guessing_tokens.take(address)
            self.incidents.log(Incident.UNKNOWN_TOKEN, address)
            raise NotAuthenticated

    async def logout(
        self,
        refresh_token: str,
        address: str,
    ) -> None:
        """End the session of a refresh token.

        Raises NotAuthenticated or TooManyRequests.
        """
        await self._require_known(refresh_token, address)
        token_hash = refresh_tokens.hash_of(refresh_token, self._secret)
        await self._writer.run(sessions.end_by_token, token_hash)

    async def end(self, identity: Identity) -> None:
        """End the session of whoever calls; raise Forbidden for a program, which has none."""
        require(identity.actor, Permission.KEEP_ACCOUNT)
        user_id = identity.actor.user_id
        if user_id is not None:
            await self._writer.run(sessions.end, user_id, identity.session_id)

    def throttle_registration(self, address: str) -> None:
        """Count a stranger's registration; raise TooManyRequests."""
        self._registering.take(address)

    async def authenticate(
        self,
        token: str,
        origin: str,
        address: str,
        *,
        changes_password: bool = False,
    ) -> Identity:
        """Return whom the token or the API key stands for.

        Raises NotAuthenticated where it is not good, and MustChangePassword where the call is
        not one that ``changes_password`` or leaves. Raises TooManyRequests for guesses.
        """
        identity = self._identities.get(token)
        if identity is None:
            identity = await self._identify(token, origin, address)
        key = identity.key
        if key is not None:
            self.keys.admit(key, address)
            origin = key.origin(address)
        if identity.expires_at_s <= self._clock() // 1000:
            raise NotAuthenticated
        if identity.must_change_password and not changes_password:
            raise MustChangePassword
        if identity.actor.origin != origin:
            identity = self._identities.move(token, identity, origin)
        return identity

    async def _identify(
        self,
        token: str,
        origin: str,
        address: str,
    ) -> Identity:
        """Return whom a token or a key stands for that has not been verified yet."""
        generation = self._identities.generation
        if is_key(token):
            identity = await self.keys.identify(token, address)
        else:
            identity = await self._identify_token(token, origin)
        if generation == self._identities.generation:
            # Else the session may have ended while it was read.
            self._identities.remember(token, identity)
        return identity

    async def _identify_token(
        self,
        token: str,
        origin: str,
    ) -> Identity:
        claims = self._tokens.verify(token)
        reading = await self._reader.read(sessions.with_user, claims.session_id)
        if reading.value is None:
            raise NotAuthenticated

        opened, user = reading.value
        actor = actor_of(user, origin)
        return Identity(
            actor,
            claims.session_id,
            # A token that was given shortly before its session ends does not outlive it.
            min(claims.expires_at_s, opened.expires_at_ms // 1000),
            user.must_change_password,
        )

    def close(self) -> None:
        """End the threads that hash passwords."""
        self.passwords.close()

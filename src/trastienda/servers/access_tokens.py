"""Access tokens: JWTs that name a session, and whom each verified one stands for."""

from collections import OrderedDict

import jwt
from jwt.types import Options
from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.api_keys import ApiKey
from trastienda.domain.errors import NotAuthenticated
from trastienda.domain.people import Actor, User

TTL_S = 15 * 60
"""How long an access token is good.

Short, since whoever finds one may use it until then.
"""
MAX_REMEMBERED = 10_000
"""Tokens whose check is remembered; a few hundred bytes each."""

_ALGORITHM = "HS256"
_TYPE = "at+jwt"
"""What tells an access token from whatever else is signed with the same key (RFC 9068)."""
_OPTIONS: Options = {
    "require": ["iss", "aud", "exp", "sid"],
    "verify_exp": False,
    "verify_iat": False,
}


def actor_of(
    user: User,
    origin: str = "",
) -> Actor:
    """Return a user as an actor."""
    return Actor(
        user_id=user.id,
        rut=user.rut,
        name=user.name,
        role=user.role,
        verified=user.verified,
        origin=origin,
    )


class Identity(Struct, frozen=True):
    """Whom a token or an API key stands for, and until when (seconds since 1970)."""

    actor: Actor
    session_id: str
    """Of a key, its own id."""
    expires_at_s: int
    must_change_password: bool = False
    key: ApiKey | None = None


class Claims(Struct, frozen=True):
    """What a signed token says: its session, and its end (seconds since 1970)."""

    session_id: str
    expires_at_s: int


class AccessTokens:
    """Issues and verifies access tokens, signed with the shop's secret.

    They are from this shop and for this shop: another one with the same secret has another
    ``shop_id``.
    """

    def __init__(
        self,
        secret: bytes,
        shop_id: str,
    ) -> None:
        self._secret = secret
        self._issuer = f"urn:trastienda:{shop_id}"

    def issue(
        self,
        user: User,
        session_id: str,
        token_id: str,
        now_s: int,
    ) -> str:
        """Return a token for a session of the user, the same for the same id and time."""
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": user.rut,
            "sid": session_id,
            "iat": now_s,
            "exp": now_s + TTL_S,
            "jti": token_id,
        }
        return jwt.encode(
            claims,
            self._secret,
            algorithm=_ALGORITHM,
            headers={"typ": _TYPE},
        )

    def verify(self, token: str) -> Claims:
        """Return what a token says, which may have expired.

        Raises NotAuthenticated for a token that the shop has not signed.
        """
        try:
            decoded = jwt.decode_complete(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=self._issuer,
                issuer=self._issuer,
                options=_OPTIONS,
            )
        except jwt.InvalidTokenError as error:
            raise NotAuthenticated from error

        if decoded["header"].get("typ") != _TYPE:
            raise NotAuthenticated

        claims = decoded["payload"]
        session_id, expires_at_s = claims["sid"], claims["exp"]
        if not isinstance(session_id, str) or not isinstance(expires_at_s, int):
            raise NotAuthenticated
        return Claims(session_id, expires_at_s)


class Identities:
    """The identities of verified tokens, the longest known given up first."""

    def __init__(self) -> None:
        self._by_token: OrderedDict[str, Identity] = OrderedDict()
        self.generation = 0
        """How often something was forgotten.

        What was read in an earlier generation may be stale.
        """

    def get(self, token: str) -> Identity | None:
        """Return the identity of a token, if it is known."""
        return self._by_token.get(token)

    def remember(
        self,
        token: str,
        identity: Identity,
    ) -> None:
        """Keep the identity of a verified token."""
        self._by_token[token] = identity
        if len(self._by_token) > MAX_REMEMBERED:
            self._by_token.popitem(last=False)

    def move(
        self,
        token: str,
        identity: Identity,
        origin: str,
    ) -> Identity:
        """Return the identity of a token that comes from another place than before."""
        actor = replace(identity.actor, origin=origin)
        moved = replace(identity, actor=actor)
        if token in self._by_token:
            self._by_token[token] = moved
        return moved

    def forget(
        self,
        user_id: int,
        session_id: str | None = None,
    ) -> None:
        """Forget the tokens of a session, or of all sessions of a user."""
        self.generation += 1
        forgotten = []
        for token, identity in self._by_token.items():
            if identity.actor.user_id != user_id:
                continue
            if session_id is None or session_id == identity.session_id:
                forgotten.append(token)

        for token in forgotten:
            del self._by_token[token]

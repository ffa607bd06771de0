"""The session of a client: its tokens, whose they are, and the password to log in again
with."""

from collections.abc import Callable
from time import monotonic

from trastienda.wire.people import Sesion, Usuario

EARLY_S = 60.0
"""How long before its end a token is renewed, so that none runs out on the way to the
shop."""
EARLY_SHARE = 0.1
"""The share of a token's life that is used instead, if that is shorter."""


class Session:
    """What a client knows about its session. Changed by one conversation at a time."""

    def __init__(
        self,
        tokens: Sesion | None,
        on_change: Callable[[Sesion | None], object] | None,
        key: str | None = None,
    ) -> None:
        self._tokens = tokens
        self.key = key
        """The API key, which is shown as long as there are no tokens."""
        self._on_change = on_change
        self._renew_at_s: float | None = None
        """None for tokens of an earlier run, whose age is unknown."""
        self.credentials: tuple[str, str] | None = None

    @property
    def token(self) -> str | None:
        """The access token, or the API key."""
        return self.key if self._tokens is None else self._tokens.token

    @property
    def refresh_token(self) -> str | None:
        """The token that gets new ones."""
        return None if self._tokens is None else self._tokens.token_refresco

    @property
    def user(self) -> Usuario | None:
        """The user who is logged in."""
        return None if self._tokens is None else self._tokens.usuario

    def needs_renewal(self) -> bool:
        """Tell whether the token should be renewed before the next call."""
        if self._tokens is None:
            return self.credentials is not None
        return self._renew_at_s is not None and monotonic() >= self._renew_at_s

    def begin(self, tokens: Sesion) -> None:
        """Use these tokens from now on."""
        lifetime_s = tokens.expira_en
        early_s = min(EARLY_S, lifetime_s * EARLY_SHARE)
        self._renew_at_s = monotonic() + lifetime_s - early_s
        self._set_tokens(tokens)

    def end(self) -> None:
        """Forget tokens, password and key."""
        self.credentials = None
        self.key = None
        self._renew_at_s = None
        self._set_tokens(None)

    def _set_tokens(self, tokens: Sesion | None) -> None:
        self._tokens = tokens
        if self._on_change is not None:
            self._on_change(tokens)

"""Who is logged in: tokens, whose they are, and what to begin anew with."""

from collections.abc import Callable
from time import monotonic

from trastienda.wire.people import Sesion, Usuario

EARLY_S = 60.0
"""A token is renewed so long before its end, so that no call travels with one that ends on the way."""
EARLY_SHARE = 0.1
"""Where it lives shorter than ten times that, this share of its life."""


class Session:
    """What a client knows about its session. Changed by one conversation at a time."""

    def __init__(
        self, opened: Sesion | None, heard: Callable[[Sesion | None], object] | None
    ) -> None:
        self._opened = opened
        self._heard = heard
        self._renew_at_s: float | None = (
            None  # of tokens that were kept elsewhere nobody knows how old they are
        )
        self.credentials: tuple[str, str] | None = None

    @property
    def token(self) -> str | None:
        """The access token."""
        return None if self._opened is None else self._opened.token

    @property
    def refresh_token(self) -> str | None:
        """The token that gets the next ones."""
        return None if self._opened is None else self._opened.token_refresco

    @property
    def user(self) -> Usuario | None:
        """Who is logged in."""
        return None if self._opened is None else self._opened.usuario

    def due(self) -> bool:
        """Tell whether the token should be renewed before the next call."""
        if self._opened is None:
            return self.credentials is not None
        return self._renew_at_s is not None and monotonic() >= self._renew_at_s

    def begin(self, opened: Sesion) -> None:
        """Go on with these tokens."""
        lives_s = opened.expira_en
        self._renew_at_s = monotonic() + lives_s - min(EARLY_S, lives_s * EARLY_SHARE)
        self._opened = opened
        self._tell()

    def end(self) -> None:
        """Forget everything."""
        self.credentials = None
        self._renew_at_s = None
        self._opened = None
        self._tell()

    def _tell(self) -> None:
        if self._heard is not None:
            self._heard(self._opened)

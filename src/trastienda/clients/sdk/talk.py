"""What is said around one call: the token, the repeats, and what a failure means.

A conversation is a generator. It yields what is to be done next (send this, wait so long, do that alone) and is told
what came of it; the two clients only do as they are told, each in its own way. So there is one logic, and no network,
thread or event loop in it.
"""

import random
from collections.abc import Generator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from time import monotonic
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.clients.sdk import people
from trastienda.clients.sdk.calls import Answer, Call, Repeat, Request
from trastienda.clients.sdk.errors import (
    ApiError,
    ConnectionLost,
    NotAuthenticated,
    ShopError,
    UnexpectedAnswer,
    refusal,
)
from trastienda.clients.sdk.session import Session

T = TypeVar("T")


class Retry(Struct, frozen=True, kw_only=True):
    """How patiently a call is repeated. ``Retry(attempts=1)`` repeats nothing."""

    attempts: int = 6
    total_s: float = 60.0
    """No repeat begins later than this after the first attempt; each attempt has the client's timeout beside it."""
    first_s: float = 0.25
    """The pause before the first repeat; each further one is twice as long, by chance up to half shorter."""
    most_s: float = 8.0


class Send(Struct, frozen=True):
    """Send this, and tell what came."""

    request: Request


class Pause(Struct, frozen=True):
    """Wait so long."""

    seconds: float


class Alone(Struct, frozen=True):
    """Have this conversation while nobody else of this client has one of its kind."""

    talk: "Talk[None]"


class Failure(Struct, frozen=True):
    """Nothing came back."""

    error: Exception
    arrived: bool
    """Whether the shop may have got the request."""
    hopeless: bool = False
    """Whether the next attempt would end the same way."""


Step = Send | Pause | Alone
Outcome = Answer | Failure | None
Talk = Generator[Step, Outcome, T]

SETTLED = {404, 409, 412, 422}
"""Refusals that come after the Idempotency-Key was looked at, or that the first attempt would have got as well: after
one of these it is known that nothing was done, whatever was lost before."""
ON_THE_WAY = {429, 502, 503, 504}
"""What a proxy in between says when it cannot reach the shop just now."""


class _Setback(Struct):
    """An attempt that gave no result."""

    error: ShopError
    arrived: bool
    again: bool
    wait_s: float = 0.0


def _retry_after_s(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(
            0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        )
    except (ValueError, TypeError):
        return None


def _setback(call: Call[Any], outcome: Outcome) -> _Setback:
    """Return what an attempt without a result means."""
    if isinstance(outcome, Answer):
        if outcome.status < 300:
            return _Setback(
                UnexpectedAnswer(outcome, f"no es {call.accept}"),
                arrived=True,
                again=True,
            )
        wait_s = _retry_after_s(outcome)
        error = refusal(outcome, wait_s)
        again = outcome.status in ON_THE_WAY
        arrived = isinstance(error, UnexpectedAnswer) and outcome.status >= 500
        return _Setback(error, arrived, again, wait_s or 0.0)
    assert outcome is not None
    lost = ConnectionLost()
    lost.__cause__ = outcome.error
    return _Setback(lost, outcome.arrived, not outcome.hopeless)


def _is_result(call: Call[Any], outcome: Outcome) -> bool:
    if not isinstance(outcome, Answer) or outcome.status >= 300:
        return False
    return outcome.media == call.accept or not outcome.content or call.accept == "*/*"


def _read(call: Call[T], answer: Answer) -> T:
    try:
        return call.read(answer)
    except msgspec.DecodeError as error:  # JSON of another age
        strange = UnexpectedAnswer(answer, f"no se entiende: {error}")
        strange.key, strange.maybe_done = call.key, call.writes
        raise strange from error


def converse(call: Call[T], session: Session, retry: Retry) -> Talk[T]:
    """Make a call and return its result, repeating it as long as that is safe and ``retry`` allows."""
    deadline = monotonic() + retry.total_s
    renewed = lost = False
    for attempt in count(1):
        if call.signed and session.due():
            yield Alone(renew(session, session.token, retry))
        token = session.token if call.signed else None
        outcome = yield Send(call.request(token))
        if isinstance(outcome, Answer) and _is_result(call, outcome):
            return _read(call, outcome)
        setback = _setback(call, outcome)
        if (
            isinstance(setback.error, NotAuthenticated)
            and token is not None
            and not renewed
        ):
            renewed = True
            yield Alone(renew(session, token, retry))
            continue
        lost = lost or setback.arrived
        longest_s = min(retry.most_s, retry.first_s * 2 ** (attempt - 1))
        pause_s = max(setback.wait_s, random.uniform(longest_s / 2, longest_s))  # noqa: S311 - no secret
        safe = call.repeat is Repeat.ALWAYS or not setback.arrived
        if not (
            setback.again
            and safe
            and attempt < retry.attempts
            and monotonic() + pause_s < deadline
        ):
            settled = (
                isinstance(setback.error, ApiError) and setback.error.status in SETTLED
            )
            setback.error.key, setback.error.maybe_done = (
                call.key,
                call.writes and lost and not settled,
            )
            raise setback.error
        yield Pause(pause_s)
    raise AssertionError("attempts have an end")


def renew(session: Session, stale: str | None, retry: Retry) -> Talk[None]:
    """Get new tokens instead of ``stale``, unless somebody else just did.

    A refresh token that comes a second time ends its session. So one whose answer was lost is not sent again where
    the password is known: a new session begins instead. Without the password it is, as there is nothing better: if the
    shop had got it, the session is lost either way.
    """
    if session.token != stale:
        return
    if session.refresh_token is not None:
        repeat = Repeat.ALWAYS if session.credentials is None else Repeat.UNSENT
        try:
            opened = yield from converse(
                people.go_on(session.refresh_token, repeat), session, retry
            )
        except NotAuthenticated:
            if session.credentials is None:
                session.end()
                raise
        except ShopError as error:
            if session.credentials is None or not error.maybe_done:
                raise
        else:
            session.begin(opened)
            return
    if session.credentials is not None:
        yield from enter(session, *session.credentials, retry, remember=True)


def enter(
    session: Session, usuario: str, clave: str, retry: Retry, *, remember: bool
) -> Talk[None]:
    """Log in. A password that is wrong is not tried again: the shop counts such attempts."""
    try:
        opened = yield from converse(people.log_in(usuario, clave), session, retry)
    except NotAuthenticated:
        if session.credentials == (usuario, clave):
            session.end()
        raise
    session.credentials = (usuario, clave) if remember else None
    session.begin(opened)


def leave(session: Session, retry: Retry) -> Talk[None]:
    """Log out; whatever comes of it, this client has forgotten everything."""
    token = session.refresh_token
    session.end()
    if token is not None:
        yield from converse(people.log_out(token), session, retry)

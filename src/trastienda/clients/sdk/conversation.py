"""All that belongs to one call: the token, the repeats, and what a failure means.

A conversation is a generator. It yields the next step (send this, wait, hold that
conversation exclusively) and gets the outcome; the two clients only carry out the
steps, each in its own way. So the logic exists once, with no network, thread or event
loop in it.
"""

from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from time import monotonic
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.clients import pauses
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
    """No repeat begins later than this after the first attempt. Each attempt has the
    client's timeout as well."""
    first_s: float = 0.25
    """The pause before the first repeat. Each further one is twice as long, less a
    random part of at most half."""
    most_s: float = 8.0


ONCE = Retry(attempts=1)
"""For what has pauses of its own."""


class Send(Struct, frozen=True):
    """Send this request; the outcome is an Answer or a Failure."""

    request: Request


class Pause(Struct, frozen=True):
    """Wait so long."""

    seconds: float


class Exclusive(Struct, frozen=True):
    """Hold this conversation while no other exclusive one of this client is held."""

    conversation: "Conversation[None]"


class Failure(Struct, frozen=True):
    """No answer came."""

    error: Exception
    arrived: bool
    """Whether the shop may have got the request."""
    hopeless: bool = False
    """Whether the next attempt would fail in the same way."""


Step = Send | Pause | Exclusive
Outcome = Answer | Failure | None
Conversation = Generator[Step, Outcome, T]

CERTAIN_STATUSES = {404, 409, 412, 422}
"""Refusals that come after the Idempotency-Key was looked up, or that the first attempt
would have got as well. After one of these it is certain that nothing was done, whatever
was lost before."""
TEMPORARY_STATUSES = {429, 502, 503, 504}
"""From a shop that is busy, or from a proxy that cannot reach it just now."""


class _FailedAttempt(Struct):
    """An attempt that gave no result."""

    error: ShopError
    arrived: bool
    may_succeed_later: bool
    wait_s: float = 0.0
    """How long the shop wants to be left alone."""

    @classmethod
    def of(cls, call: Call[Any], outcome: Answer | Failure) -> "_FailedAttempt":
        """Return what an outcome without a result means."""
        if isinstance(outcome, Failure):
            lost = ConnectionLost()
            lost.__cause__ = outcome.error
            may_succeed_later = not outcome.hopeless
            return cls(lost, outcome.arrived, may_succeed_later)

        if outcome.status < 300:
            unexpected = UnexpectedAnswer(outcome, f"no es {call.accept}")
            return cls(unexpected, arrived=True, may_succeed_later=True)

        wait_s = None
        retry_after = outcome.headers.get("retry-after", "")
        if retry_after.isascii() and retry_after.isdigit():
            wait_s = float(retry_after)
        else:
            with suppress(ValueError, TypeError):
                wait = parsedate_to_datetime(retry_after) - datetime.now(UTC)
                wait_s = max(0.0, wait.total_seconds())

        error = refusal(outcome, wait_s)
        is_from_proxy = isinstance(error, UnexpectedAnswer)
        return cls(
            error,
            arrived=is_from_proxy and outcome.status >= 500,
            may_succeed_later=outcome.status in TEMPORARY_STATUSES,
            wait_s=wait_s or 0.0,
        )


def converse(
    call: Call[T],
    session: Session,
    retry: Retry,
) -> Conversation[T]:
    """Make a call and return its result, repeating it while it is safe and ``retry``
    allows."""
    deadline_s = monotonic() + retry.total_s
    was_renewed = False
    may_have_arrived = False
    for attempt in count(1):
        if call.signed and session.needs_renewal():
            yield Exclusive(renew(session, session.token, retry))
        token = session.token if call.signed else None
        outcome = yield Send(call.request(token))
        if isinstance(outcome, Answer) and outcome.status < 300:
            is_accepted = outcome.media == call.accept or call.accept == "*/*"
            if is_accepted or not outcome.content:
                try:
                    return call.read(outcome)
                except msgspec.DecodeError as decoding:
                    # The shop is much older or newer than this program.
                    unexpected = UnexpectedAnswer(
                        outcome, f"no se entiende: {decoding}"
                    )
                    unexpected.key = call.key
                    unexpected.maybe_done = call.writes
                    raise unexpected from decoding

        assert outcome is not None
        failed = _FailedAttempt.of(call, outcome)
        error = failed.error
        has_session = token is not None and token != session.key
        is_stale = isinstance(error, NotAuthenticated) and has_session
        if is_stale and not was_renewed:
            was_renewed = True
            yield Exclusive(renew(session, token, retry))
            continue

        may_have_arrived = may_have_arrived or failed.arrived
        own_s = pauses.pause_s(attempt - 1, retry.first_s, retry.most_s)
        pause_s = max(failed.wait_s, own_s)
        is_safe = call.repeat is Repeat.ALWAYS or not failed.arrived
        has_time = attempt < retry.attempts and monotonic() + pause_s < deadline_s
        if failed.may_succeed_later and is_safe and has_time:
            yield Pause(pause_s)
            continue

        is_certain = isinstance(error, ApiError) and error.status in CERTAIN_STATUSES
        error.key = call.key
        error.maybe_done = call.writes and may_have_arrived and not is_certain
        raise error
    raise AssertionError("attempts have an end")


def renew(
    session: Session,
    stale_token: str | None,
    retry: Retry,
) -> Conversation[None]:
    """Get new tokens in place of ``stale_token``, unless another conversation just did.

    A refresh token whose answer was lost is sent again, and gets that answer. If it is too
    late for that, or the session is over, a new one begins where the password is known.
    """
    if session.token != stale_token:
        return
    if session.refresh_token is not None:
        call = people.refresh(session.refresh_token)
        try:
            tokens = yield from converse(call, session, retry)
        except NotAuthenticated:
            if session.credentials is None:
                session.end()
                raise
        else:
            session.begin(tokens)
            return
    if session.credentials is not None:
        username, password = session.credentials
        yield from log_in(session, username, password, retry, remember=True)


def log_in(
    session: Session,
    username: str,
    password: str,
    retry: Retry,
    *,
    remember: bool,
    code: str | None = None,
) -> Conversation[None]:
    """Log in. A wrong password is not tried again: the shop counts such attempts."""
    credentials = (username, password)
    call = people.log_in(username, password, code)
    try:
        tokens = yield from converse(call, session, retry)
    except NotAuthenticated:
        if session.credentials == credentials:
            session.end()
        raise
    session.credentials = credentials if remember else None
    session.begin(tokens)


def log_out(
    session: Session,
    retry: Retry,
) -> Conversation[None]:
    """Log out. Even if that fails, the client has forgotten tokens, password and key."""
    refresh_token = session.refresh_token
    session.end()
    if refresh_token is not None:
        yield from converse(people.log_out(refresh_token), session, retry)

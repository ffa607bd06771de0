"""Refusals as ``application/problem+json`` (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from trastienda.domain.errors import Refusal
from trastienda.servers.http.answers import Answer
from trastienda.wire import misuses
from trastienda.wire.misuses import (
    failed,
    header_repeated,
    host_unknown,
    method_not_allowed,
    origin_unknown,
)
from trastienda.wire.refusals import Problem, refusal_out

PROBLEM = b"application/problem+json"
_CHALLENGE = (b"www-authenticate", b'Bearer realm="trastienda"')


def problem_answer(problem: Problem) -> Answer:
    """Return the answer with a problem."""
    body: dict[str, Any] = {
        "type": f"urn:trastienda:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "codigo": problem.code,
        **problem.data,
    }

    headers = []
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.append(_CHALLENGE)
    if problem.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % problem.retry_after_s))
    content = msgspec.json.encode(body)
    return Answer(problem.status, content, headers, PROBLEM)


def refusal_answer(refusal: Refusal) -> Answer:
    """Return the answer with a refusal of the domain."""
    problem = refusal_out(refusal)
    return problem_answer(problem)


def method_answer(methods: Sequence[str]) -> Answer:
    """Return the answer for a method that a path does not take."""
    allowed = ", ".join(methods)
    problem = method_not_allowed(allowed)
    answer = problem_answer(problem)
    answer.headers = [(b"allow", allowed.encode())]
    return answer


def host_answer(name: str) -> Answer:
    """Return the answer to a request for another name than the shop's."""
    return problem_answer(host_unknown(name))


def repeated_answer(header: str) -> Answer:
    """Return the answer to a request with a header twice that comes once."""
    return problem_answer(header_repeated(header))


def origin_answer(origin: str) -> Answer:
    """Return the answer to a site whose pages may not call."""
    return problem_answer(origin_unknown(origin))


def failed_answer(number: str) -> Answer:
    """Return the answer where something broke, with the number that the log has of it."""
    return problem_answer(failed(number))


HOST_UNREADABLE = problem_answer(misuses.HOST_UNREADABLE)
NO_SUCH_PATH = problem_answer(misuses.NO_SUCH_PATH)
NOT_ACCEPTABLE = problem_answer(misuses.NOT_ACCEPTABLE)
UNREADABLE_REQUEST = problem_answer(misuses.UNREADABLE_REQUEST)
TOO_SLOW = problem_answer(misuses.TOO_SLOW)
HEAD_TOO_LARGE = problem_answer(misuses.HEAD_TOO_LARGE)
UNREADABLE = problem_answer(misuses.UNREADABLE)
TOO_LARGE = problem_answer(misuses.TOO_LARGE)
UNSUPPORTED_MEDIA = problem_answer(misuses.UNSUPPORTED_MEDIA)

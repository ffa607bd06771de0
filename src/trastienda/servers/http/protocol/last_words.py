"""An answer as bytes, for whoever has no request that an application could answer."""

from http import HTTPStatus

from trastienda.domain.errors import Refusal
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.headers import Keep, usual_headers
from trastienda.servers.http.problems import refusal_answer


def last_words(answer: Answer) -> bytes:
    """Return an answer behind which the connection ends."""
    phrase = HTTPStatus(answer.status).phrase
    headers = [
        (b"content-length", b"%d" % len(answer.body)),
        (b"content-type", answer.content_type),
        (b"connection", b"close"),
        *answer.headers,
        *usual_headers(answer.content_type, Keep.NOBODY),
    ]
    lines = [f"HTTP/1.1 {answer.status} {phrase}".encode()]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + answer.body


def excuse(refusal: Refusal) -> bytes:
    """Return what a client hears for whom there is no place."""
    answer = refusal_answer(refusal)
    return last_words(answer)

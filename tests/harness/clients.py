"""Programs at a shop: the project's own SDK, as whoever integrates with a shop uses it."""

import ssl
from typing import Any

from msgspec.structs import replace
from tests.harness.cast import PASSWORD
from tests.harness.server import ServerProcess

from trastienda.clients.sdk import Answer, Call, Client, Retry, Sesion

ONCE = Retry(attempts=1)
"""Repeats nothing: what is lost raises ConnectionLost, and the test decides what to do."""

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and need not be read from a file for every client."""


def client(
    server: ServerProcess | str,
    username: str | None = None,
    password: str = PASSWORD,
    *,
    retry: Retry = ONCE,
    verify: ssl.SSLContext = NO_AUTHORITIES,
) -> Client:
    """Return a client of a server or of a URL, logged in where a user name is given."""
    url = server if isinstance(server, str) else server.url
    opened = Client(url, retry=retry, verify=verify)
    if username is not None:
        try:
            opened.log_in(username, password)
        except BaseException:
            opened.close()
            raise
    return opened


def client_of_one_token(server: ServerProcess, username: str) -> Client:
    """Return a client that never renews its session: where its token is refused, a call raises
    NotAuthenticated."""
    sessions: list[Sesion | None] = []
    with Client(
        server.url, retry=ONCE, verify=NO_AUTHORITIES, on_session=sessions.append
    ) as opened:
        opened.log_in(username, PASSWORD)
    session = sessions[-1]
    assert session is not None
    return Client(
        server.url,
        retry=ONCE,
        verify=NO_AUTHORITIES,
        session=replace(session, token_refresco=""),
    )


def _itself(answer: Answer) -> Answer:
    return answer


def whole_answer(call: Call[Any]) -> Call[Answer]:
    """Return the same call, to be answered with status and headers."""
    return replace(call, read=_itself)


def replayed(answer: Answer) -> bool:
    """Tell whether the answer was given before, under the same Idempotency-Key."""
    return answer.headers.get("idempotency-replayed") == "true"

"""Answers without an end: what is put into an outbox goes out behind their head."""

import logging
from typing import Protocol

from starlette.types import Scope, Send

from trastienda.domain.errors import Refusal
from trastienda.servers.outbox import Outbox
from trastienda.servers.streams import Stream

log = logging.getLogger(__name__)

EVENT_STREAM = "text/event-stream"
"""The medium of server-sent events."""


class Connection(Protocol):
    """What the HTTP port puts into the scope of a request."""

    def stream(
        self,
        *,
        makes_way: bool,
    ) -> Outbox:
        """Return what an answer without an end is put in."""


async def go_on(
    stream: Stream,
    scope: Scope,
    send: Send,
) -> None:
    """Go on with an answer whose head was sent, until it is over or the client leaves."""
    connection: Connection = scope["connection"]
    outbox = connection.stream(makes_way=stream.makes_way)
    try:
        await stream.run(outbox)
    except Refusal:
        log.debug(
            "a stream was given up", exc_info=True
        )  # asked for again, it says why
    except Exception:
        log.exception("a stream failed")
    outbox.close()
    await send({"type": "http.response.body"})

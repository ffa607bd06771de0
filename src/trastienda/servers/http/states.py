"""Answers that are still good: 304 to whoever has what was read from the present state.

An ETag of a list names the state of the shop, by the number of its last announcement, the
moments between which that state is shown alike, and what was asked by whom. So whether a
copy is still good is known from the ETag and one number, and nothing else is read.
"""

import hashlib
import re

from trastienda import __version__
from trastienda.servers.http.answers import Answer, State, snapshot_number
from trastienda.servers.http.exchange import Exchange
from trastienda.storage.transactions import last_n

_ETAG = re.compile(rb'W/"(\d{1,19})\.(\d{1,19})\.(\d{0,19})\.([0-9a-f]{16})"')


async def answer_by_state(exchange: Exchange) -> Answer:
    """Return the answer of the route with its ETag, or 304 where the caller's is good."""
    question = _question(exchange)
    known = exchange.headers.get(b"if-none-match")
    if known is not None:
        reading = await exchange.desk.reader.read(last_n)
        for match in _ETAG.finditer(known):
            n, from_ms, until_ms, of_question = match.groups()
            is_good = (
                int(n) == reading.n
                and of_question == question
                and int(from_ms) <= reading.now_ms
                and (not until_ms or reading.now_ms < int(until_ms))
            )
            if is_good:
                headers = [snapshot_number(reading.n), (b"etag", match[0])]
                return Answer(304, headers=headers)

    answer = await exchange.route.handler(exchange)
    if answer.state is not None:
        etag = (b"etag", _etag(answer.state, question))
        answer.headers = [*answer.headers, etag]
    return answer


def _etag(
    state: State,
    question: bytes,
) -> bytes:
    until = b"" if state.until_ms is None else b"%d" % state.until_ms
    return b'W/"%d.%d.%b.%b"' % (state.n, state.from_ms, until, question)


def _question(exchange: Exchange) -> bytes:
    """Return what tells apart who asks for what, and in which words it is answered."""
    actor, scope = exchange.actor, exchange.scope
    parts = (
        __version__,
        actor.user_id,
        actor.rut,
        actor.role,
        actor.verified,
        exchange.media,
        scope["path"],
        scope["query_string"],
        exchange.desk.time_zone().key,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16].encode()

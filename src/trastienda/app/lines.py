"""The line ports of a shop that is served: their rooms put together."""

from trastienda.actions import people
from trastienda.config import Settings
from trastienda.domain.people import HOUSE
from trastienda.live.bus import Bus
from trastienda.live.presence import Presence
from trastienda.operations.chat_log import ChatLog
from trastienda.operations.file_limit import file_limit
from trastienda.servers.desk import Desk
from trastienda.servers.tcp.desk import Desk as LineDesk
from trastienda.servers.tcp.desk import Rules
from trastienda.servers.tcp.hall import MAX_CONNECTIONS
from trastienda.servers.tcp.server import LineServer

RESERVED_FILES = 512
"""Open files that are left to the shop itself and to HTTP."""


def line_server(
    bus: Bus, desk: Desk, chat_log: ChatLog, settings: Settings
) -> LineServer:
    """Return the server of the line ports, which hears every commit from now on."""
    rules = Rules(
        guests=settings.chat_guests,
        staff_only=settings.line_buyers == "personal",
        plain_login=settings.plain_login,
        rate=settings.chat_rate,
    )
    users = desk.reader.now(lambda snapshot: list(people.everybody(snapshot, HOUSE)))
    line_desk = LineDesk(desk, Presence(users), chat_log.log, rules)
    connections_max = min(MAX_CONNECTIONS, file_limit() - RESERVED_FILES)
    server = LineServer(line_desk, connections_max)
    bus.listen(server.hear)
    return server

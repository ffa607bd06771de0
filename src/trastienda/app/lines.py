"""The line ports of a shop that is served: their rooms put together."""

from pathlib import Path

from trastienda.actions import people
from trastienda.config import Settings
from trastienda.domain.people import HOUSE
from trastienda.live.bus import Bus
from trastienda.live.presence import Presence
from trastienda.live.shop_page import ShopPage
from trastienda.operations.chat_log import ChatLog
from trastienda.operations.open_files import open_files
from trastienda.servers.desk import Desk
from trastienda.servers.tcp.desk import Desk as LineDesk
from trastienda.servers.tcp.desk import Rules
from trastienda.servers.tcp.hall import MAX_CONNECTIONS
from trastienda.servers.tcp.server import LineServer
from trastienda.wire.chat_log import encoder

KEPT_FILES = 512
"""Of the files that the system lets this process have open, those that are for the shop itself and for HTTP."""
LOGS = "logs"
"""The folder of the chat's logs, in that of the data."""


def chat_log_of(data: Path, page: ShopPage) -> ChatLog:
    """Return the chat's logs, kept beside the shop."""
    return ChatLog(data / LOGS, encoder(lambda: page.zone))


def line_server(
    bus: Bus,
    desk: Desk,
    chat_log: ChatLog,
    settings: Settings,
) -> LineServer:
    """Return the engine of the line ports, which hears what is committed from now on."""
    rules = Rules(
        guests=settings["chat_guests"],
        staff_only=settings["line_buyers"] == "personal",
        plain_login=settings["plain_login"],
        rate=settings["chat_rate"],
    )
    presence = Presence(
        desk.reader.now(lambda state: list(people.everybody(state, HOUSE)))
    )
    line_desk = LineDesk(desk, presence, chat_log.log, rules)
    lines = LineServer(line_desk, min(MAX_CONNECTIONS, open_files() - KEPT_FILES))
    bus.listen(lines.hear)
    return lines

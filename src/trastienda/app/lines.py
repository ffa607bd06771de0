"""The line ports of a shop that is served: their rooms put together."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from trastienda.actions import people
from trastienda.app.opening import now_ms
from trastienda.config import Settings
from trastienda.domain.events import Event, Kind
from trastienda.domain.people import HOUSE
from trastienda.domain.shop import Shop
from trastienda.live.bus import Bus
from trastienda.live.chat_log import ChatLog
from trastienda.live.presence import Presence
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.servers.tcp.desk import Desk, Rules
from trastienda.servers.tcp.server import LineServer
from trastienda.wire.chat_log import encoder
from trastienda.writer import Writer

LOGS = "logs"
"""The folder of the chat's logs, in that of the data."""


class _Calendar:
    """The shop's zone, for whoever asks from another thread than that of the events."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def hear(self, events: Sequence[Event]) -> None:
        """Take the zone of the shop's new page."""
        for event in events:
            if isinstance(event.subject, Shop):
                self.zone = event.subject.zone


def chat_log_of(data: Path, bus: Bus, reader: Reader) -> ChatLog:
    """Return the chat's logs, kept beside the shop."""
    calendar = _Calendar(reader.now(lambda state: state.shop.zone))
    bus.listen(calendar.hear, {Kind.SHOP})
    return ChatLog(data / LOGS, encoder(lambda: calendar.zone))


def line_server(
    bus: Bus, reader: Reader, writer: Writer, auth: Auth, chat_log: ChatLog, settings: Settings
) -> LineServer:
    """Return the engine of the line ports, which hears what is committed from now on."""
    rules = Rules(
        guests=settings["chat_guests"],
        staff_only=settings["line_buyers"] == "personal",
        plain_login=settings["plain_login"],
        rate=settings["chat_rate"],
    )
    presence = Presence(reader.now(lambda state: list(people.everybody(state, HOUSE))))
    desk = Desk(reader, writer, auth, presence, now_ms, chat_log.tell, rules)
    bus.listen(desk.hear, {Kind.SHOP})
    lines = LineServer(desk)
    bus.listen(lines.hear)
    return lines

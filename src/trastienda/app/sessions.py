"""The sessions of a shop that is served, whatever wire they come by, put together."""

from trastienda.config import Settings
from trastienda.domain.networks import is_loopback
from trastienda.domain.self_service import Buyers
from trastienda.live.bus import Bus
from trastienda.live.names import Names
from trastienda.live.reserved_names import ReservedNames
from trastienda.operations.chat_log import ChatLog
from trastienda.servers.desk import Desk
from trastienda.servers.sessions.fanout import Fanout
from trastienda.servers.sessions.hub import Hub, Rules
from trastienda.servers.sessions.registry import Sessions

_BUYERS = {
    "verificados": Buyers.CONFIRMED,
    "todos": Buyers.ALL,
    "personal": Buyers.STAFF,
}
"""Who may buy, by what the setting says."""


def open_sessions(
    bus: Bus,
    desk: Desk,
    chat_log: ChatLog,
    reserved: ReservedNames,
    settings: Settings,
) -> Sessions:
    """Return the sessions, which hear what is committed from now on."""
    is_open_to_network = settings.host != "localhost" and not is_loopback(settings.host)
    rules = Rules(
        guests=settings.chat_guests != "no",
        # Whoever the network brings has not heard what was said before they came.
        guests_read_past=settings.chat_guests == "historia" or not is_open_to_network,
        buyers=_BUYERS[settings.line_buyers],
        plain_login=settings.plain_login,
        rate=settings.chat_rate,
    )

    names = Names(reserved)
    hub = Hub(desk, bus, names, chat_log.log, rules)

    sessions = Sessions(hub)
    fanout = Fanout(sessions)
    bus.listen(fanout.hear)
    return sessions

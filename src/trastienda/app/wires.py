"""The wires by which people and programs stay connected, over the same sessions."""

from msgspec import Struct

from trastienda.app.doors import Doors
from trastienda.servers.events.server import EventServer
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.socketio.server import SocketServer
from trastienda.servers.tcp.server import LineServer


class Wires(Struct, frozen=True):
    """A server for each wire."""

    lines: LineServer
    live: SocketServer
    events: EventServer


def open_wires(
    sessions: Sessions,
    doors: Doors,
) -> Wires:
    """Return the servers, which listen nowhere yet."""
    return Wires(
        lines=LineServer(sessions, doors.lines, doors.porch),
        live=SocketServer(sessions),
        events=EventServer(sessions),
    )

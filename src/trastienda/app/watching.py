"""What the metrics say of a shop that is served, beside what they count."""

from trastienda.app.doors import Doors
from trastienda.app.wires import Wires
from trastienda.domain.condition import Condition
from trastienda.live.bus import Bus
from trastienda.operations.scheduler import Schedule
from trastienda.servers.http.metrics import Metrics
from trastienda.writer import Writer


def watch_shop(
    metrics: Metrics,
    writer: Writer,
    bus: Bus,
    wires: Wires,
    condition: Condition,
    doors: Doors,
    schedule: Schedule,
) -> None:
    """Have the metrics read, at the moment of asking, how the shop is."""
    metrics.name_program(condition.database)
    watch = metrics.watch
    watch("waiting_calls", "Calls that wait for their commit", lambda: writer.waiting)
    watch("last_announcement", "Number of the last announcement", lambda: bus.n)
    watch(
        "line_connections", "Connections of the line ports", lambda: wires.lines.count
    )
    watch("live_connections", "Clients of Socket.IO", lambda: wires.live.count)
    watch("event_streams", "Who hears server-sent events", lambda: wires.events.count)
    watch(
        "writes_fail", "1 while nothing can be kept", lambda: writer.fault is not None
    )
    watch(
        "disk_free_bytes",
        "Room on the disk of the shop",
        lambda: condition.disk_free_bytes,
    )
    watch(
        "last_copy_timestamp_seconds",
        "When the newest scheduled copy was made, in seconds since 1970; 0 for none",
        lambda: (condition.last_copy_ms or 0) / 1000,
    )
    watch("http_connections", "Connections of HTTP", lambda: doors.http.count)
    watch(
        "refused_connections",
        "Connections that found no place",
        lambda: doors.http.refused + doors.lines.refused,
    )
    watch(
        "connections_sent_away",
        "Connections that kept the shop waiting and made way for others",
        lambda: doors.http.sent_away + doors.lines.sent_away,
    )
    watch(
        "tasks_running",
        "Whether the daily tasks run",
        lambda: schedule.is_running,
    )

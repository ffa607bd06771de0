"""What was announced, told again to whoever was away."""

from collections.abc import Sequence

from msgspec.structs import replace

from trastienda.domain.chat import Message
from trastienda.domain.events import Event
from trastienda.storage import chat, journal
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Snapshot, lookup


@lookup
def since(
    snapshot: Snapshot,
    n: int,
    limit: int,
) -> Sequence[Event] | None:
    """Return what was announced after number ``n``, at most ``limit``, in its order.

    None where not all of it is known here any more, or that number was never given: what
    is needed then is a fresh snapshot. It is a look-up for a ``limit`` of a screenful.
    """
    connection = snapshot.connection
    if n > snapshot.n or not journal.knows(connection, n):
        return None
    return _as_they_stand(connection, journal.after(connection, n, limit))


def _as_they_stand(
    connection: Connection,
    events: Sequence[Event],
) -> Sequence[Event]:
    """Return the events with messages as they stand: what was taken back is not said again."""
    seqs_by_room: dict[str, list[int]] = {}
    for event in events:
        if isinstance(event.subject, Message):
            seqs_by_room.setdefault(event.subject.room, []).append(event.subject.seq)
    if not seqs_by_room:
        return events

    rooms = chat.rooms_by_name(connection, list(seqs_by_room))
    changed: dict[tuple[str, int], Message] = {}
    for name, room in rooms.items():
        seqs = seqs_by_room[name]
        for message in chat.changed_between(connection, room, min(seqs), max(seqs)):
            changed[name, message.seq] = message
    if not changed:
        return events

    standing = []
    for event in events:
        subject = event.subject
        if isinstance(subject, Message):
            now = changed.get((subject.room, subject.seq), subject)
            event = replace(event, subject=now)
        standing.append(event)
    return standing

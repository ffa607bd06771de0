"""What was announced, told again to whoever was away."""

from collections.abc import Sequence

from trastienda.domain.events import Event
from trastienda.storage import journal
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
    return journal.after(connection, n, limit)

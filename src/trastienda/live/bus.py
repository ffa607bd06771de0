"""The bus: events of this process, published after their commit and in its order."""

import logging
from collections.abc import Callable, Iterable, Sequence

from trastienda.domain.events import Event, Kind

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[Event]], None]


class Bus:
    """Hands committed events to listeners.

    They run in the event loop and must not block.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        """The number of the last event that was published."""
        self._listeners: list[tuple[Listener, frozenset[Kind]]] = []

    def listen(
        self,
        listener: Listener,
        kinds: Iterable[Kind] = Kind,
    ) -> Callable[[], None]:
        """Call ``listener`` with each batch that holds an event of these kinds.

        Return a function that stops it.
        """
        registration = listener, frozenset(kinds)
        self._listeners.append(registration)
        return lambda: self._listeners.remove(registration)

    def publish(self, events: Sequence[Event]) -> None:
        """Hand out those ``events`` that were not published before.

        A listener that fails keeps neither the other ones nor the writer back.
        """
        if events and events[0].n <= self.n:
            events = [event for event in events if event.n > self.n]
        if not events:
            return

        self.n = events[-1].n
        published_kinds = {event.kind for event in events}

        # A copy: a listener may be added or stopped by what another one does.
        listeners = tuple(self._listeners)
        for listener, kinds in listeners:
            if published_kinds.isdisjoint(kinds):
                continue

            try:
                listener(events)
            except Exception:
                log.exception("a listener failed at event %d", self.n)

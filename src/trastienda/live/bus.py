"""The bus: events of this process, told after their commit, in its order."""

import logging
from collections.abc import Callable, Iterable, Sequence

from trastienda.domain.events import Event, Kind

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[Event]], None]


class Bus:
    """Tells every listener of what was committed. Listeners run in the event loop's thread and must not block."""

    def __init__(self, n: int) -> None:
        self.n = n
        """The number of the last event told."""
        self._listeners: list[tuple[Listener, frozenset[Kind]]] = []

    def listen(
        self, listener: Listener, kinds: Iterable[Kind] = Kind
    ) -> Callable[[], None]:
        """Call ``listener`` with each batch that holds an event of these kinds; the answer stops that."""
        entry = listener, frozenset(kinds)
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell ``events``, those not told yet. A listener that fails keeps neither the others nor the writer back."""
        if events and events[0].n <= self.n:
            events = [event for event in events if event.n > self.n]
        if not events:
            return
        self.n = events[-1].n
        kinds = {event.kind for event in events}
        for listener, wanted in tuple(self._listeners):
            if kinds.isdisjoint(wanted):
                continue
            try:
                listener(events)
            except Exception:
                log.exception("a listener failed at event %d", self.n)

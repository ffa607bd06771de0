"""The bus: events of this process, told after their commit, in its order."""

import logging
from collections.abc import Callable, Sequence

from trastienda.domain.events import Event

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[Event]], None]


class Bus:
    """Tells every listener of what was committed. Listeners run in the event loop's thread and must not block."""

    def __init__(self, n: int) -> None:
        self.n = n
        """The number of the last event told."""
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with each batch of events from now on; the answer stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell ``events``, those not told yet. A listener that fails keeps neither the others nor the writer back."""
        fresh = [event for event in events if event.n > self.n]
        if not fresh:
            return
        self.n = fresh[-1].n
        for listener in tuple(self._listeners):
            try:
                listener(fresh)
            except Exception:
                log.exception("a listener failed at event %d", self.n)

"""What ``/metrics`` tells, in Prometheus' text format."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """Counters of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "trastienda_http_requests",
            "Requests answered",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "trastienda_http_request_seconds",
            "Time to answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._commits = Histogram(
            "trastienda_commit_seconds",
            "Time of a group commit",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls = Counter(
            "trastienda_committed_calls", "Calls committed", registry=self._registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a number as it is at the moment of asking."""
        Gauge(f"trastienda_{name}", meaning, registry=self._registry).set_function(read)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        place = (route, method, status)
        known = self._known.get(place)
        if known is None:
            known = (
                self._requests.labels(route, method, str(status)),
                self._seconds.labels(route),
            )
            self._known[place] = known
        known[0].inc()
        known[1].observe(seconds)

    def committed(self, calls: int, seconds: float) -> None:
        """Count a commit."""
        self._commits.observe(seconds)
        self._calls.inc(calls)

    def render(self) -> bytes:
        """Return all counters."""
        return generate_latest(self._registry)

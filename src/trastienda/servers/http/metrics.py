"""The metrics of ``/metrics``, in the text format of Prometheus."""

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
        self._incidents = Counter(
            "trastienda_incidents",
            "Log-ins, throttles and refusals",
            ("event",),
            registry=self._registry,
        )
        self._commits = Histogram(
            "trastienda_commit_seconds",
            "Time of a group commit",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls = Counter(
            "trastienda_committed_calls",
            "Calls committed",
            registry=self._registry,
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        """By route, method and status: looking labels up takes longer than counting."""

    def watch(
        self,
        name: str,
        meaning: str,
        read: Callable[[], float],
    ) -> None:
        """Add a number that is read at the moment of asking."""
        gauge = Gauge(
            f"trastienda_{name}",
            meaning,
            registry=self._registry,
        )
        gauge.set_function(read)

    def name_program(self, database: str) -> None:
        """Tell which program keeps the shop, with its version."""
        gauge = Gauge(
            "trastienda_database_info",
            "The program that keeps the shop",
            ("program",),
            registry=self._registry,
        )
        gauge.labels(database).set(1)

    def answered(
        self,
        route: str,
        method: str,
        status: int,
        seconds: float,
    ) -> None:
        """Count an answer."""
        labels = (route, method, status)
        series = self._series.get(labels)
        if series is None:
            requests = self._requests.labels(route, method, str(status))
            durations = self._seconds.labels(route)
            series = requests, durations
            self._series[labels] = series

        requests, durations = series
        requests.inc()
        durations.observe(seconds)

    def happened(self, event: str) -> None:
        """Count something that happened at the door."""
        self._incidents.labels(event).inc()

    def committed(
        self,
        calls: int,
        seconds: float,
    ) -> None:
        """Count a commit."""
        self._commits.observe(seconds)
        self._calls.inc(calls)

    def render(self) -> bytes:
        """Return all counters."""
        return generate_latest(self._registry)

"""Rows sorted without holding them all in memory: sorted runs in temporary files, then
merged."""

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

RUN_ROWS = 20_000
"""Rows held at once; some ten megabytes of short texts."""
MAX_RUNS = 64
"""Files merged at once; below the least limit on open files of any system."""


class Sortable(Protocol):
    """A row that has an order, and that msgspec can encode and decode."""

    def __lt__(self, other: Any) -> bool:
        """Tell whether this row comes first."""


SortableRow = TypeVar("SortableRow", bound=Sortable)


class SortedRows(Generic[SortableRow]):
    """Rows to be read in their order.

    The temporary files lie in ``directory``, and whoever owns it removes them.
    """

    def __init__(
        self,
        directory: Path,
        row_type: type[SortableRow],
    ) -> None:
        self._directory = directory
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(row_type)
        self._held: list[SortableRow] = []
        self._runs: list[Path] = []
        self._files_made = 0

    def add(self, row: SortableRow) -> None:
        """Take a row in."""
        self._held.append(row)
        if len(self._held) == RUN_ROWS:
            self._held.sort()
            self._write_run(self._held)
            self._held.clear()

    def __iter__(self) -> Iterator[SortableRow]:
        """Yield all rows in order."""
        self._held.sort()
        return heapq.merge(*map(self._read_run, self._runs), self._held)

    def _write_run(self, rows: Iterable[SortableRow]) -> None:
        self._files_made += 1
        path = self._directory / f"run-{self._files_made}"
        with path.open("wb") as file:
            file.writelines(self._encoder.encode(row) + b"\n" for row in rows)
        self._runs.append(path)
        if len(self._runs) == MAX_RUNS:
            self._merge_runs()

    def _merge_runs(self) -> None:
        runs = self._runs
        self._runs = []
        self._write_run(heapq.merge(*map(self._read_run, runs)))
        for path in runs:
            path.unlink()

    def _read_run(self, path: Path) -> Iterator[SortableRow]:
        with path.open("rb") as file:
            yield from map(self._decoder.decode, file)

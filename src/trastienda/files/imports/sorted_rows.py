"""Rows put in order without holding them all: sorted runs in temporary files, merged as they are read."""

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

RUN_ROWS = 20_000
"""Rows held at once; some ten megabytes of short texts."""
MAX_RUNS = 64
"""Files merged at once; below the least limit on open files of any system."""

Row = TypeVar("Row", bound=tuple[object, ...])


class SortedRows(Generic[Row]):
    """Tuples to be read in their order. The temporary files are the directory's owner's to remove."""

    def __init__(self, directory: Path, kind: Any) -> None:
        """``kind`` is the type of the rows: a type checker does not take a tuple's as ``type[Row]``."""
        self._directory = directory
        self._decode: Callable[[bytes], Row] = msgspec.json.Decoder(kind).decode
        self._encode = msgspec.json.Encoder().encode
        self._held: list[Row] = []
        self._runs: list[Path] = []
        self._made = 0

    def add(self, row: Row) -> None:
        """Take a row in."""
        self._held.append(row)
        if len(self._held) == RUN_ROWS:
            self._held.sort()
            self._write(iter(self._held))
            self._held.clear()

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows in order."""
        self._held.sort()
        return heapq.merge(*map(self._read, self._runs), self._held)

    def _write(self, rows: Iterator[Row]) -> None:
        self._made += 1
        path = self._directory / f"run-{self._made}"
        with path.open("wb") as file:
            file.writelines(self._encode(row) + b"\n" for row in rows)
        self._runs.append(path)
        if len(self._runs) == MAX_RUNS:
            merged, self._runs = self._runs, []
            self._write(heapq.merge(*map(self._read, merged)))
            for old in merged:
                old.unlink()

    def _read(self, path: Path) -> Iterator[Row]:
        with path.open("rb") as file:
            yield from map(self._decode, file)

"""SQLite's indexes of texts, in which accents and case do not matter."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any


class TextIndexes:
    """What a connection does with indexes of texts."""

    _driver: Any

    def create_text_index(self, name: str) -> None:
        """Make an index of texts; it does not hold the texts themselves."""
        tokenizer = "unicode61 remove_diacritics 2"
        self._driver.execute(
            f"CREATE VIRTUAL TABLE {name} "
            f"USING fts5(text, content='', tokenize='{tokenizer}')"
        )

    def index_texts(
        self,
        name: str,
        rows: Sequence[tuple[int, str]],
    ) -> None:
        """Add texts, each with its number, to an index."""
        statement = f"INSERT INTO {name} (rowid, text) VALUES (?, ?)"  # noqa: S608
        self._driver.executemany(statement, rows)

    def unindex_text(
        self,
        name: str,
        number: int,
        text: str,
    ) -> None:
        """Take a text out of an index, given as it was put in."""
        columns = f"({name}, rowid, text)"
        statement = f"INSERT INTO {name} {columns} VALUES ('delete', ?, ?)"  # noqa: S608
        self._driver.execute(statement, (number, text))

    def find_texts(
        self,
        name: str,
        words: Iterable[str],
        first: int,
        last: int,
        limit: int,
    ) -> list[int]:
        """Return the numbers, from ``first`` to ``last``, of texts with all ``words``.

        Each of ``words`` is the beginning of a word. The highest numbers come first, at
        most ``limit``.
        """
        statement = (
            f"SELECT rowid FROM {name} "  # noqa: S608
            f"WHERE {name} MATCH ? AND rowid BETWEEN ? AND ? "
            "ORDER BY rowid DESC LIMIT ?"
        )
        values = (_beginnings(words), first, last, limit)
        return [number for (number,) in self._driver.execute(statement, values)]

    def find_texts_by_group(
        self,
        name: str,
        words: Iterable[str],
        bits: int,
        limit: int,
    ) -> Iterator[tuple[int, list[int]]]:
        """Yield what :meth:`find_texts` finds in each group, for all groups in one walk.

        Numbers of a group differ in no more than their last ``bits``.
        """
        position = (
            f"row_number() OVER (PARTITION BY rowid >> {bits} ORDER BY rowid DESC)"
        )
        matches = (
            f"SELECT rowid, {position} AS position FROM {name} WHERE {name} MATCH ?"  # noqa: S608
        )
        statement = (
            f"SELECT rowid FROM ({matches}) WHERE position <= ? ORDER BY rowid DESC"  # noqa: S608
        )
        rows = self._driver.execute(statement, (_beginnings(words), limit))
        numbers = (number for (number,) in rows)
        for group, members in groupby(numbers, key=lambda number: number >> bits):
            yield group, list(members)


def _beginnings(words: Iterable[str]) -> str:
    """Return the search for texts that have a word beginning with each of ``words``."""
    quoted = ['"' + word.replace('"', '""') + '"*' for word in words]
    return " ".join(quoted)

"""Which fields a header can stand for, and how exactly it says so."""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from trastienda.files.tables.column_names import MORE_WORDS, RANKS, VOCABULARIES
from trastienda.files.tables.header_words import words_of
from trastienda.files.tables.table import header_key

_TELLING_SIGNS = re.compile(r"[$%+]")
"""Stock $ is not a stock."""


class HeaderFit(Struct, frozen=True):
    """How well a header fits a field.

    ``rank`` is 0 for the most exact headers and 2 for the least. ``words`` of the
    header make it a header of the field, the others only may stand beside them.
    """

    field: str
    rank: int
    words: int


@lru_cache(maxsize=4096)
def fits_of(
    kind: str,
    header: str,
) -> tuple[HeaderFit, ...]:
    """Return the fields of that kind of file that a header can stand for."""
    words = words_of(header)
    if not words:
        return ()

    vocabulary = VOCABULARIES[kind]
    key = header_key(header)
    fits = []
    for field in vocabulary.words:
        more_words = frozenset(MORE_WORDS.get(field, "").split())
        phrases = [
            phrase
            for phrase in _phrases(kind, field)
            if phrase <= words and words - phrase <= more_words
        ]
        if key in vocabulary.headers[field] and not _TELLING_SIGNS.search(header):
            phrases.append(words)
        if phrases:
            ranks = [_rank(kind, field, phrase) for phrase in phrases]
            longest = max(len(phrase) for phrase in phrases)
            fits.append(HeaderFit(field, min(ranks), longest))

    # Costo unitario has more of a cost than of a unit.
    most_words = max((fit.words for fit in fits), default=0)
    return tuple(fit for fit in fits if fit.words == most_words)


def fields_sharing_words(
    kind: str,
    header: str,
    fields: Iterable[str],
) -> list[str]:
    """Return those of the fields whose headers have words of this one, the likeliest
    first."""
    words = words_of(header)
    likeness: dict[str, float] = {}
    for field in fields:
        shares = [
            len(words & phrase) / len(words | phrase)
            for phrase in _phrases(kind, field)
        ]
        if any(shares):
            likeness[field] = max(shares)
    return sorted(likeness, key=lambda field: -likeness[field])


@lru_cache
def _phrases(
    kind: str,
    field: str,
) -> frozenset[frozenset[str]]:
    headers = VOCABULARIES[kind].headers[field]
    return frozenset(words_of(header) for header in headers)


@lru_cache
def _rank(
    kind: str,
    field: str,
    phrase: frozenset[str],
) -> int:
    more_exact, less_exact = RANKS[kind].get(field, ((), ()))
    if phrase in map(words_of, more_exact):
        return 0
    return 2 if phrase in map(words_of, less_exact) else 1


class KnownHeaders:
    """The headers of some kinds of files, and those that the importer named."""

    def __init__(
        self,
        kinds: Iterable[str],
        named: Iterable[str] = (),
    ) -> None:
        self._kinds = tuple(kinds)
        self._named_keys = {header_key(header) for header in named} - {""}

    def __contains__(self, header: object) -> bool:
        """Tell whether a cell is such a header.

        «Venta» is none: it may be a sale's number, and half of «Precio venta» as well.
        """
        if not isinstance(header, str):
            return False
        if header_key(header) in self._named_keys:
            return True
        return any(
            fit.rank <= 1 or fit.field != "number"
            for kind in self._kinds
            for fit in fits_of(kind, header)
        )

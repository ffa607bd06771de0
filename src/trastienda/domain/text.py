"""Names that people write: cleaned, limited, and folded so that accents and case do not
matter in a search, nor whether words are written in one.
"""

import re
import unicodedata
from typing import NamedTuple

from trastienda.domain.errors import Invalid
from trastienda.domain.visible_text import JOINERS, visible

MAX_NAME = 200
"""Characters in a name. A receipt has 48 columns; four lines of it are a name, more is a text."""
MAX_TEXT = 2000

_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of characters, and ends of lines."""
_STRAY_JOINERS = re.compile(
    rf"(?<![^\s\x00-\u02ff])[{JOINERS}]+|[{JOINERS}]+(?![^\s\x00-\u02ff])"
)
"""Joiners beside a Latin letter, a space or an end, where they join nothing: two names that
differ by one alone would look the same."""


def clean(
    text: str,
    field: str,
    *,
    limit: int = MAX_NAME,
    empty: bool = False,
) -> str:
    """Return ``text`` in NFC, without hidden characters and spaces around.

    Raises Invalid for control characters, emptiness or excess.
    """
    tidy = _STRAY_JOINERS.sub("", visible(text)).strip()
    if not tidy and not empty:
        raise Invalid(field, "must_not_be_empty")
    if len(tidy) > limit:
        raise Invalid(field, "too_long", limit=limit)
    if any(unicodedata.category(character) in _CONTROLS for character in tidy):
        raise Invalid(field, "control_characters")
    return tidy


def fold(text: str) -> str:
    """Return ``text`` without accents and in one case, for comparing and searching."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
    )
    return bare.casefold()


WORDS_IN_ONE = 3
"""Words that people write as one, as in *sietecolores* or *coca-cola zero*."""
_DECIMAL_MARK = re.compile(r"(?<=\d),(?=\d)")
_WORD = re.compile(r"(?:[^\W_]|(?<=\d)\.(?=\d))+")
_JOINT = re.compile(r"[-\u2010-\u2015'\u2019`./,_\w]+")
"""A word with nothing in it but what may stand between two that are one."""


def searchable(text: str) -> str:
    """Return ``text`` folded, with a point before decimals: 1,5 is found as 1.5."""
    return _DECIMAL_MARK.sub(".", fold(text))


def in_one(text: str) -> str:
    """Return the words of ``text`` written as one: Coca-Cola is *cocacola*."""
    words = _WORD.findall(searchable(text))
    return _join(words)


def _join(words: list[str]) -> str:
    joined = ""
    for word in words:
        # A half, 1/2, is no twelve.
        if joined[-1:].isdigit() and word[0].isdigit():
            joined += "/"
        joined += word
    return joined


def words_in_one(name: str) -> str:
    """Return a name for searches that write some of its words as one.

    It holds the whole name as one word, and then what begins at each further word, with
    a space before and after each.
    """
    words = _WORD.findall(searchable(name))
    beginnings = [
        _join(words[start : start + WORDS_IN_ONE]) for start in range(1, len(words))
    ]
    return " ".join(["", _join(words), *beginnings, ""])


class SearchWord(NamedTuple):
    """A word of a search: as it stands in a text, or begins what is written as one."""

    text: str
    in_one: str
    """Empty where there is a sign in it that is no joint between words: 100%."""


def search_words(text: str) -> list[SearchWord]:
    """Return the words that a search looks for; all of them have to be found."""
    words = []
    for word in searchable(text).split():
        joined = in_one(word) if _JOINT.fullmatch(word) else ""
        words.append(SearchWord(word, joined))
    return words

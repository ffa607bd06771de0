"""Texts that people type, without what nobody sees: marks that turn the direction of
writing, characters without a width, blank letters, piles of marks.
"""

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks one after the other. No living script stacks more.

Piles of them run over the lines above and below, and putting a pile in order takes time
that grows with its square."""

JOINERS = "\u200c\u200d"
"""They are invisible, but some scripts and many emoji are spelled with them."""

BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001d159"
)
"""Letters, signs and marks that are drawn as nothing: fillers, Braille without dots."""

SELECTORS = "".join(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
"""They choose the form of the character before them, and are not shown themselves."""

UNSEEN = BLANK.union(SELECTORS)

_STRAY_SELECTORS = re.compile(rf"(?<!\S)[{JOINERS}{SELECTORS}]*[{SELECTORS}]")
"""Selectors at the beginning of a word have nothing before them to choose a form of."""

_MARKS = frozenset({"Mc", "Me", "Mn"})

is_plain = re.compile("[ -~\xa1-\xac\xae-\u02ff]*").fullmatch
"""Latin letters and signs that are visible, in NFC and no marks: nothing is hidden there."""


def visible(text: str) -> str:
    """Return ``text`` in NFC, without hidden or blank characters and marks beyond MAX_MARKS.

    Joiners stay. Control characters do, too: what they mean depends on where the text comes from.
    """
    if is_plain(text):
        return text

    if not text.isprintable():
        text = "".join(
            character
            for character in text
            # Python calls most spaces unprintable, too.
            if character.isprintable()
            or character in JOINERS
            or unicodedata.category(character) != "Cf"
        )
    if not UNSEEN.isdisjoint(text):
        text = "".join(character for character in text if character not in BLANK)
        text = _STRAY_SELECTORS.sub("", text)

    has_marks = not _MARKS.isdisjoint(map(unicodedata.category, text))
    if has_marks:
        # Before NFC, since putting piles of marks in order is slow.
        text = _cut_marks(text)
    text = unicodedata.normalize("NFC", text)
    if has_marks:
        # And after it, since some marks are two in NFC.
        text = _cut_marks(text)
    return text


def _cut_marks(text: str) -> str:
    characters = []
    marks_in_a_row = 0
    for character in text:
        if unicodedata.category(character) in _MARKS:
            marks_in_a_row += 1
        else:
            marks_in_a_row = 0
        if marks_in_a_row <= MAX_MARKS:
            characters.append(character)

    return "".join(characters)

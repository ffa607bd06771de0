"""Texts that people type, made safe to show on somebody else's terminal."""

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks one after the other. No living script stacks more.

Piles of them run over the lines above and below, and putting a pile in order takes time
that grows with its square."""

_MARKS = frozenset({"Mc", "Me", "Mn"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})

_JOINERS = "\u200c\u200d"
"""They are invisible, but some scripts and many emoji are spelled with them."""

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
"""Characters between words or lines; a space in their place keeps the words apart."""

_SPACES = (
    " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u202f\u205f\u3000"
)
_AROUND = _SPACES + _JOINERS

_PLAIN = re.compile("[ -~\xa1-\xac\xae-\u02ff]*").fullmatch
"""Latin letters and signs that are visible, in NFC and no marks: nothing to clean."""

_ESCAPES = re.compile(
    # Strings for the terminal itself (window titles, links, the clipboard) up to BEL or
    # ST. One without an end is no string: only its introducer goes, below. What follows
    # was meant for people, and cannot harm them any more.
    r"(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x80-\x9f]*+(?:\x07|\x9c|\x1b\\)"
    # Control sequences: colours, the cursor, most function keys.
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    # Single shifts, which a terminal sends for an arrow key.
    r"|(?:\x1b[NO]|[\x8e\x8f])[!-~]?"
    # The rest: a letter, perhaps with something before it.
    r"|\x1b[ -/]*+[0-~]?"
)
"""Terminal escapes, 7 and 8 bit (ECMA-48).

No part of it backtracks, and a string ends at the next control character, so the time
grows with the length and no faster."""


def clean(text: str) -> str:
    """Return ``text`` as others may see it: in NFC, without spaces around it.

    Terminal escapes are removed whole; so are control characters, invisible format
    characters (such as those that turn the direction of writing), lone surrogates, and
    marks beyond MAX_MARKS. Tabs and line breaks become spaces. Cleaning a text again
    changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")

    if _PLAIN(text):
        return text.strip(_AROUND)

    if not text.isprintable():
        text = _ESCAPES.sub("", text)
        text = text.replace("\r\n", "\n")

        characters = []
        for character in text:
            # Python calls most spaces unprintable, too.
            if character.isprintable() or character in _JOINERS:
                characters.append(character)
            elif character in _BREAKS:
                characters.append(" ")
            elif unicodedata.category(character) not in _INVISIBLE:
                characters.append(character)
        text = "".join(characters)

        if _PLAIN(text):
            return text.strip(_AROUND)

    has_marks = not _MARKS.isdisjoint(map(unicodedata.category, text))
    if has_marks:
        # Before NFC, since putting piles of marks in order is slow.
        text = _cut_marks(text)
    text = unicodedata.normalize("NFC", text)
    if has_marks:
        # And after it, since some marks are two in NFC.
        text = _cut_marks(text)

    return text.strip(_AROUND)


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

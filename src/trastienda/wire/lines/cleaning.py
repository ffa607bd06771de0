"""Texts that people type, made safe to show on somebody else's terminal."""

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks one after the other. No living script stacks more.

Piles of them run over the lines above and below, and putting a pile in order takes time that
grows with its square."""

_MARKS = frozenset({"Mc", "Me", "Mn"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})

_JOINERS = "\u200c\u200d"
"""They are invisible, but some scripts and many emoji are spelled with them."""

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
"""Characters between words or lines; a space replaces them, so that the words stay apart."""

_SPACES = (
    " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u202f\u205f\u3000"
)
_AROUND = _SPACES + _JOINERS

_PLAIN = re.compile("[ -~\xa1-\xac\xae-\u02ff]*").fullmatch
"""Latin letters and signs that are visible, in NFC and no marks: there is nothing to clean."""

_ESCAPES = re.compile(
    # Strings for the terminal itself (window titles, links, the clipboard) up to BEL or ST. One
    # without an end is no string: only its introducer goes, below. What follows was meant for
    # people, and cannot harm them any more.
    r"(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x80-\x9f]*+(?:\x07|\x9c|\x1b\\)"
    # Control sequences: colours, the cursor, most function keys.
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    # Single shifts, which a terminal sends for an arrow key.
    r"|(?:\x1b[NO]|[\x8e\x8f])[!-~]?"
    # The rest: a letter, perhaps with something before it.
    r"|\x1b[ -/]*+[0-~]?"
)
"""Terminal escapes, 7 and 8 bit (ECMA-48).

No part of it backtracks, and a string ends at the next control character, so the time grows with
the length and no faster."""


def clean(text: str) -> str:
    """Return ``text`` as others may see it: in NFC, without spaces around it.

    Terminal escapes are removed whole; so are control characters, invisible format characters
    (such as those that turn the direction of writing), lone surrogates, and marks beyond
    MAX_MARKS. Tabs and line breaks become spaces. Cleaning a text again changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    if not _PLAIN(text):
        text = _without_hidden(text)
        if not _PLAIN(text):
            text = _composed(text)
    return text.strip(_AROUND)


def _without_hidden(text: str) -> str:
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    characters = [
        character if character.isprintable() else _visible(character)
        for character in text
    ]
    return "".join(characters)


def _visible(character: str) -> str:
    """Return what is shown for a character that Python calls unprintable, as most spaces are."""
    if character in _BREAKS:
        return " "
    if character in _JOINERS:
        return character
    return "" if unicodedata.category(character) in _INVISIBLE else character


def _composed(text: str) -> str:
    if _MARKS.isdisjoint(map(unicodedata.category, text)):
        return unicodedata.normalize("NFC", text)
    # Cut before, since putting marks in order is slow, and after, since some are two in NFC.
    normalized = unicodedata.normalize("NFC", _cut_marks(text))
    return _cut_marks(normalized)


def _cut_marks(text: str) -> str:
    characters: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks <= MAX_MARKS:
            characters.append(character)
    return "".join(characters)

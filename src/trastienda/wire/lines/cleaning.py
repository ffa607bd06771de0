"""What people type, made fit to be shown on somebody else's terminal."""

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks one after the other. No living script stacks more; piles of them run over the lines above and below,
and putting a long pile in order takes time that grows with its square."""

_MARKS = frozenset({"Mc", "Me", "Mn"})

_JOINERS = "\u200c\u200d"
"""They are invisible, but some scripts and many emoji are spelled with them."""

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
"""What parts words, or lines: a space stands for it, so that the words do not run together."""

_AROUND = (
    " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    + _JOINERS
)

_PLAIN = re.compile("[ -~\xa1-\xac\xae-\u02ff]*").fullmatch
"""Latin letters and signs, each of them visible, in NFC and no mark: nothing to do."""

_ESCAPES = re.compile(
    # Strings for the terminal itself (window titles, links, the clipboard) up to BEL or ST. One without an end is no
    # string: only its introducer goes, below. What follows was meant for people, and cannot hurt them any more.
    r"(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x80-\x9f]*+(?:\x07|\x9c|\x1b\\)"
    # Control sequences: colours, the cursor, most function keys.
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    # Single shifts, which a terminal sends for an arrow key.
    r"|(?:\x1b[NO]|[\x8e\x8f])[!-~]?"
    # The rest: a letter, perhaps with something before it.
    r"|\x1b[ -/]*+[0-~]?"
)
"""Terminal escapes, 7 and 8 bit (ECMA-48). No part gives back what it has taken, and a string ends at the next control
character, so the time grows with the length and no faster."""


def clean(text: str) -> str:
    """Return ``text`` as others may see it, in NFC, without spaces around; cleaning it again changes nothing.

    Terminal escapes go whole, and so do control and invisible format characters (those that turn the direction of
    writing among them), lone surrogates and marks beyond MAX_MARKS. Tabs and line breaks become spaces.
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
    return "".join([one if one.isprintable() else _shown(one) for one in text])


def _shown(one: str) -> str:
    """Return what stands for a character that Python takes for unprintable, which most spaces are too."""
    if one in _BREAKS:
        return " "
    if one in _JOINERS:
        return one
    return "" if unicodedata.category(one) in {"Cc", "Cf", "Cs"} else one


def _composed(text: str) -> str:
    if _MARKS.isdisjoint(map(unicodedata.category, text)):
        return unicodedata.normalize("NFC", text)
    # Cut before, for the time it takes to put marks in order, and after, since some are two in NFC.
    return _few_marks(unicodedata.normalize("NFC", _few_marks(text)))


def _few_marks(text: str) -> str:
    kept = []
    run = 0
    for one in text:
        run = run + 1 if unicodedata.category(one) in _MARKS else 0
        if run <= MAX_MARKS:
            kept.append(one)
    return "".join(kept)

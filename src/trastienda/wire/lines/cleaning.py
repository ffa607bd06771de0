"""Texts that people type, made safe to show on somebody else's terminal."""

import re
import unicodedata

from trastienda.domain.visible_text import JOINERS, is_plain, visible

_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
"""Characters between words or lines; a space in their place keeps the words apart."""

_SPACES = (
    " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u202f\u205f\u3000"
)
_AROUND = _SPACES + JOINERS

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

    if is_plain(text):
        return text.strip(_AROUND)

    if not text.isprintable():
        text = _ESCAPES.sub("", text)
        text = text.replace("\r\n", "\n")

        characters = []
        for character in text:
            # Python calls most spaces unprintable, too.
            if character.isprintable() or character in JOINERS:
                characters.append(character)
            elif character in _BREAKS:
                characters.append(" ")
            elif unicodedata.category(character) not in _INVISIBLE:
                characters.append(character)
        text = "".join(characters)

        if is_plain(text):
            return text.strip(_AROUND)

    return visible(text).strip(_AROUND)

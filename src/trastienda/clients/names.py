"""People by their names, as every screen shows them."""

import hashlib
import re

COLOURS = 6
"""Few enough to be told apart, on a dark ground and on a light one."""


def colour_number(alias: str) -> int:
    """Return the number of a person's colour, the same everywhere and always."""
    digest = hashlib.sha256(alias.casefold().encode()).digest()
    return digest[0] % COLOURS


def mentions(
    text: str,
    alias: str | None,
) -> list[tuple[int, int]]:
    """Return from where to where a text calls somebody by their alias."""
    if not alias:
        return []
    pattern = rf"(?<!\w)@?{re.escape(alias)}(?!\w)"
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]

"""Names that people write: cleaned, limited, and folded so that accents and case do not
matter in a search.
"""

import unicodedata

from trastienda.domain.errors import Invalid

MAX_NAME = 200
"""Characters in a name. A receipt has 48 columns; four lines of it are a name, more is a text."""
MAX_TEXT = 2000


def clean(
    text: str,
    field: str,
    *,
    limit: int = MAX_NAME,
    empty: bool = False,
) -> str:
    """Return ``text`` in NFC without spaces around; raise Invalid for control
    characters, emptiness or excess.
    """
    tidy = unicodedata.normalize("NFC", text).strip()
    if not tidy and not empty:
        raise Invalid(field, "must_not_be_empty")
    if len(tidy) > limit:
        raise Invalid(field, "too_long", limit=limit)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in tidy):
        raise Invalid(field, "control_characters")
    return tidy


def fold(text: str) -> str:
    """Return ``text`` without accents and in one case, for comparing and searching."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
    )
    return bare.casefold()

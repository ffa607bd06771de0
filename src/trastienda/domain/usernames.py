"""User names: how they are written, and when two are one."""

import re
import unicodedata

from trastienda.domain.aliases import check_script
from trastienda.domain.errors import Invalid
from trastienda.domain.rut import normalise

_USERNAME = re.compile(r"[\w.@+-]{1,64}")


def check_username(
    username: str,
    rut: str,
) -> str:
    """Return the user name in NFKC.

    Raises Invalid for other characters, or for the RUT of somebody else.

    One logs in with the user name or the RUT, so a name must not pass for the RUT of
    another.
    """
    tidy = unicodedata.normalize("NFKC", username.strip())
    if not _USERNAME.fullmatch(tidy):
        raise Invalid("username", "username_shape")

    try:
        claimed_rut = normalise(tidy)
    except Invalid:
        return tidy
    if claimed_rut != rut:
        raise Invalid("username", "username_is_rut")
    return tidy


def check_new_username(
    username: str,
    rut: str,
) -> str:
    """Return the user name that somebody is to have from now on, as :func:`check_username` does.

    Raises Invalid also for one whose letters pass for others: one name is not told from
    another by them.
    """
    tidy = check_username(username, rut)
    check_script(tidy, "username")
    return tidy


def username_key(username: str) -> str:
    """Return the key that all spellings of a user name share: case does not matter."""
    return unicodedata.normalize("NFKC", username.strip()).casefold()

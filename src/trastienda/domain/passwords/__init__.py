"""Passwords that nobody should choose, since they are what others try first."""

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from itertools import pairwise

from trastienda.domain.errors import Invalid
from trastienda.domain.text import fold

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 256
"""Characters. Hashing is slow on purpose, and a longer password would make it slower still."""
MIN_NAME_LENGTH = 3
"""Characters of a name that a password must not be. A shorter one is only part of it."""

PRODUCT_NAME = "trastienda"
"""What every shop of this kind could be guessed to use."""
IN_SPANISH = frozenset({"administrador", "bienvenida", "bienvenido", "contraseña"})
"""Common passwords which the list, counted all over the world, has not."""

_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_REPEATED = re.compile(r"(.+?)\1*")
_DIGITS = "0123456789"


def check_password(
    password: str,
    names: Collection[str],
    field: str = "password",
) -> None:
    """Raise Invalid for a password that is too short, far too long, or tried first by others.

    These are the common ones, one character or a row of them, and the ``names`` of the shop
    and the user, with whatever digits and signs around them.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        raise Invalid(field, "password_short", limit=MIN_PASSWORD_LENGTH)
    if len(password) > MAX_PASSWORD_LENGTH:
        raise Invalid(field, "too_long", limit=MAX_PASSWORD_LENGTH)

    if _is_row(password):
        raise Invalid(field, "password_row")
    if _is_common(password):
        raise Invalid(field, "password_common")
    if _is_name(password, names):
        raise Invalid(field, "password_name")


def _is_row(password: str) -> bool:
    """Tell whether it is one character, or a row as in *abcdefgh* and *98765432*."""
    if not password.strip():
        return True
    codes = [ord(character) for character in password]
    steps = {after - before for before, after in pairwise(codes)}
    return steps in ({-1}, {0}, {1})


def _is_common(password: str) -> bool:
    lowered = password.casefold()
    # Found in the text as it lies: a set of it would take a megabyte and the time to make it.
    return lowered in IN_SPANISH or f"\n{lowered}\n" in _common()


@cache
def _common() -> str:
    """Return the common passwords, each between two ends of line."""
    return "\n" + files(__package__).joinpath("common.txt").read_text("utf-8")


def _is_name(
    password: str,
    names: Collection[str],
) -> bool:
    """Tell whether it is a name: as it is, turned round, several times, or with digits around."""
    known: set[str] = set()
    for name in (PRODUCT_NAME, *names):
        known |= _cores(name)

    known = {name for name in known if len(name) >= MIN_NAME_LENGTH}
    cores = _cores(password)
    backwards = {core[::-1] for core in cores}
    return not known.isdisjoint(cores | backwards)


def _cores(text: str) -> set[str]:
    """Return what is left of a text without its signs, and without the digits around it too."""
    bare = "".join(_LETTERS_AND_DIGITS.findall(fold(text)))
    cores = set()
    for core in (bare, bare.strip(_DIGITS)):
        repeated = _REPEATED.fullmatch(core)
        cores.add(repeated[1] if repeated else core)
        cores.add(core)
    return cores

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
IN_SPANISH = frozenset(
    (
        "abuela administrador adios alegria almacen amigos amistad amorcito angelito "
        "antofagasta barcelona bebe bienvenida bienvenido bodega boleta bonita bonito "
        "caja cajero casa caballo campeon carino cerveza chile chileno chiquita "
        "clave colocolo concepcion contrasena corazon cristo dinero diosito empresa "
        "entrar estrella familia felicidad flores futbol gatito gatita gracias guitarra "
        "hermano hermosa hija hijo hola inicio jefe jesus laserena libertad llave "
        "local lunes mama mamita mariposa mascota mercado mercedes miamor miclave "
        "mitienda mundial navidad negocio nino nina osorno papa papito patria paz "
        "perrito perro peluche playa prueba princesa puente rancagua "
        "realmadrid santiago seguro soporte supermercado sistema tarjeta "
        "teamo temuco tequiero tiamo tienda trabajo universidad usuario valparaiso "
        "valdivia vacaciones venta ventas verano vida"
    ).split()
)
"""Words of this language and country that people make passwords of, without accents. The list,
counted all over the world, has few of them."""
_LEET = str.maketrans("013457@$", "oieastas")
"""Digits and signs that people write for letters."""
_SHORTEST_WORD = 4
"""Letters of a word of the list that still counts with digits and signs around it."""

_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
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
    """Tell whether others try it first: as it is, or a word with digits and signs around it."""
    lowered = password.casefold()
    if _is_listed(lowered):
        return True

    word = _AROUND.sub("", fold(lowered))
    spelled_out = _AROUND.sub("", fold(lowered).translate(_LEET))
    for core in (word, spelled_out, word.translate(_LEET)):
        if core in IN_SPANISH or (len(core) >= _SHORTEST_WORD and _is_listed(core)):
            return True
    return False


def _is_listed(password: str) -> bool:
    # Found in the text as it lies: a set of it would take a megabyte and the time to make it.
    return f"\n{password}\n" in _common()


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

"""Aliases in the chat: which are allowed, and which look like one another."""

import re
import unicodedata
from contextlib import suppress

from trastienda.domain.errors import Invalid
from trastienda.domain.rut import normalise
from trastienda.domain.visible_text import UNSEEN

MAX_ALIAS = 32
"""Characters: the alias stands before every line that is said under it."""
MAX_ALIAS_MARKS = 3
"""Combining marks one after the other: a base letter, a vowel and a tone need no more."""

_SCRIPTS = frozenset(
    "ARABIC ARMENIAN BENGALI BOPOMOFO CJK CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK "
    "GUJARATI GURMUKHI HANGUL HEBREW HIRAGANA KANNADA KATAKANA KHMER LAO LATIN MALAYALAM "
    "MYANMAR ORIYA SINHALA TAMIL TELUGU THAANA THAI TIBETAN".split()
)
"""The scripts in everyday use (UAX #31, table 5), by the first word of their letters' names.

The others hold whole alphabets that look like Latin, and hardly anybody writes them."""

_EAST_ASIAN = "east asian"
"""One group: Japanese is written in three of these scripts, Korean and Chinese in two."""
_GROUPS = dict.fromkeys(
    ("BOPOMOFO", "CJK", "HANGUL", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"), _EAST_ASIAN
)


_LOOK_ALIKES = {
    "3": "\u0292\u021d\u0437\u04e1",
    "6": "\u0431",
    "8": "\u0223",
    "a": "\u0251\u03b1\u0430",
    "ae": "\u00e6\u04d5",
    "b": "\u0185\ua7b5\u03b2\u0432\u044c\u0463\u048d",
    "bl": "\u044b",
    "c": "\u0441",
    "d": "\u00f0\u0501",
    "dz": "\u02a3",
    "e": "\u025b\u03b5\u0435\u0454\u04bd",
    "f": "\u03dd\u0584",
    "g": "\u0261\u018d\u050d\u0581",
    "h": "\u043d\u04bb\u045b\u0570",
    "i": "\u0131\u0269\u03b9\u0456\ua647",
    "j": "\u0237\u03f3\u0458\u0575",
    "k": "\u0138\u03ba\u043a",
    "l": "1|\u01c0\u04cf\u05d5\u05df\u0627",
    "ll": "\u01c1\u05f0",
    "ls": "\u02aa",
    "n": "\u03b7\u0578\u057c",
    "o": "0\u0275\u03b8\u03bf\u03c3\u043e\u0473\u04e9\u0585\u05e1\u0647\u06be\u06c1"
    "\u06d5\u0b20\u0d20\u101d\u10ff\u12d0",
    "oe": "\u0153",
    "oo": "\ua74f\ua699",
    "p": "\u03c1\u0440",
    "q": "\u051b\u0563\u0566",
    "r": "\u0433\uab47\u1d26",
    "rn": "m\u043c",
    "s": "\u01a8\u01bd\u0455",
    "t": "\u03c4\u0442",
    "ts": "\u02a6",
    "u": "\u0289\u03c5\u057d\u1200",
    "v": "\u03bd\u0475\u05d8",
    "vv": "w\u026f\u03c9\u0448\u0461\u051d\u0561",
    "x": "\u03c7\u0445\uab53",
    "y": "\u0263\u03b3\u0443\u04af\u10e7",
    # Kana, and the ideographs that are drawn the same way.
    "\u3078": "\u30d8",
    "\u4e00": "\u30fc",
    "\u4e8c": "\u30cb",
    "\u4e3f": "\u30ce",
    "\u4ebb": "\u30a4",
    "\u516b": "\u30cf",
    "\u529b": "\u30ab",
    "\u535c": "\u30c8",
    "\u53e3": "\u30ed",
    "\u5915": "\u30bf",
    "\u5de5": "\u30a8",
}
"""The letters on the left, and those in lower case that look like them.

They are those confusables of Unicode's UTS #39 that a person is likely to meet. Two letters that
look like one stand for it: ``rn`` and ``m``."""

_LOOK_ALIKES_AS_WRITTEN = {
    "2": "\u01a7",
    "5": "\u01bc",
    "b": "\u00df\u1e9e\u0411",
    "c": "\u03f2\u03f9",
    "f": "\u017f",
    "g": "\u050c",
    "h": "\u0397",
    "l": "I\u0196\u0197\u0399\u0406\u04c0\u053c",
    "lo": "\u042e",
    "m": "\u039c\u03fa",
    "n": "\u039d",
    "s": "\u054f",
    "y": "\u03a5",
    "z": "\u0396",
}
"""The same for letters that look different, or are another letter, in lower case."""


def _translation(look_alikes: dict[str, str]) -> dict[int, str]:
    """Return a table for ``str.translate``: each look-alike to the letters it looks like."""
    table: dict[int, str] = {}
    for letters, characters in look_alikes.items():
        for character in characters:
            table[ord(character)] = letters
    return table


_DIGITS_AS_LETTERS = str.maketrans("34578", "eastb")
"""The digits that are written for letters, beside 0 and 1, which look like them: ``b3to``."""

_FOLDED = _translation(_LOOK_ALIKES)
_AS_WRITTEN = _translation(_LOOK_ALIKES_AS_WRITTEN)
_OVERLOOKED = dict.fromkeys(map(ord, "_-."))
"""Signs that are overlooked in a name: ``clara.`` is taken for ``clara``."""
_BETWEEN_WORDS = re.compile(r"[_\-.@+]+")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+)+", re.ASCII)
"""A network address: a moderator who writes one means the address, so it is no alias."""


def check_alias(text: str) -> str:
    """Return the alias in NFC; raise Invalid for one that is not allowed.

    It consists of letters of one script in everyday use and the digits 0 to 9 (those of other
    scripts look like other digits); after the first of these also of ``_ - .`` and combining
    marks. It must not look like one of the shop's own words.
    """
    # Normalising is slow, so what cannot be short enough afterwards is refused before it.
    if len(text) > MAX_ALIAS * (1 + MAX_ALIAS_MARKS):
        raise Invalid("alias", "alias_shape")
    alias = unicodedata.normalize("NFC", text)
    if not 1 <= len(alias) <= MAX_ALIAS:
        raise Invalid("alias", "alias_shape")

    # Some letters stand for several words, or for an accent alone.
    decomposed = unicodedata.normalize("NFKD", alias)
    if " " in decomposed or unicodedata.combining(decomposed[0]):
        raise Invalid("alias", "alias_shape")

    marks = 0
    for position, character in enumerate(alias):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Mc"} else 0
        if category.startswith("L") or character in "0123456789":
            continue
        is_sign_or_mark = marks or character in "_-."
        if position == 0 or marks > MAX_ALIAS_MARKS or not is_sign_or_mark:
            raise Invalid("alias", "alias_shape")
    if _ADDRESS.fullmatch(alias):
        raise Invalid("alias", "alias_shape")

    check_script(alias, "alias")
    if is_reserved(alias):
        raise Invalid("alias", "reserved_name")
    return alias


def check_no_rut(alias: str) -> None:
    """Raise Invalid for an alias that is read as a RUT: whoever has it would be taken for its
    holder."""
    try:
        normalise(alias.translate(_OVERLOOKED))
    except Invalid:
        return
    raise Invalid("alias", "alias_is_rut")


def check_script(
    name: str,
    field: str,
) -> None:
    """Raise Invalid for a name with letters of several scripts, of one that is not in everyday
    use, or that are not shown."""
    if not UNSEEN.isdisjoint(name):
        raise Invalid(field, f"{field}_shape")

    # Decomposed, full-width and other forms count as the plain letter.
    scripts = set()
    for character in unicodedata.normalize("NFKD", name):
        if unicodedata.category(character).startswith("L"):
            letter = unicodedata.name(character, "")
            script = letter.partition(" ")[0].partition("-")[0]
            scripts.add(_GROUPS.get(script, script))
    if not scripts <= _SCRIPTS | {_EAST_ASIAN}:
        raise Invalid(field, f"{field}_shape")
    if len(scripts) > 1:
        raise Invalid(field, "mixed_scripts")


def is_office(
    name: str,
    shop_name: str,
) -> bool:
    """Tell whether a name looks like an office, alone or among other words (``admin1``,
    ``la.caja``), or like the shop's name.

    A customer would trust whoever speaks under it, so only an administrator gives it to an
    account, and no alias is like it.
    """
    shop_keys = alias_keys(_unspaced(shop_name)) if shop_name else frozenset()
    trusted_keys = _OFFICES | shop_keys
    words = [name, *_BETWEEN_WORDS.split(name)]
    for word in words:
        # Its last digits may be a number, letters, or both: jef42 is the second jefa.
        stem = word.rstrip("0123456789")
        for end in range(len(stem) or 1, len(word) + 1):
            if not alias_keys(word[:end]).isdisjoint(trusted_keys):
                return True
    return False


def own_name_keys(name: str) -> frozenset[str]:
    """Return the keys of a name that people have outside the chat: an alias has no spaces."""
    return alias_keys(_unspaced(name))


def _unspaced(name: str) -> str:
    return "".join(name.split())


def is_reserved(alias: str) -> bool:
    """Tell whether an alias looks like a word of the shop, or like the shop's own name."""
    return not alias_keys(alias).isdisjoint(_RESERVED)


def alias_keys(alias: str) -> frozenset[str]:
    """Return what an alias may be taken for: two that share a key are taken for the same.

    There are several, since a capital ``I`` is an ``i`` when case is ignored, and looks like an
    ``l`` when it is not; and since ``ana4`` is a name with a number, or is read ``anaa``. In a
    name without letters digits are no letters.
    """
    decomposed = unicodedata.normalize("NFKD", alias.translate(_AS_WRITTEN))
    as_seen = decomposed.translate(_AS_WRITTEN)
    key, key_as_seen = alias_key(alias), alias_key(as_seen)
    if not any(map(str.isalpha, alias)):
        return frozenset({key, key_as_seen})

    read = key.translate(_DIGITS_AS_LETTERS)
    read_as_seen = key_as_seen.translate(_DIGITS_AS_LETTERS)
    return frozenset({key, read, read_as_seen})


def alias_key(alias: str) -> str:
    """Return the first of the keys: the alias without case, accents and look-alikes.

    Sanctions are kept under it.
    """
    # Lower case first: the iota that Greek writes below a letter stands beside it in capitals.
    lower = unicodedata.normalize("NFKD", alias).casefold()
    decomposed = unicodedata.normalize("NFKD", lower)

    # Letters lose their stroke, hook or tail, and small capitals become small letters.
    letters = []
    for character in decomposed:
        if unicodedata.combining(character):
            continue
        letter = character
        if not character.isascii():
            full_name = unicodedata.name(character, "")
            plain_name, adorned, _ = full_name.partition(" WITH ")
            if plain_name.startswith("LATIN LETTER SMALL CAPITAL "):
                capital = plain_name.rpartition(" ")[2]
                if len(capital) == 1:
                    letter = capital.lower()
            elif adorned:
                with suppress(KeyError):
                    letter = unicodedata.lookup(plain_name)
        letters.append(letter)

    folded = "".join(letters).translate(_FOLDED)
    return folded.translate(_OVERLOOKED) or folded


def _keys_of(*words: str) -> frozenset[str]:
    """Return the keys of these words, in small letters and in capitals."""
    keys: set[str] = set()
    for word in words:
        keys |= alias_keys(word) | alias_keys(word.upper())
    return frozenset(keys)


_RESERVED = _keys_of("salir", "sistema", "system", "servidor", "trastienda", "casa")
"""Names in which the shop itself speaks, and the word that leaves the chat."""
_OFFICES = _keys_of(
    *(
        "admin administracion administrador administradora administrator atencion ayuda "
        "bodega boss caja cajera cajero cobranza contacto contador contadora direccion "
        "director directora encargada encargado equipo facturacion finanzas gerencia "
        "gerenta gerente help helpdesk hostmaster jefa jefe libre local manager "
        "moderador moderadora moderator official oficial owner pagos postmaster "
        "propietaria propietario root security seguridad servidor sii sistema soporte "
        "staff superuser supervisor supervisora support system tesoreria tienda todos "
        "trastienda vendedor vendedora ventas webmaster "
        "due\N{LATIN SMALL LETTER N WITH TILDE}o due\N{LATIN SMALL LETTER N WITH TILDE}a "
        # The same in Russian: owner, admin, administrator, director, support, chief.
        "\u0432\u043b\u0430\u0434\u0435\u043b\u0435\u0446 "
        "\u0430\u0434\u043c\u0438\u043d "
        "\u0430\u0434\u043c\u0438\u043d\u0438\u0441\u0442\u0440\u0430\u0442\u043e\u0440 "
        "\u0434\u0438\u0440\u0435\u043a\u0442\u043e\u0440 "
        "\u043f\u043e\u0434\u0434\u0435\u0440\u0436\u043a\u0430 "
        "\u043d\u0430\u0447\u0430\u043b\u044c\u043d\u0438\u043a "
    ).split()
)
"""Words that a customer would trust, and the one that marks an account whose RUT was given free."""

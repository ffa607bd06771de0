"""What scanners send for GS1 symbols: fields, each behind its application identifier.

The fields come with brackets as people read them, as one string as it stands in the
symbol, or in a web address (GS1 Digital Link).
"""

import re

FNC1 = "\x1d"
"""What a scanner sends where a field of no fixed length ends."""
GTIN = "01"
"""The application identifier of the item's own number."""

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]", re.ASCII)
"""What a scanner may put in front, to say what kind of symbol it has read."""
_WITH_ADD_ON = "]E3"
"""An EAN-13 with the two or five digits beside it that number a magazine's issues."""
_BRACKETED = re.compile(r"\((\d{2,4})\)(.*?)(?=\(\d{2,4}\)|$)", re.ASCII | re.DOTALL)
_LINK = re.compile(
    r"(?:https?://)?[^/?#\s]+/(?:[^?#\s]+/)?(?:01|gtin)/(?P<gtin>\d{8}|\d{12,14})"
    r"(?:/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.ASCII | re.IGNORECASE,
)
_QUERY_FIELD = re.compile(r"(\d{2,4})=([^&]*)", re.ASCII)
_FIXED_LENGTHS = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18,
    "11": 8, "12": 8, "13": 8, "14": 8, "15": 8, "16": 8, "17": 8, "18": 8, "19": 8,
    "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10, "36": 10, "41": 16,
}  # fmt: skip
"""How long a field is whose identifier begins so, the identifier included."""
_OF_ANY_LENGTH = frozenset(
    "10 21 22 23 24 25 30 37 39 40 42 43 70 71 72 80 81 82"
    " 90 91 92 93 94 95 96 97 98 99".split()
)
_IDENTIFIER = re.compile(
    r"(?:2[345]|4[012]|71)\d|(?:3[1-69]|43|70|72|8[012])\d\d|\d\d", re.ASCII
)
"""Two, three or four digits, as the first two say."""


def content(code: str) -> str:
    """Return the code without what a scanner puts around it."""
    if code.startswith("]") and _SYMBOLOGY.match(code):
        symbol, code = code[:3], code[3:]
        if symbol == _WITH_ADD_ON:
            code = code[:13]
    return code.strip(FNC1)


def bracketed_fields(text: str) -> dict[str, str]:
    """Return the fields of ``(01)07804567000014(10)ABC``; of another text none."""
    if not _BRACKETED.match(text):
        return {}
    return {field[1]: field[2].strip() for field in _BRACKETED.finditer(text)}


def linked_fields(text: str) -> dict[str, str]:
    """Return the fields of ``https://id.gs1.org/01/07804567000014?3103=001250``.

    Of the path only the item's number is told, and of another text nothing.
    """
    link = _LINK.fullmatch(text)
    if link is None:
        return {}
    fields = dict(_QUERY_FIELD.findall(link["query"] or ""))
    return fields | {GTIN: link["gtin"]}


def strung_fields(text: str) -> dict[str, str]:
    """Return the fields of ``010780456700001410ABC``; none where any part is no field."""
    fields: dict[str, str] = {}
    while text:
        start = text[:2]
        if start in _FIXED_LENGTHS:
            end = _FIXED_LENGTHS[start]
            field = text[:end]
            if len(field) < end or not (field.isascii() and field.isdigit()):
                return {}
        elif start in _OF_ANY_LENGTH:
            field = text.split(FNC1, 1)[0]
            end = len(field)
        else:
            return {}
        identifier = _IDENTIFIER.match(field)
        if identifier is None:
            return {}
        fields[identifier[0]] = field[identifier.end() :]
        text = text[end:].removeprefix(FNC1)
    return fields

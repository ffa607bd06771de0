"""Numbers as people write them: which mark is the decimal one is found out from all of a column, not guessed."""

import re
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct, field

MAX_DIGITS = 30
"""Far more than any amount has; longer runs of digits are something else."""
TYPED_MARK = "\u066b"
"""The decimal mark of numbers that come as numbers, from the cell of a spreadsheet: it can mean nothing else."""

_CURRENCY = r"(?:[A-Z]{0,3}[$€£¥₡₲₱]|[A-Z]{3})?"
_WRITTEN = re.compile(
    rf"(?P<bracket>\()?(?P<sign>[-+−]?)\s*{_CURRENCY}\s*(?P<sign2>[-+−]?)"
    rf"(?P<digits>[0-9.,{TYPED_MARK}]*[0-9][0-9.,]*?)(?:[.,]-)?\s*{_CURRENCY}(?(bracket)\))"
)
_GROUPING = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'’](?=[0-9]{3}(?![0-9]))")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")

_TYPED = re.compile(f"-?[0-9]+{TYPED_MARK}[0-9]+")
_OPEN = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
"""One and a quarter thousandth, or a thousand and some: a zero more tells them apart."""


class Numeral(Struct, frozen=True, gc=False):
    """A number as written: ``mantissa / 10**scale``.

    ``proves`` is the mark that must be the decimal one, as far as this number tells. ``open`` is a mark that may be
    either: decimal, and then the scale is 3, or between thousands, and then it is 0.
    """

    mantissa: int
    scale: int = 0
    proves: str | None = None
    open: str | None = None

    def scale_with(self, mark: str | None) -> int | None:
        """Return the scale where ``mark`` is the decimal one; None for an open number and no mark."""
        if self.open is None:
            return self.scale
        if mark is None:
            return None
        return 3 if mark == self.open else 0


def other(mark: str) -> str:
    """Return the other of the two marks."""
    return "," if mark == "." else "."


@lru_cache(maxsize=16384)
def numeral(text: str) -> Numeral | None:
    """Return the number that the text is, or None for a text that is none."""
    written = _WRITTEN.fullmatch(_GROUPING.sub("", text.strip()))
    if written is None:
        return None
    sign = -1 if written["bracket"] else 1
    for mark in (written["sign"], written["sign2"]):
        if mark and mark != "+":
            sign = -sign
    found = _unsigned(written["digits"])
    if found is None or sign == 1:
        return found
    return Numeral(-found.mantissa, found.scale, found.proves, found.open)


def typed(value: Decimal) -> str:
    """Return a number as a text that needs no guessing."""
    text = format(value, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{TYPED_MARK}{fraction}" if fraction else whole


def decimal_comma(value: Decimal) -> str:
    """Return a number as a Chilean spreadsheet has it, that :func:`numeral` can take for nothing else."""
    text = format(value, "f").replace(".", ",")
    return text + "0" if _OPEN.fullmatch(text) else text


def shown(text: str) -> str:
    """Return the text of a cell as people write it, whatever it came as."""
    return text.replace(TYPED_MARK, ",") if _TYPED.fullmatch(text) else text


def _unsigned(digits: str) -> Numeral | None:
    whole, mark, fraction = digits.partition(TYPED_MARK)
    if mark:
        exact = (
            whole.isdigit()
            and fraction.isdigit()
            and len(whole + fraction) <= MAX_DIGITS
        )
        return Numeral(int(whole + fraction), len(fraction)) if exact else None
    bare = digits.replace(".", "").replace(",", "")
    if len(bare) > MAX_DIGITS:
        return None
    mantissa = int(bare)
    marks = digits.count("."), digits.count(",")
    if marks == (0, 0):
        return Numeral(mantissa)
    last = max(".,", key=digits.rfind)
    whole, _, fraction = digits.rpartition(last)
    if all(marks):  # 1.990,50: the last one is decimal
        fits = last not in whole and _GROUPED.fullmatch(whole)
        return Numeral(mantissa, len(fraction), proves=last) if fits else None
    if sum(marks) > 1:  # 1.990.500: between thousands
        return (
            Numeral(mantissa, proves=other(last))
            if _GROUPED.fullmatch(digits)
            else None
        )
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return Numeral(mantissa, open=last)
    return Numeral(mantissa, len(fraction), proves=last)


class Marks(Struct):
    """What the numbers of a column have proven so far of its decimal mark.

    ``whole``: the column holds money without decimals, so that three digits behind a mark can only be thousands.
    """

    whole: bool = False
    proven: set[str] = field(default_factory=set)

    def see(self, text: str) -> None:
        """Take a number into account; a text that is none proves nothing."""
        found = numeral(text)
        if found is None:
            return
        if found.proves is not None:
            self.proven.add(found.proves)
        elif found.open is not None and self.whole:
            self.proven.add(other(found.open))

    @property
    def decided(self) -> str | None:
        """The decimal mark, where all of the column agrees on it."""
        return next(iter(self.proven)) if len(self.proven) == 1 else None


def decide(column: Marks, neighbour: Marks) -> str | None:
    """Return the decimal mark of a column: its own, or where it shows none its neighbour's; None leaves it open."""
    return column.decided if column.proven else neighbour.decided

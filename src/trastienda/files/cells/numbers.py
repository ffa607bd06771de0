"""Numbers as people write them.

A comma or a point may be the decimal mark or stand between thousands. Which one it is
follows from all cells of a column; it is never guessed from a single number.
"""

import re
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct, field

MAX_DIGITS = 30
"""Far more than any amount has; longer runs of digits are something else."""
TYPED_MARK = "\u066b"
"""The decimal mark of numbers from cells that are numbers already; it has no other
meaning."""
_EXACT_BELOW = 10**15
"""A spreadsheet keeps fifteen digits; of a longer number the last ones are made up."""

_CURRENCY = r"(?:[A-Z]{0,3}[$€£¥₡₲₱]|[A-Z]{3})?"
_WRITTEN = re.compile(
    rf"(?P<bracket>\()?(?P<sign>[-+−]?)\s*{_CURRENCY}\s*(?P<sign2>[-+−]?)"
    rf"(?P<digits>[0-9.,{TYPED_MARK}]*[0-9][0-9.,]*?)(?:[.,]-)?\s*{_CURRENCY}(?(bracket)\))"
)
_GROUPING = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'’](?=[0-9]{3}(?![0-9]))")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")

_TYPED = re.compile(f"-?[0-9]+{TYPED_MARK}[0-9]+")
_OPEN = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
"""1,250 is one and a quarter, or a thousand and some; a further zero makes it plain."""


class WrittenNumber(Struct, frozen=True, gc=False):
    """A number as written: ``mantissa / 10**scale``.

    ``proven_mark`` is the mark that must be the decimal one, as far as this number
    shows. ``open_mark`` is a mark that may be either: decimal, and then the scale is 3,
    or between thousands, and then it is 0.
    """

    mantissa: int
    scale: int = 0
    proven_mark: str | None = None
    open_mark: str | None = None

    def scale_with(self, decimal_mark: str | None) -> int | None:
        """Return the scale under that decimal mark; None if it takes a mark to tell."""
        if self.open_mark is None:
            return self.scale
        if decimal_mark is None:
            return None
        return 3 if decimal_mark == self.open_mark else 0


def other_mark(mark: str) -> str:
    """Return the other of the two marks."""
    return "," if mark == "." else "."


@lru_cache(maxsize=16384)
def parse_number(text: str) -> WrittenNumber | None:
    """Return the number that the text is, or None if it is no number."""
    # 1 990 and 1'990, without what stands between the thousands.
    ungrouped = _GROUPING.sub("", text.strip())
    written = _WRITTEN.fullmatch(ungrouped)
    if written is None:
        return None

    # Brackets are a minus sign of accountants.
    sign = -1 if written["bracket"] else 1
    for mark in (written["sign"], written["sign2"]):
        if mark and mark != "+":
            sign = -sign

    number = _parse_unsigned(written["digits"])
    if number is None or sign == 1:
        return number
    return WrittenNumber(
        -number.mantissa,
        number.scale,
        number.proven_mark,
        number.open_mark,
    )


def render_typed(value: Decimal) -> str:
    """Return a number as a text that is parsed the same in every file."""
    text = format(value, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if not fraction:
        return whole
    return f"{whole}{TYPED_MARK}{fraction}"


def render_typed_float(number: float) -> str:
    """Return a number of a spreadsheet as a text that is parsed the same in every
    file."""
    if abs(number) >= _EXACT_BELOW:
        return f"{number:.14E}"
    # As the spreadsheet shows it: 0.1 + 0.2 is 0.3 there.
    return render_typed(Decimal(f"{number:.15g}"))


def render_decimal_comma(value: Decimal) -> str:
    """Return a number as a Chilean spreadsheet has it; no mark in it is open."""
    text = format(value, "f").replace(".", ",")
    if _OPEN.fullmatch(text):
        return f"{text}0"
    return text


def as_written(text: str) -> str:
    """Return the text of a cell as people write it, without the mark of typed ones."""
    if _TYPED.fullmatch(text):
        return text.replace(TYPED_MARK, ",")
    return text


def _parse_unsigned(digits: str) -> WrittenNumber | None:
    """Return the number that these digits and marks are, or None if they are none."""
    if TYPED_MARK in digits:
        whole, _, fraction = digits.partition(TYPED_MARK)
        if not whole.isdigit() or not fraction.isdigit():
            return None
        if len(whole + fraction) > MAX_DIGITS:
            return None
        return WrittenNumber(int(whole + fraction), len(fraction))

    bare_digits = digits.replace(".", "").replace(",", "")
    if len(bare_digits) > MAX_DIGITS:
        return None

    mantissa = int(bare_digits)
    points = digits.count(".")
    commas = digits.count(",")
    if not points and not commas:
        return WrittenNumber(mantissa)

    last_mark = max(".,", key=digits.rfind)
    whole, _, fraction = digits.rpartition(last_mark)

    if points and commas:
        # 1.990,50: the last mark is the decimal one.
        if last_mark in whole or not _GROUPED.fullmatch(whole):
            return None
        return WrittenNumber(mantissa, len(fraction), proven_mark=last_mark)

    if points + commas > 1:
        # 1.990.500: this mark stands between thousands.
        if not _GROUPED.fullmatch(digits):
            return None
        return WrittenNumber(mantissa, proven_mark=other_mark(last_mark))

    # 1.990 may be either; 0.990, 1990.500 and 19.9 can only have decimals.
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return WrittenNumber(mantissa, open_mark=last_mark)
    return WrittenNumber(mantissa, len(fraction), proven_mark=last_mark)


class MarkEvidence(Struct):
    """What the numbers of a column have proven so far about its decimal mark.

    ``no_decimals``: the column holds money of a currency without decimals, so three
    digits behind a mark can only be thousands.
    """

    no_decimals: bool = False
    proven_marks: set[str] = field(default_factory=set)

    def observe(self, text: str) -> None:
        """Take a cell into account; one that is no number proves nothing."""
        number = parse_number(text)
        if number is None:
            return
        if number.proven_mark is not None:
            self.proven_marks.add(number.proven_mark)
        elif number.open_mark is not None and self.no_decimals:
            self.proven_marks.add(other_mark(number.open_mark))

    @property
    def agreed_mark(self) -> str | None:
        """The decimal mark, if the whole column agrees on one."""
        if len(self.proven_marks) != 1:
            return None
        (mark,) = self.proven_marks
        return mark


def choose_mark(
    column: MarkEvidence,
    neighbour: MarkEvidence,
) -> str | None:
    """Return the decimal mark of a column, or its neighbour's if it proves none itself.

    None leaves it open.
    """
    evidence = column if column.proven_marks else neighbour
    return evidence.agreed_mark

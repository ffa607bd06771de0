"""The shop as a plain model: what the contract says, with fractions and lists, and nothing of
the house.

A call that may not be done comes back as the set of all refusals that fit; which of them is
told is the shop's affair.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import NamedTuple

VAT = Fraction(119, 100)
CASH, DEBIT, OWED = "cash", "debit", "owed"

Paid = tuple[str, int]


def half_up(amount: Fraction) -> int:
    """Round to the nearest whole, halves up."""
    return floor(amount + Fraction(1, 2))


def cash_due(amount: int) -> int:
    """Chile's law: 1 to 5 go down to the ten, 6 to 9 up."""
    rest = amount % 10
    return amount - rest if rest <= 5 else amount - rest + 10


def net_of(taxable: int) -> int:
    """An amount without its tax."""
    return half_up(taxable / VAT)


class Off(NamedTuple):
    """A discount: a share of one, or an amount; from a moment to another."""

    share: Fraction | None
    amount: int
    since: int
    until: int


@dataclass
class Good:
    """Something on the shelves."""

    code: str
    price: int
    stock: Fraction
    weighed: bool
    exempt: bool
    cost: int = 0
    active: bool = True
    off: Off | None = None

    def final(self, now: int) -> int:
        """The price at a moment."""
        if self.off is None or not self.off.since <= now < self.off.until:
            return self.price
        if self.off.share is not None:
            return half_up(self.price * (1 - self.off.share))
        return max(0, self.price - self.off.amount)

    def takes(self, quantity: Fraction) -> bool:
        """Whether a quantity of it can be had: more than nothing, and whole where it is sold
        by unit."""
        return quantity > 0 and (self.weighed or quantity.denominator == 1)


class Line(NamedTuple):
    """A line as sold."""

    code: str
    quantity: Fraction
    unit_price: int
    off: int
    total: int
    exempt: bool


class Back(NamedTuple):
    """What came back at once. ``refund`` is what the shop says that it gave, once the model
    has found it right."""

    lines: tuple[tuple[str, Fraction, int], ...]
    total: int
    net: int
    exempt: int
    debt: int
    refund: int
    restocked: bool
    how: str


class Due(NamedTuple):
    """What is to be given back: ``refund`` to the peso, and what the customer has in the shop
    at most."""

    back: Back
    kept: int
    by_cash: bool


@dataclass
class Sold:
    """A sale, and what became of it."""

    number: int
    at: int
    lines: list[Line]
    customer: bool
    payments: list[Paid]
    rounding: int
    change: int
    owed: int
    backs: list[Back] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def exempt(self) -> int:
        return sum(line.total for line in self.lines if line.exempt)

    @property
    def net(self) -> int:
        return net_of(self.total - self.exempt)

    @property
    def paid(self) -> int:
        """Money that stayed in the till."""
        return sum(amount for how, amount in self.payments if how != OWED) - self.change

    @property
    def refunded(self) -> int:
        return sum(back.refund for back in self.backs)

    def left_by(self, how: str) -> float:
        """What may be given back that way; of cash whatever is due."""
        if how == CASH:
            return float("inf")
        came_in = sum(amount for by, amount in self.payments if by == how)
        return max(0, came_in - sum(one.refund for one in self.backs if one.how == how))

    @property
    def given(self) -> int:
        """Refunds and debt let off."""
        return sum(back.refund + back.debt for back in self.backs)

    def returned(self, code: str) -> Fraction:
        """How much of a line has come back."""
        return sum(
            (got for back in self.backs for one, got, _ in back.lines if one == code),
            Fraction(),
        )

    @property
    def all_back(self) -> bool:
        return all(self.returned(line.code) == line.quantity for line in self.lines)


class Order(NamedTuple):
    """What somebody wants; a line without a quantity is a label that tells it."""

    lines: tuple[tuple[str, Fraction | None], ...]
    payments: tuple[Paid, ...] | None
    customer: bool
    expected: int | None


def label(code: str, grams: int) -> str:
    """Print the label of a scale: 20, the product's code, grams, and the check digit of an
    EAN-13."""
    digits = f"20{int(code):05}{grams:05}"
    total = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)
    )
    return digits + str((10 - total % 10) % 10)


class PlainShop:
    """The shop."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.goods: dict[str, Good] = {}
        self.labels: dict[str, tuple[str, Fraction]] = {}
        self.sales: list[Sold] = []

    def merged(
        self, lines: Sequence[tuple[str, Fraction | None]]
    ) -> list[tuple[Good, Fraction]]:
        """Lines of one product summed, in order of first appearance."""
        summed: dict[str, Fraction] = {}
        for code, quantity in lines:
            if quantity is None:
                code, quantity = self.labels[code]
            summed[code] = summed.get(code, Fraction()) + quantity
        return [(self.goods[code], quantity) for code, quantity in summed.items()]

    def priced(self, lines: Sequence[tuple[str, Fraction | None]]) -> list[Line]:
        """The lines as they would be sold now."""
        priced = []
        for good, quantity in self.merged(lines):
            total, full = (
                half_up(quantity * good.final(self.now)),
                half_up(quantity * good.price),
            )
            priced.append(
                Line(good.code, quantity, good.price, full - total, total, good.exempt)
            )
        return priced

    def _named(self, code: str) -> str | None:
        name = self.labels[code][0] if code in self.labels else code
        return name if name in self.goods else None

    def sell(self, order: Order) -> Sold | set[str]:
        """Sell, all or nothing."""
        names = [self._named(code) for code, _ in order.lines]
        if not names:
            return {"Invalid"}
        if None in names:
            return {"UnknownProducts"}
        goods = [self.goods[name] for name in names if name is not None]
        reasons = set()
        if not all(good.active for good in goods):
            reasons.add("ProductRetired")
        asked = zip(goods, (quantity for _, quantity in order.lines), strict=True)
        if not all(
            quantity is None or good.takes(quantity) for good, quantity in asked
        ):
            return reasons | {"Invalid"}
        if any(quantity > good.stock for good, quantity in self.merged(order.lines)):
            reasons.add("InsufficientStock")
        lines = self.priced(order.lines)
        total = sum(line.total for line in lines)
        if order.expected not in {None, total}:
            reasons.add("PriceChanged")
        rounding, change, problem = pay(total, order.payments)
        owed = sum(amount for how, amount in order.payments or () if how == OWED)
        if owed and not order.customer:
            reasons.add("Invalid")
        if problem or reasons:
            return reasons | problem
        for line in lines:
            self.goods[line.code].stock -= line.quantity
        in_cash = [(CASH, total + rounding)]
        payments = in_cash if order.payments is None else list(order.payments)
        sold = Sold(
            len(self.sales) + 1,
            self.now,
            lines,
            order.customer,
            payments,
            rounding,
            change,
            owed,
        )
        self.sales.append(sold)
        return sold

    def settle(self, sale: Sold, payments: Sequence[Paid]) -> set[str]:
        """Pay what is owed, wholly or in part; empty where it was done."""
        if not sale.owed:
            return {"NothingOwed"}
        other = sum(amount for how, amount in payments if how not in {CASH, OWED})
        cash = [amount for how, amount in payments if how == CASH]
        if (
            any(how == OWED for how, _ in payments)
            or other > sale.owed
            or not (cash or other)
        ):
            return {"Invalid"}
        rest = sale.owed - other
        rounding = change = 0
        in_cash = sum(cash) and (cash_due(rest) or not other)
        if in_cash and sum(cash) >= cash_due(rest):
            rounding, change, covered = (
                cash_due(rest) - rest,
                sum(cash) - cash_due(rest),
                sale.owed,
            )
        else:
            covered = other + min(sum(cash), rest)
            change = other + sum(cash) - covered
            if not covered:
                return {"Invalid"}
        sale.owed -= covered
        sale.rounding += rounding
        sale.change += change
        sale.payments = [*_less_owed(sale.payments, covered), *payments]
        return set()

    def give_back(
        self, sale: Sold, wanted: dict[str, Fraction] | None, how: str
    ) -> Due | set[str]:
        """Say what a return comes to; :meth:`took_back` then does it."""
        left = {
            line.code: line.quantity - sale.returned(line.code) for line in sale.lines
        }
        if wanted is None:
            wanted = {code: quantity for code, quantity in left.items() if quantity}
            if not wanted:
                return {"ExcessiveReturn"}
        if not all(code in left for code in wanted):
            return {"UnknownProducts"}
        reasons = set()
        if not all(
            self.goods[code].takes(quantity) for code, quantity in wanted.items()
        ):
            reasons.add("Invalid")
        if any(quantity > left[code] for code, quantity in wanted.items()):
            reasons.add("ExcessiveReturn")
        if reasons:
            return reasons
        due = self._worth(sale, wanted, how)
        return {"ExcessiveRefund"} if due.back.refund > sale.left_by(how) else due

    def _worth(self, sale: Sold, wanted: dict[str, Fraction], how: str) -> Due:
        """Every amount is that of all units returned so far, less what earlier returns gave."""
        lines, exempt = [], 0
        for line in sale.lines:
            if line.code not in wanted:
                continue
            before = sale.returned(line.code)
            after = before + wanted[line.code]
            amounts = [
                half_up(line.total * part / line.quantity) for part in (before, after)
            ]
            lines.append((line.code, wanted[line.code], amounts[1] - amounts[0]))
            exempt += line.exempt * (amounts[1] - amounts[0])
        total = sum(amount for _, _, amount in lines)
        earlier = sum(back.total for back in sale.backs)
        taxable = earlier - sum(back.exempt for back in sale.backs)
        net = net_of(taxable + total - exempt) - net_of(taxable)
        due = earlier + total - sale.given
        if earlier + total == sale.total:
            due += sale.rounding
        debt = min(sale.owed, max(0, due))
        kept = sale.paid - sale.refunded
        refund = min(max(0, due) - debt, kept)
        return Due(
            Back(tuple(lines), total, net, exempt, debt, refund, True, how),
            kept,
            how == CASH,
        )

    def took_back(self, sale: Sold, due: Due, refund: int, *, restocked: bool) -> None:
        """Do a return that gave ``refund``, which in cash is a round sum."""
        assert 0 <= refund <= due.kept, "more was paid back than was paid"
        if due.by_cash:
            assert refund % 10 == 0
            assert abs(refund - due.back.refund) < 10
        else:
            assert refund == due.back.refund
        sale.backs.append(due.back._replace(refund=refund, restocked=restocked))
        sale.owed -= due.back.debt
        if restocked:
            for code, quantity, _ in due.back.lines:
                self.goods[code].stock += quantity
        if sale.all_back:
            backs = sale.backs
            assert sum(back.total for back in backs) == sale.total
            assert (
                sum(back.net for back in backs),
                sum(back.exempt for back in backs),
            ) == (sale.net, sale.exempt)
            assert sale.owed == 0
            assert sale.paid - sale.refunded in (range(10) if due.by_cash else [0])


def pay(total: int, payments: Sequence[Paid] | None) -> tuple[int, int, set[str]]:
    """Return the rounding and the change of paying ``total``, and what is wrong with it."""
    if payments is None:
        return cash_due(total) - total, 0, set()
    other = sum(amount for how, amount in payments if how != CASH)
    cash = [amount for how, amount in payments if how == CASH]
    if other > total:
        return 0, 0, {"Invalid"}
    due = total - other
    if sum(cash) and (cash_due(due) or not other):
        due = cash_due(due)
    if sum(cash) < due:
        return 0, 0, {"InsufficientPayment"}
    return due - (total - other), sum(cash) - due, set()


def _less_owed(payments: Sequence[Paid], covered: int) -> list[Paid]:
    """The payments once ``covered`` of the money owed among them is owed no longer."""
    now = []
    for how, amount in payments:
        taken = min(covered, amount) if how == OWED else 0
        covered -= taken
        if taken == 0 or taken < amount:
            now.append((how, amount - taken))
    return now

"""What people may ask of a shop: mostly what can be had, now and then what cannot."""

from fractions import Fraction

from hypothesis import strategies as st
from tests.journeys.comparing import milli
from tests.journeys.plain_shop import (
    CASH,
    DEBIT,
    OWED,
    Order,
    Paid,
    PlainShop,
    Sold,
    cash_due,
)

CODES = ["P0", "P1", "71", "72", "P4"]
"""Those that are numbers are sold by weight, and stand on labels too."""
PRICES = st.one_of(st.integers(0, 30), st.integers(0, 30_000))
WHOLE = st.integers(0, 12).map(Fraction)
PARTS = st.integers(1, 900).map(lambda grams: Fraction(grams, 1000))
WEIGHTS = st.integers(0, 4000).map(lambda grams: Fraction(grams, 1000))
CASH_SUMS = st.sampled_from([0, 1, 5, 9, 10, 100, 1000, 20_000])


def order(model: PlainShop, data: st.DataObject) -> Order:
    """Some products, some of them perhaps unknown or not to be had, and a way to pay."""
    codes = [*model.goods, *model.labels] or ["P0"]
    fewest = 0 if data.draw(st.integers(0, 19)) == 0 else 1
    lines = data.draw(st.lists(_line(model, codes), min_size=fewest, max_size=3))
    known = [
        line for line in lines if line[0] in model.goods or line[0] in model.labels
    ]
    known = [
        line for line in known if model.labels.get(line[0], line)[0] in model.goods
    ]
    total = max(0, sum(line.total for line in model.priced(known)))
    payments, customer = data.draw(_payments(total))
    expected = data.draw(
        st.sampled_from([None, None, None, total, total, total, total + 1])
    )
    return Order(tuple(lines), payments, customer, expected)


def _line(
    model: PlainShop, codes: list[str]
) -> st.SearchStrategy[tuple[str, Fraction | None]]:
    def quantities(code: str) -> st.SearchStrategy[tuple[str, Fraction | None]]:
        if code in model.labels:
            return st.just((code, None))
        odd = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(-1)])
        usual = PARTS if code.isdigit() else st.integers(1, 2).map(Fraction)
        weighted = st.integers(0, 19).flatmap(lambda dice: odd if dice == 0 else usual)
        return weighted.map(lambda quantity: (code, quantity))

    dice = st.integers(0, 29)
    return dice.flatmap(
        lambda n: st.just("NADA") if n == 0 else st.sampled_from(codes)
    ).flatmap(quantities)


def _payments(total: int) -> st.SearchStrategy[tuple[tuple[Paid, ...] | None, bool]]:
    part = st.integers(0, total)
    ways: list[st.SearchStrategy[tuple[tuple[Paid, ...] | None, bool]]] = [
        st.just((None, False)),
        CASH_SUMS.map(lambda more: (((CASH, cash_due(total) + more),), False)),
        st.just((((DEBIT, total),), True)),
        st.just((((OWED, total),), True)),
        st.tuples(part, part, st.booleans()).map(
            lambda parts: (
                (
                    (OWED, min(parts[:2])),
                    (DEBIT, abs(parts[0] - parts[1])),
                    (CASH, total),
                ),
                parts[2],
            )
        ),
        st.tuples(part, CASH_SUMS).map(
            lambda parts: (((OWED, parts[0]), (CASH, parts[1])), True)
        ),
        st.tuples(part, CASH_SUMS).map(
            lambda parts: (((DEBIT, parts[0] + 1), (CASH, parts[1])), False)
        ),
        st.just(((), False)),
    ]
    usual = st.sampled_from(ways[:4]).flatmap(lambda way: way)
    return st.integers(0, 2).flatmap(
        lambda dice: st.one_of(ways) if dice == 0 else usual
    )


def wanted(model: PlainShop, sale: Sold) -> st.SearchStrategy[dict[str, Fraction]]:
    """A part of a sale, to be taken back; at times more than there was."""

    def share(code: str, quantity: Fraction) -> st.SearchStrategy[Fraction]:
        if model.goods[code].weighed:
            return st.integers(1, milli(quantity) + 1).map(
                lambda part: Fraction(part, 1000)
            )
        return st.integers(1, int(quantity) + 1).map(Fraction)

    lines = st.lists(
        st.sampled_from(sale.lines),
        min_size=1,
        max_size=3,
        unique_by=lambda line: line.code,
    )
    return lines.flatmap(
        lambda chosen: st.fixed_dictionaries(
            {line.code: share(line.code, line.quantity) for line in chosen}
        )
    )

"""Figures as tables."""

import statistics
from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(list(values))


def medians(rounds: Iterable[Sequence[float]]) -> list[float]:
    """Return the median of each column of some rounds."""
    columns = zip(*rounds, strict=True)
    return [statistics.median(column) for column in columns]


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the lowest and the highest."""
    return statistics.median(values), min(values), max(values)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under columns, as Markdown; numbers with the digits that mean something."""
    lines = [list(columns)]
    lines += [[_text(cell) for cell in row] for row in rows]
    widths = [3] * len(columns)
    for line in lines:
        widths = [max(pair) for pair in zip(widths, map(len, line), strict=True)]
    left_rule, *right_rules = ["-" * width for width in widths]
    lines.insert(1, [left_rule, *(rule[1:] + ":" for rule in right_rules)])

    print(f"\n{title}\n")
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        for cell, width in zip(line[1:], widths[1:], strict=True):
            cells.append(cell.rjust(width))
        print(f"| {' | '.join(cells)} |", flush=True)


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    if abs(cell) >= 100:
        return f"{cell:,.0f}"
    if abs(cell) >= 10:
        return f"{cell:.1f}"
    if abs(cell) >= 0.1 or cell == 0:
        return f"{cell:.2f}"
    return f"{cell:.3f}"


def failed_row(
    *names: object, reason: str, columns: Sequence[str]
) -> tuple[object, ...]:
    """Return the row of what could not be measured: its names, the reason, and no figures."""
    empty = [""] * (len(columns) - len(names) - 1)
    return *names, f"failed: {reason}", *empty


def aim_row(
    name: str,
    measured: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> tuple[object, ...]:
    """Return the row of an aim: what was measured, what is aimed at, and whether it is met."""
    if at_least is not None:
        met = measured >= at_least
        aim = f"at least {_text(at_least)}"
    else:
        assert at_most is not None
        met = measured <= at_most
        aim = f"at most {_text(at_most)}"
    return name, measured, aim, "yes" if met else "NO"

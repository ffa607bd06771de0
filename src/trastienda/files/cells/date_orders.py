"""In which order the dates of a file have day, month and year."""

from trastienda.files.cells.dates import (
    NO_DATES,
    ORDERS,
    Dates,
    dates_in,
    is_numeric_date,
    is_typed_date,
)


class OrderEvidence:
    """Which orders fit every row so far, and which of them give different dates."""

    def __init__(self) -> None:
        self.fitting = set(ORDERS)
        self.first_line: dict[str, int] = {}
        """For each order that does not fit, the first line where it fails."""
        self.first_text: tuple[int, str] | None = None
        """Line and text of the first date whose day and month may change places."""
        self._differing: set[tuple[str, str]] = set()
        self._text_orders: set[str] = set()
        """The orders in which some of those texts can be read."""
        self._typed_days: set[int] = set()
        """The days of the month of those that were dates in their cells already."""

    def observe(
        self,
        text: str,
        line: int,
    ) -> None:
        """Take a row's date into account; what is a date in no order proves nothing."""
        dates = dates_in(text)
        if dates == NO_DATES:
            return

        if is_typed_date(text):
            self._typed_days.update(day.day for day in dates if day is not None)
        elif is_numeric_date(text) and dates[0] != dates[1]:
            self._observe_text(text, dates, line)
        for order, day in zip(ORDERS, dates, strict=True):
            if day is None and order in self.fitting:
                self.fitting.discard(order)
                self.first_line[order] = line
        # Once a single order fits, nothing is open.
        if len(self.fitting) > 1:
            self._compare(dates)

    def _observe_text(
        self,
        text: str,
        dates: Dates,
        line: int,
    ) -> None:
        """Keep in which orders a date can be read that was written as a text."""
        if self.first_text is None:
            self.first_text = line, text.strip()
        for order, day in zip(ORDERS, dates, strict=True):
            if day is not None:
                self._text_orders.add(order)

    @property
    def is_mixed(self) -> bool:
        """Tell whether some cells hold dates and others texts that are dates.

        A spreadsheet leaves that where it took days for months: what it could read so
        became dates, with day and month changed over, and the rest stayed texts.
        """
        return self.first_text is not None and bool(self._typed_days)

    def typed_are_swapped(self, order: str) -> bool:
        """Tell whether the dates in cells have day and month changed over.

        They do if the texts can be read in ``order`` only, and no cell has a day that
        could not be a month.
        """
        swapped_order = {"dmy": "mdy", "mdy": "dmy"}.get(order)
        if not self.is_mixed or swapped_order is None:
            return False
        return swapped_order not in self._text_orders and max(self._typed_days) <= 12

    def _compare(self, dates: Dates) -> None:
        """Keep which pairs of orders read this row differently."""
        for position, order in enumerate(ORDERS):
            for previous_position in range(position):
                if dates[position] != dates[previous_position]:
                    previous_order = ORDERS[previous_position]
                    self._differing.add((previous_order, order))

    @property
    def open_orders(self) -> list[str]:
        """The orders that fit all rows, if they give different dates; else none."""
        fitting = [order for order in ORDERS if order in self.fitting]
        for first, second in self._differing:
            if first in fitting and second in fitting:
                return fitting
        return []

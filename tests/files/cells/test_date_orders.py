"""The order of day, month and year follows from all dates of a file."""

from trastienda.files.cells.date_orders import OrderEvidence


def evidence(*texts: str) -> OrderEvidence:
    seen = OrderEvidence()
    for line, text in enumerate(texts, start=2):
        seen.observe(text, line)
    return seen


def test_the_only_order_that_fits_all_rows_is_taken() -> None:
    seen = evidence("12/1/10 8:26", "12/13/10 9:00")
    assert (seen.fitting, seen.open_orders) == ({"mdy"}, [])


def test_orders_that_give_different_days_stay_open() -> None:
    assert evidence("12/1/10 8:26").open_orders == ["dmy", "mdy", "ymd"]
    assert evidence("12/1/2010").open_orders == ["dmy", "mdy"]


def test_orders_that_give_the_same_days_are_not_open() -> None:
    assert evidence("5/5/2010", "6/6/2010").open_orders == []


def test_a_row_without_a_date_excludes_no_order() -> None:
    assert evidence("nada", "13/1/2010").fitting == {"dmy"}


def test_contradicting_rows_leave_no_order() -> None:
    seen = evidence("13/1/2010", "1/13/2010")
    assert (seen.fitting, seen.first_line) == (set(), {"mdy": 2, "ymd": 2, "dmy": 3})


def test_dates_in_cells_beside_texts_are_mixed() -> None:
    assert evidence("2025-12-05T", "13/12/2025").is_mixed
    assert evidence("2025-12-05T10:15:00.000", "13/12/2025 9:00").is_mixed
    assert not evidence("2025-12-05T", "2025-12-13T").is_mixed
    assert not evidence("13/12/2025", "14/12/2025").is_mixed
    # No program changes these over.
    assert not evidence("2025-12-05T", "13 dic 2025", "5/5/2025").is_mixed


def test_what_a_spreadsheet_could_not_read_shows_that_the_rest_is_changed_over() -> (
    None
):
    assert evidence("2025-05-12T", "13/12/2025").typed_are_swapped("dmy")
    # This one it could have read.
    assert not evidence("2025-05-12T", "3/12/2025").typed_are_swapped("dmy")
    assert not evidence("2025-12-20T", "13/12/2025").typed_are_swapped("dmy")
    assert not evidence("2025-05-12T", "13/12/2025").typed_are_swapped("mdy")

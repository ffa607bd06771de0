"""Cells that begin like a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.files.cells.formulas import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=", "'=1", "''@", "＝1"],  # noqa: RUF001
)
def test_what_a_spreadsheet_would_work_out_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["pan", "1-1", "'pan'", "'", "", " =1", "O'Higgins"])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.text("='+-@a\t", max_size=5))
def test_every_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text

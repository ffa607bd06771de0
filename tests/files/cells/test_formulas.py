"""Cells that begin like a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.files.cells.formulas import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\transaction", "\rx", "=", "'=1", "''@", "＝1"],  # noqa: RUF001
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["pan", "1-1", "'pan'", "'", "", " =1", "O'Higgins"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.text("='+-@a\t", max_size=5))
def test_unguarded_undoes_guarded(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("name", ["#N/A", "'#N/A", "#####", "#¡REF!"])
def test_a_text_that_looks_like_an_error_is_guarded(name: str) -> None:
    assert guarded(name) == "'" + name
    assert unguarded(guarded(name)) == name

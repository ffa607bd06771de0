"""Receipts as PDF, looked at as pictures."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.wire.receipts.papers import LETTERS, RECEIPTS, layout_of
from tests.wire.receipts.pictures import codes_in

from trastienda.wire.receipts import pdf

FONTS = Path(pdf.__file__).with_name("fonts")
_MM = 25.4 / 72


@contextmanager
def opened(*names: str) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf.render([layout_of(name) for name in names]))
    yield document
    document.close()


def text_of(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_bounded().split())


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_code_can_be_scanned_from_the_page(name: str) -> None:
    with opened(name) as document:
        assert codes_in(document[0].render(scale=2).to_pil()) == [
            f"TRASTIENDA.V.{RECEIPTS[name].sale.id}"
        ]


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_is_one_page_of_80_mm_with_margins(name: str) -> None:
    with opened(name) as document:
        assert len(document) == 1
        width, height = document[0].get_size()
        assert width * _MM == pytest.approx(80, abs=0.1)
        for drawn in document[0].get_objects():
            left, bottom, right, top = drawn.get_bounds()
            assert left * _MM > 4
            assert right * _MM < 76
            assert bottom * _MM > 4
            assert (height - top) * _MM > 4


def test_the_text_of_the_pdf_can_be_extracted() -> None:
    with opened("letters") as document:
        text = text_of(document[0])
    assert LETTERS.replace("5 €", "") in text
    assert "Comprobante interno, no válido como boleta" in text
    assert "TOTAL" in text
    assert "Venta 128" in text


def test_a_letter_missing_in_the_font_is_a_box() -> None:
    with opened("foreign") as document:
        assert "Чай □ □□□" in text_of(document[0])


def test_each_receipt_has_its_own_page() -> None:
    with opened("plain", "long", "imported") as document:
        codes = [codes_in(page.render(scale=2).to_pil()) for page in document]
        heights = [page.get_height() for page in document]
    assert codes == [["TRASTIENDA.V.128"], ["TRASTIENDA.V.128"], ["TRASTIENDA.V.9"]]
    assert heights[0] < heights[1]


@pytest.mark.parametrize("name", ["mixed", "annulled"])
def test_the_same_receipt_makes_the_same_bytes(name: str) -> None:
    content = pdf.render([layout_of(name)])
    assert content == pdf.render([layout_of(name)])
    assert b"/CreationDate (D:20261121150000" in content


def test_no_receipts_are_an_empty_page() -> None:
    with opened() as document:
        assert len(document) == 1


def test_the_fonts_have_the_hashes_of_vendored_md() -> None:
    page = (FONTS / "VENDORED.md").read_text("utf-8")
    listed = dict(
        re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|", page, re.MULTILINE)
    )
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FONTS.iterdir()
    }
    del there["VENDORED.md"]
    assert listed == there

"""Receipts as a web page, looked at in a real browser."""

import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image
from tests.harness.browser import CHROMIUM, FLAGS, NEEDS_CHROMIUM
from tests.wire.receipts.papers import HOSTILE, RECEIPTS, layout_of
from tests.wire.receipts.pictures import codes_in

from trastienda.wire.receipts import html

PHONE, DESK = 390, 900

Look = Callable[..., Path]


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(*names: str) -> Page:
    return Page(html.render([layout_of(name) for name in names]).decode())


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Shows receipts to a browser, and returns what it makes of them: a picture, or
    what it would print.
    """

    def take(*names: str, width: int | None = None) -> Path:
        shown = tmp_path / "receipt.html"
        shown.write_bytes(html.render([layout_of(name) for name in names]))
        made = tmp_path / ("receipt.pdf" if width is None else "receipt.png")
        flags = ["--no-pdf-header-footer", f"--print-to-pdf={made}"]
        if width is not None:
            flags = [f"--screenshot={made}", f"--window-size={width},2400"]
        command = [
            str(CHROMIUM),
            *FLAGS,
            f"--user-data-dir={tmp_path / 'browser'}",
            *flags,
            shown.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        return made

    return take


@NEEDS_CHROMIUM
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_code_can_be_scanned_from_the_screen(look: Look, width: int) -> None:
    with Image.open(look("annulled", width=width)) as picture:
        assert picture.width == width
        assert codes_in(picture) == ["TRASTIENDA.V.128"]


@NEEDS_CHROMIUM
@pytest.mark.parametrize("name", ["long", "huge", "hostile"])
def test_nothing_is_wider_than_a_phone(look: Look, name: str) -> None:
    with Image.open(look(name, width=PHONE)) as picture:
        edge = picture.convert("L").crop((PHONE - 14, 0, PHONE, picture.height))
        assert min(edge.tobytes()) > 200, "there is ink"


@NEEDS_CHROMIUM
def test_each_receipt_is_printed_on_one_sheet_of_80_mm(look: Look) -> None:
    document = pypdfium2.PdfDocument(look(*RECEIPTS))
    codes = [codes_in(page.render(scale=2).to_pil()) for page in document]
    widths = [page.get_width() * 25.4 / 72 for page in document]
    document.close()
    assert codes == [[f"TRASTIENDA.V.{one.sale.id}"] for one in RECEIPTS.values()]
    assert widths == [pytest.approx(80, abs=0.5)] * len(RECEIPTS)


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_page_loads_nothing_and_runs_no_script(name: str) -> None:
    content = html.render([layout_of(name)]).decode()
    shown = page(name)
    assert {"script", "link", "img", "iframe"} & set(shown.tags) == set()
    assert [
        key
        for key, _ in shown.attributes
        if key in {"src", "href"} or key.startswith("on")
    ] == []
    assert "url(" not in content
    assert "@import" not in content


def test_html_in_a_name_is_escaped() -> None:
    assert HOSTILE in page("hostile").texts


def test_every_text_of_the_layout_is_on_the_page() -> None:
    texts = set(page("returned").texts)
    assert {
        "Comprobante interno, no válido como boleta",
        "Vuelto",
        "$480",
        "DEVOLUCIÓN 7",
        "Venta 128",
    } <= texts


def test_the_title_names_the_receipt() -> None:
    assert "Folio 127 · Almacén La Esquina" in page("plain").texts


def test_each_receipt_has_its_own_sheet() -> None:
    assert page("plain", "mixed", "long").tags.count("article") == 3
    assert re.search(r"break-after: page", html.render([layout_of("plain")]).decode())

"""Receipts as PDF: pages 80 mm wide and as high as their receipt.

The same receipt makes the same bytes.
"""

from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import as_file, files
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.fonts import TTFFont

from trastienda.domain.days import moment
from trastienda.wire.receipts.layout import (
    Block,
    Centred,
    Code,
    Heading,
    Layout,
    Row,
    Rule,
    Stamp,
    Total,
)
from trastienda.wire.receipts.qr import modules, runs
from trastienda.wire.receipts.wrapping import beside, wrap

_WIDTH_MM = 80.0
_MARGIN_MM = 5.0
_INNER_MM = _WIDTH_MM - 2 * _MARGIN_MM
_GAP_MM = 3.0
"""The least distance between the two sides of a row."""
_CODE_MM = 30.0
_LINE_HEIGHT = 1.3
"""Of a line, as a multiple of its font's size."""
_MM_PER_POINT = 25.4 / 72
_BODY_PT, _MINOR_PT, _TOTAL_PT, _HEADING_PT = 8.5, 7.5, 13.0, 15.0
_BLACK, _GREY, _RED = 0, 90, (179, 38, 30)
_UTC = ZoneInfo("UTC")
_FAMILY = "receipt"
_FONTS = {"": "DejaVuSansCondensed.ttf", "B": "DejaVuSansCondensed-Bold.ttf"}
_NO_GLYPH = "□"

_Draw = Callable[[], object]


def render(layouts: Sequence[Layout]) -> bytes:
    """Return a document with a page for each receipt."""
    pdf = FPDF(unit="mm")
    for style, font_file in _FONTS.items():
        font_resource = files(__package__).joinpath("fonts", font_file)
        with as_file(font_resource) as font_path:
            pdf.add_font(_FAMILY, style, font_path)
    pdf.set_auto_page_break(False)
    pdf.c_margin = 0

    pdf.set_lang("es")
    title = layouts[0].title if len(layouts) == 1 else "Comprobantes"
    pdf.set_title(title)
    # Not the present moment: the same receipts must make the same bytes.
    latest_ms = max((layout.at_ms for layout in layouts), default=0)
    creation_date = moment(latest_ms, _UTC)
    pdf.set_creation_date(creation_date)

    for layout in layouts:
        _Sheet(pdf).draw(layout)
    document = bytes(pdf.output())

    # fpdf leaves the files of its fonts open.
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()
    return document


class _Sheet:
    """A page being drawn.

    Everything is placed first, since only then its height is known.
    """

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        self._y = _MARGIN_MM
        self._placed: list[_Draw] = []

    def draw(self, layout: Layout) -> None:
        """Add the page of a receipt to the document."""
        for block in layout.blocks:
            self._place(block)

        height_mm = self._y + _MARGIN_MM
        self._pdf.add_page(format=(_WIDTH_MM, height_mm))
        for draw in self._placed:
            draw()

    def _place(self, block: Block) -> None:
        match block:
            case Heading(text):
                self._centred(text, "B", _HEADING_PT)
                self._y += 0.8

            case Centred(text, strong):
                style = "B" if strong else ""
                self._centred(text, style, _BODY_PT)

            case Row(left, right, strong, minor):
                style = "B" if strong else ""
                if minor:
                    self._pair(left, right, style, _MINOR_PT, _GREY)
                else:
                    self._y += 0.7
                    self._pair(left, right, style, _BODY_PT)

            case Total(left, right):
                self._pair(left, right, "B", _TOTAL_PT)
                self._y += 1

            case Stamp(text):
                self._stamp(text)

            case Rule():
                self._rule()

            case Code(content, caption):
                self._code(content)
                self._centred(caption, "", _MINOR_PT)

    def _font(
        self,
        style: str,
        size_pt: float,
    ) -> float:
        """Write in this font from now on, and return the height of its lines in mm."""
        self._pdf.set_font(_FAMILY, style, size_pt)
        return size_pt * _MM_PER_POINT * _LINE_HEIGHT

    def _writable(self, text: str) -> str:
        """Return the text with a box for each character that the font lacks."""
        glyphs = self._pdf.current_font.cmap  # type: ignore[union-attr]
        characters = []
        for character in text:
            has_glyph = ord(character) in glyphs
            characters.append(character if has_glyph else _NO_GLYPH)
        return "".join(characters)

    def _write(
        self,
        text: str,
        x_mm: float,
        style: str,
        size_pt: float,
        grey: int = _BLACK,
    ) -> None:
        """Place one line at the current height."""

        def draw(y_mm: float) -> None:
            height_mm = self._font(style, size_pt)
            self._pdf.set_text_color(grey)
            self._pdf.set_xy(x_mm, y_mm)
            self._pdf.cell(text=text, h=height_mm)

        self._placed.append(partial(draw, self._y))

    def _centred(
        self,
        text: str,
        style: str,
        size_pt: float,
    ) -> None:
        height_mm = self._font(style, size_pt)
        measure = self._pdf.get_string_width

        for line in wrap(self._writable(text), _INNER_MM, measure):
            x_mm = (_WIDTH_MM - measure(line)) / 2
            self._write(line, x_mm, style, size_pt)
            self._y += height_mm

    def _pair(
        self,
        left: str,
        right: str,
        style: str,
        size_pt: float,
        grey: int = _BLACK,
    ) -> None:
        """Place ``left`` in as many lines as it takes.

        ``right`` goes beside the last of them, or below.
        """
        height_mm = self._font(style, size_pt)
        measure = self._pdf.get_string_width

        writable_left = self._writable(left)
        lines, fits_beside = beside(writable_left, right, _INNER_MM, _GAP_MM, measure)
        if not fits_beside:
            lines.append("")

        for line in lines:
            if line:
                self._write(line, _MARGIN_MM, style, size_pt, grey)
            self._y += height_mm

        if right:
            x_mm = _WIDTH_MM - _MARGIN_MM - measure(right)
            self._y -= height_mm
            self._write(right, x_mm, style, size_pt, grey)
            self._y += height_mm

    def _rule(self) -> None:
        def draw(y_mm: float) -> None:
            self._pdf.set_draw_color(_GREY)
            self._pdf.set_line_width(0.2)
            self._pdf.set_dash_pattern(dash=0.8, gap=0.6)
            self._pdf.line(_MARGIN_MM, y_mm, _WIDTH_MM - _MARGIN_MM, y_mm)
            self._pdf.set_dash_pattern()

        self._placed.append(partial(draw, self._y + 2))
        self._y += 3.5

    def _stamp(self, text: str) -> None:
        height_mm = self._font("B", _TOTAL_PT) + 1
        width_mm = self._pdf.get_string_width(text) + 8

        def draw(y_mm: float) -> None:
            self._font("B", _TOTAL_PT)
            self._pdf.set_draw_color(*_RED)
            self._pdf.set_text_color(*_RED)
            self._pdf.set_line_width(0.6)

            left_mm = (_WIDTH_MM - width_mm) / 2
            self._pdf.set_xy(left_mm, y_mm)
            self._pdf.cell(width_mm, height_mm, text, border=1, align="C")

        self._placed.append(partial(draw, self._y + 1))
        self._y += height_mm + 2.5

    def _code(self, content: str) -> None:
        module_rows = modules(content)
        side_mm = _CODE_MM / len(module_rows)

        def draw(y_mm: float) -> None:
            self._pdf.set_fill_color(_BLACK)

            left_mm = (_WIDTH_MM - _CODE_MM) / 2
            for run in runs(module_rows):
                x_mm = left_mm + run.x * side_mm
                run_y_mm = y_mm + run.y * side_mm
                width_mm = run.length * side_mm
                self._pdf.rect(x_mm, run_y_mm, width_mm, side_mm, style="F")

        self._placed.append(partial(draw, self._y))
        self._y += _CODE_MM

"""Pictures of receipts, and what a scanner reads in them."""

import zxingcpp
from PIL import Image

_DOTS = 6
_UPPER, _LOWER = "▀█", "▄█"


def codes_in(picture: Image.Image) -> list[str]:
    """What the QR codes in a picture say, from top to bottom."""
    found = zxingcpp.read_barcodes(picture.convert("L"))
    return [one.text for one in sorted(found, key=lambda one: one.position.top_left.y)]


def picture_of_text(text: str) -> Image.Image:
    """A page as a fixed-width font twice as high as wide prints it; only half blocks leave ink."""
    lines = text.splitlines()
    columns = max(map(len, lines))
    modules = bytearray()
    for line in lines:
        for halves in (_UPPER, _LOWER):
            modules += bytes(0 if one in halves else 255 for one in line.ljust(columns))
    page = Image.frombytes("L", (columns, 2 * len(lines)), bytes(modules))
    return page.resize(
        (columns * _DOTS, 2 * len(lines) * _DOTS), Image.Resampling.NEAREST
    )

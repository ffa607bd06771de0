"""The colours and shapes of the window, without a screen."""

import io

import pytest
from msgspec.structs import asdict
from PIL import Image

from trastienda.clients.names import COLOURS
from trastienda.clients.window.drawing import render, rounded
from trastienda.clients.window.icons import ICONS, icon
from trastienda.clients.window.palette import DARK, LIGHT, Palette

READ = 4.5
"""The least contrast of what is to be read (WCAG 2, AA)."""


def luminance(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_all_that_is_written_can_be_read(palette: Palette) -> None:
    colours = asdict(palette)
    pairs = [
        (ink, ground)
        for ink in ("ink", "ink_2", "ink_3")
        for ground in ("surface", "surface_2", "surface_3", "canvas")
    ]
    pairs += [("ink", "select"), ("on_accent", "accent"), ("on_danger", "danger")]
    pairs += [(f"{kind}_ink", f"{kind}_soft") for kind in ("accent", "warn", "danger")]
    weak = [
        pair for pair in pairs if contrast(*(colours[name] for name in pair)) < READ
    ]
    assert weak == []
    grounds = (palette.surface, palette.surface_2)
    people = [(ink, ground) for ink in palette.people for ground in grounds]
    assert [pair for pair in people if contrast(*pair) < READ] == []
    assert len(palette.people) == COLOURS


def test_a_box_is_full_inside_and_clear_at_its_corners() -> None:
    data = render(20, [(rounded(20, 20, 8), "#0e6848")], stretch=30)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (50, 50)
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
        assert picture.getpixel((25, 25)) == (14, 104, 72, 255)
        assert picture.getpixel((25, 0)) == (14, 104, 72, 255)
        edges = list(picture.getchannel("A").crop((0, 1, 12, 2)).tobytes())
    assert edges == sorted(edges)
    assert any(0 < alpha < 255 for alpha in edges)


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_fills_its_square_and_goes_over_no_edge(name: str) -> None:
    with Image.open(io.BytesIO(icon(name, "#000000", 24))) as picture:
        box = picture.getchannel("A").point(lambda alpha: alpha > 40 and 255).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert min(left, top, 24 - right, 24 - bottom) >= 1
    assert max(right - left, bottom - top) >= 12

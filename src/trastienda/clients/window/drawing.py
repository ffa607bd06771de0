"""Shapes with smooth edges as PNG, which Tk does not draw by itself.

A shape is a cover: how much of each pixel lies inside it, 0 to 1, row by row. What lies half
a pixel around an edge is partly covered.
"""

import functools
import itertools
import math
import struct
import zlib
from collections.abc import Sequence

Cover = list[float]
Layer = tuple[Cover, str]
"""A shape, and its colour as ``#rrggbb``."""
Point = tuple[float, float]
Stroke = Sequence[Point]
"""A line through points, with round ends."""


def render(
    width: int,
    layers: Sequence[Layer],
    stretch: int = 0,
) -> bytes:
    """Draw shapes over each other on a clear ground, and return the PNG.

    ``stretch`` is by how much the picture is made longer in its middle, both ways.
    """
    colours = tuple(bytes.fromhex(colour.removeprefix("#")) for _, colour in layers)
    mix = functools.cache(functools.partial(_mix, colours))
    pixels = [
        mix(*covers) for covers in zip(*(cover for cover, _ in layers), strict=True)
    ]
    rows = [
        _longer(pixels[start : start + width], stretch)
        for start in range(0, len(pixels), width)
    ]
    # Before each row stands the number of its filter, 0 for none.
    lines = _longer([b"\0" + b"".join(row) for row in rows], stretch)
    return _png(width + stretch, len(lines), b"".join(lines))


def _longer(
    parts: list[bytes],
    count: int,
) -> list[bytes]:
    """Return parts with the middle one so many times more."""
    middle = len(parts) // 2
    return parts[:middle] + parts[middle : middle + 1] * count + parts[middle:]


def _mix(
    colours: Sequence[bytes],
    *covers: float,
) -> bytes:
    """Return a pixel of red, green, blue and how much of it is covered."""
    red = green = blue = alpha = 0.0
    for cover, colour in zip(covers, colours, strict=True):
        if not cover:
            continue
        rest = alpha * (1 - cover)
        alpha = cover + rest
        red = (colour[0] * cover + red * rest) / alpha
        green = (colour[1] * cover + green * rest) / alpha
        blue = (colour[2] * cover + blue * rest) / alpha
    return bytes((round(red), round(green), round(blue), round(alpha * 255)))


@functools.cache
def rounded(
    width: int,
    height: int,
    radius: float,
    inset: float = 0,
) -> Cover:
    """Return a rectangle with round corners; ``inset`` is its distance from the edge."""
    half_x, half_y = width / 2 - inset - radius, height / 2 - inset - radius
    across = [abs(x + 0.5 - width / 2) - half_x for x in range(width)]
    down = [abs(y + 0.5 - height / 2) - half_y for y in range(height)]
    return [
        _covered(_outside_corner(over_x, over_y) - radius)
        for over_y in down
        for over_x in across
    ]


def _outside_corner(
    over_x: float,
    over_y: float,
) -> float:
    if over_x > 0 and over_y > 0:
        return math.hypot(over_x, over_y)
    return max(over_x, over_y)


def _covered(distance: float) -> float:
    """Return how much of a pixel is inside, by how far its middle lies outside the edge."""
    return min(max(0.5 - distance, 0.0), 1.0)


def drawn(
    lines: Sequence[Stroke],
    pixels: int,
    pen: float,
    scale: float,
) -> Cover:
    """Return lines in a square, as a pen so thick draws them; ``scale``: pixels of their unit."""
    reach = pen / 2
    cover = [0.0] * (pixels * pixels)
    for line in lines:
        for start, end in itertools.pairwise(line):
            from_x, from_y = start[0] * scale, start[1] * scale
            to_x, to_y = end[0] * scale, end[1] * scale
            for y in _span(from_y, to_y, reach, pixels):
                for x in _span(from_x, to_x, reach, pixels):
                    away = _to_segment(x + 0.5, y + 0.5, from_x, from_y, to_x, to_y)
                    place = y * pixels + x
                    cover[place] = max(cover[place], _covered(away - reach))
    return cover


def _span(
    one_end: float,
    other_end: float,
    reach: float,
    pixels: int,
) -> range:
    """Return the pixels that a segment may touch, in one direction."""
    low, high = sorted((one_end, other_end))
    return range(max(int(low - reach - 1), 0), min(int(high + reach + 2), pixels))


def _to_segment(
    x: float,
    y: float,
    from_x: float,
    from_y: float,
    to_x: float,
    to_y: float,
) -> float:
    """Return how far a point lies from the nearest point of a segment."""
    run_x, run_y = to_x - from_x, to_y - from_y
    length_2 = run_x * run_x + run_y * run_y
    along = 0.0
    if length_2:
        along = ((x - from_x) * run_x + (y - from_y) * run_y) / length_2
        along = min(max(along, 0.0), 1.0)
    return math.hypot(x - from_x - along * run_x, y - from_y - along * run_y)


def arc(
    x: float,
    y: float,
    radius: float,
    start: float = 0,
    end: float = 360,
) -> list[Point]:
    """Return points on a circle, from one angle to another; degrees, clockwise from the right."""
    steps = max(2, round(abs(end - start) / 18))
    turns = (start + (end - start) * step / steps for step in range(steps + 1))
    return [
        (
            x + radius * math.cos(math.radians(turn)),
            y + radius * math.sin(math.radians(turn)),
        )
        for turn in turns
    ]


def _png(
    width: int,
    height: int,
    rows: bytes,
) -> bytes:
    """Return pixels of four bytes as a file, row by row."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(
    kind: bytes,
    content: bytes,
) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

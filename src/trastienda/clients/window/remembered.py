"""What a window remembers for the next time: where the shop was, who came in, and the look."""

from pathlib import Path

import msgspec
from msgspec import Struct


class Remembered(Struct, kw_only=True):
    """The choices of whoever sits here. Never a password."""

    host: str = ""
    port: int = 0
    username: str = ""
    alias: str = ""
    is_dark: bool = False
    zoom: float = 1.0
    size: str = "1080x720"


def read(file: Path) -> Remembered:
    """Return what was remembered; nothing, where it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Remembered)
    except (OSError, msgspec.MsgspecError):
        return Remembered()


def write(
    file: Path,
    remembered: Remembered,
) -> None:
    """Remember it, if there is anywhere to."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(remembered)))
    except OSError:
        return

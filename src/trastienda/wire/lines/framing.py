"""Bytes into lines, without I/O: however the bytes arrive in pieces, the lines are the same."""

import enum
import re
from typing import Final

MAX_LINE_BYTES = 8192
"""Without its ending, as it arrived. Longer than anything a person types or a request needs; what an unfinished line
may cost is this much memory a connection."""


class Fault(enum.Enum):
    """What came in the place of a line that cannot be read."""

    TOO_LONG = "too_long"
    NOT_UTF8 = "not_utf8"


Line = str | Fault

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_TELNET = re.compile(rb"\xff(?:[\xfb-\xfe].|[\xf1-\xf9])")
"""What a telnet client says to the server and not to the people: an option it would or would not use, or a bare
command. Longer negotiation comes only after an agreement, and this server never agrees to anything."""


class Framing:
    """Cuts what one connection sends into lines.

    A line ends in LF or CRLF. A byte order mark at the very start and telnet commands are left out. Of a line that is
    too long nothing is kept: it is told once, as soon as it is known, and passed over up to its end.
    """

    __slots__ = ("_begun", "_kept", "_skipping")

    def __init__(self) -> None:
        self._kept = bytearray()  # the line that has not ended yet
        self._skipping = False  # it is too long, and that has been told
        self._begun = False  # past the place where a byte order mark may stand

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that end in ``data``, without their endings, and the faults found in it, in order."""
        if not self._begun:
            data = self._past_the_mark(data)
        pieces = data.split(b"\n")
        rest = pieces.pop()
        if pieces:
            if self._skipping:
                self._skipping = False
                del pieces[0]
            elif self._kept:
                pieces[0] = bytes(self._kept) + pieces[0]
                self._kept.clear()
        lines: list[Line] = list(map(_read, pieces))
        if rest and not self._skipping:
            self._keep(rest, lines)
        return lines

    def end(self) -> list[Line]:
        """Return the line that was left without an ending, if any; nothing may be fed afterwards.

        ``printf 'hola' | nc`` says something: a last line counts without its newline too.
        """
        line = bytes(self._kept)
        self._kept.clear()
        return [_read(line)] if line else []

    def _past_the_mark(self, data: bytes) -> bytes:
        data = bytes(self._kept) + data
        self._kept.clear()
        self._begun = len(data) >= len(
            _BYTE_ORDER_MARK
        ) or not _BYTE_ORDER_MARK.startswith(data)
        return data.removeprefix(_BYTE_ORDER_MARK)

    def _keep(self, rest: bytes, lines: list[Line]) -> None:
        size = len(self._kept) + len(rest)
        # One byte more may still turn out to be the CR of the ending.
        if size <= MAX_LINE_BYTES or (
            size == MAX_LINE_BYTES + 1 and rest.endswith(b"\r")
        ):
            self._kept += rest
        else:
            self._kept.clear()
            self._skipping = True
            lines.append(Fault.TOO_LONG)


def _read(line: bytes) -> Line:
    line = line.removesuffix(b"\r")
    if len(line) > MAX_LINE_BYTES:
        return Fault.TOO_LONG
    try:
        return line.decode()
    except UnicodeDecodeError:
        return _read_telnet(line)


def _read_telnet(line: bytes) -> Line:
    # Telnet's commands begin with a byte that UTF-8 never has, so looking for them can wait until decoding has failed.
    try:
        return _TELNET.sub(b"", line).decode()
    except UnicodeDecodeError:
        return Fault.NOT_UTF8

"""Bytes into lines, free of I/O.

The lines are the same however the bytes arrive in pieces.
"""

import enum
import re
from typing import Final

from trastienda.wire import bodies

MAX_LINE_BYTES = 8192
"""Bytes of a line as it arrived, without its ending.

People type less and requests need less; an unfinished line costs at most this much
memory."""


class Fault(enum.Enum):
    """Stands in place of a line that cannot be read."""

    TOO_LONG = "too_long"
    NOT_UTF8 = "not_utf8"


class Foreign(enum.Enum):
    """Stands in place of the first line of a client that speaks another protocol."""

    HTTP = "http"
    TLS = "tls"


Line = str | Fault | Foreign

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_TLS_RECORD: Final = b"\x16\x03"
"""How the greeting of every TLS client begins; people type no such character."""
_SHORTEST_WITHOUT_BREAK: Final = 2
"""Characters that are a line without a line break; one alone may be a key just pressed."""

_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ")
_TARGET = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ (?:/|\*|[A-Za-z][A-Za-z0-9+.-]*:)")
"""How a request of HTTP begins: a method of whatever name, and a path or an address."""

_TELNET = re.compile(rb"\xff(?:[\xfb-\xfe].|[\xf1-\xf9])")
"""What a telnet client negotiates with the server: an option, or a bare command.

Longer negotiation comes only after the server has agreed to something, which it never
does."""


class Framing:
    """Cuts what one connection sends into lines.

    A line ends in LF or CRLF. A byte order mark at the very start and telnet commands
    are left out. A line that is too long is reported as one fault, as soon as it is
    known, and then skipped up to its end. Of a client that speaks HTTP or TLS only that is
    reported: what a page in somebody's browser has it send is never a line.

    Some programs send no line breaks: of those a :meth:`pause` ends a line.
    """

    __slots__ = (
        "_between_pauses",
        "_has_begun",
        "_has_breaks",
        "_has_paused",
        "_is_foreign",
        "_is_one_piece",
        "_is_skipping",
        "_is_the_first",
        "_unfinished",
    )

    def __init__(self) -> None:
        self._unfinished = bytearray()
        """The line that has not ended yet."""
        self._is_skipping = False
        """It is too long, and its fault has been returned."""
        self._has_begun = False
        """The bytes are past the position of a byte order mark."""
        self._is_the_first = True
        """No line has come yet that holds anything."""
        self._is_foreign = False
        self._is_one_piece = False
        """The unfinished line came in one read."""
        self._has_breaks = False
        """A line break has come."""
        self._has_paused = False
        """A pause has ended a line: so it will be until a line break comes."""
        self._between_pauses = bytearray()
        """What pauses have ended, as it was sent: the begin of it may be a request of HTTP."""

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that end in ``data``, without their endings, and faults."""
        if self._is_foreign:
            return []
        if self._is_the_first and (self._unfinished + data[:2]).startswith(_TLS_RECORD):
            self._unfinished.clear()
            self._is_foreign = True
            return [Foreign.TLS]
        if not self._has_begun:
            data = self._skip_byte_order_mark(data)

        pieces = data.split(b"\n")
        rest = pieces.pop()

        # The first piece ends the line that was unfinished.
        if pieces:
            self._has_breaks = True
            if self._is_skipping:
                self._is_skipping = False
                del pieces[0]
            elif self._unfinished:
                pieces[0] = bytes(self._unfinished) + pieces[0]
                self._unfinished.clear()

        lines: list[Line] = []
        for piece in pieces:
            line = self._line(piece)
            lines.append(line)
            if isinstance(line, Foreign):
                return lines
        if rest and not self._is_skipping:
            self._begin_line(rest, lines)
        return lines

    @property
    def ends_by_pause(self) -> bool:
        """Whether the client seems to have sent a line, with no line break behind it.

        So it is with a client that has never sent one: at first only if a whole line may
        have come at once, which nobody types key by key; then with whatever it sends.
        """
        if self._has_breaks:
            return False
        if self._has_paused:
            return self._is_skipping or len(self._unfinished) > 0
        return (
            self._has_begun
            and self._is_one_piece
            and _seems_whole(bytes(self._unfinished))
        )

    def pause(self) -> list[Line]:
        """Return what has come as a line, if it :attr:`ends_by_pause`.

        To be called when nothing has come for a while.
        """
        if not self.ends_by_pause:
            return []

        line = bytes(self._unfinished)
        self._unfinished.clear()
        self._is_skipping = False

        # Whether a request that is cut here is of HTTP would stand further on.
        if not self._has_paused and _TARGET.match(line):
            self._is_foreign = True
            return [Foreign.HTTP]

        self._has_paused = True
        if len(self._between_pauses) < MAX_LINE_BYTES:
            self._between_pauses += line
        return [_decode(line)] if line else []

    def end(self) -> list[Line]:
        """Return the last line if it has no ending; nothing may be fed afterwards.

        A last line counts without its newline too, as in ``printf 'hola' | nc``.
        """
        line = bytes(self._unfinished)
        self._unfinished.clear()
        return [self._line(line)] if line else []

    def _skip_byte_order_mark(self, data: bytes) -> bytes:
        data = bytes(self._unfinished) + data
        self._unfinished.clear()

        is_whole = len(data) >= len(_BYTE_ORDER_MARK)
        self._has_begun = is_whole or not _BYTE_ORDER_MARK.startswith(data)
        return data.removeprefix(_BYTE_ORDER_MARK)

    def _begin_line(
        self,
        rest: bytes,
        lines: list[Line],
    ) -> None:
        """Store the begin of a line, or skip the line if it is too long."""
        size = len(self._unfinished) + len(rest)
        # One byte more may still turn out to be the CR of the ending.
        may_end = size == MAX_LINE_BYTES + 1 and rest.endswith(b"\r")

        if size <= MAX_LINE_BYTES or may_end:
            self._is_one_piece = not self._unfinished
            self._unfinished += rest
        else:
            line = bytes(self._unfinished) + rest
            self._unfinished.clear()
            self._is_skipping = True
            lines.append(self._line(line))

    def _line(self, line: bytes) -> Line:
        """Return a line, or what stands in its place."""
        if self._is_the_first and line.strip():
            self._is_the_first = False
            if _is_http(line, bytes(self._between_pauses)):
                self._is_foreign = True
                return Foreign.HTTP
        return _decode(line)


def _is_http(
    line: bytes,
    before: bytes,
) -> bool:
    """Tell whether a first line asks for something by HTTP, also where it was cut.

    ``before`` is what pauses took for lines, and may be the begin of it.
    """
    if len(line) > MAX_LINE_BYTES:
        return _TARGET.match(line) is not None

    request = before + line
    return _METHOD.match(request) is not None and b" HTTP/" in request


def _seems_whole(text: bytes) -> bool:
    """Tell whether a text may be all that a program has to send for now.

    What a telnet client sends of itself is none.
    """
    characters = text.decode(errors="replace")
    if len(characters) < _SHORTEST_WITHOUT_BREAK or b"\xff" in text:
        return False
    if not characters.lstrip().startswith("{"):
        return True

    try:
        return isinstance(bodies.read(text), dict)
    except bodies.UnreadableError:
        return False


def _decode(line: bytes) -> Line:
    line = line.removesuffix(b"\r")
    if len(line) > MAX_LINE_BYTES:
        return Fault.TOO_LONG

    try:
        return line.decode()
    except UnicodeDecodeError:
        pass

    # Telnet commands begin with a byte that UTF-8 never has, so only here they are
    # removed.
    try:
        return _TELNET.sub(b"", line).decode()
    except UnicodeDecodeError:
        return Fault.NOT_UTF8

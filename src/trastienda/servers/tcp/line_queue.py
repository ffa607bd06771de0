"""The lines of one connection that wait to be taken. Free of I/O."""

from collections import deque

from trastienda.wire.lines.framing import Framing, Line

MAX_LINES_WAITING = 512
"""Lines that wait before no more is read: two commits' worth of messages."""
MAX_CHARS_WAITING = 64 * 1024
"""Characters of these, which take up to four bytes each; one read may exceed it."""


class LineQueue:
    """Bytes are fed in, lines are taken out; and it says when more may be read.

    The owner stops reading once the queue :attr:`is_full`, and goes on when it
    :attr:`wants_more`: at half of the limits, so that it does not change with every
    line.
    """

    __slots__ = ("_framing", "_is_stopped", "_lines", "_waiting_chars", "has_ended")

    def __init__(self) -> None:
        self._framing = Framing()
        self._lines: deque[Line] = deque()
        self._waiting_chars = 0
        self._is_stopped = False
        self.has_ended = False
        """The client has sent its last byte."""

    def __len__(self) -> int:
        """Return how many lines wait."""
        return len(self._lines)

    def feed(self, data: bytes) -> None:
        """Add the lines that end in ``data``."""
        lines = self._framing.feed(data)
        self._add(lines)

    @property
    def ends_by_pause(self) -> bool:
        """Whether a line would end if nothing more came for a while."""
        return self._framing.ends_by_pause

    def pause(self) -> None:
        """Add what has come as a line: nothing more has come for a while."""
        lines = self._framing.pause()
        self._add(lines)

    def end(self) -> None:
        """Add the last line, which may have no ending; nothing is fed afterwards."""
        last_lines = self._framing.end()
        self._add(last_lines)
        self.has_ended = True

    def _add(self, lines: list[Line]) -> None:
        self._lines.extend(lines)
        lengths = [len(line) for line in lines if isinstance(line, str)]
        self._waiting_chars += sum(lengths)

    def take(self) -> Line:
        """Take the line that has waited longest; raise IndexError where none waits."""
        line = self._lines.popleft()
        if isinstance(line, str):
            self._waiting_chars -= len(line)
        return line

    def clear(self) -> None:
        """Drop the lines that wait."""
        self._lines.clear()
        self._waiting_chars = 0

    def stop(self) -> None:
        """Want nothing more; the lines that wait may still be taken."""
        self._is_stopped = True

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more is to be read."""
        return (
            len(self._lines) > MAX_LINES_WAITING
            or self._waiting_chars > MAX_CHARS_WAITING
        )

    @property
    def wants_more(self) -> bool:
        """Whether so little waits that more may be read."""
        return (
            not self._is_stopped
            and len(self._lines) <= MAX_LINES_WAITING // 2
            and self._waiting_chars <= MAX_CHARS_WAITING // 2
        )

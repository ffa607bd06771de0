"""A receipt printer: it prints what it is sent, and fails at a command that it does not know."""

import segno
from PIL import Image
from tests.wire.receipts.pictures import codes_in

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858"}
"""``ESC t n`` of Epson's TM printers."""


class Printer:
    """Paper of so many columns. ``lines`` are what was printed, spaces and all;
    ``codes`` what a scanner reads.
    """

    def __init__(self, columns: int, *, chinese: bool = False) -> None:
        self.columns = columns
        self.chinese = chinese
        self.lines: list[str] = []
        self.codes: list[str] = []
        self.strong: list[str] = []
        self.large: list[str] = []
        self.receipts: list[list[str]] = []
        self.drawer_opened = 0
        self._stored = b""
        self._reset()

    def _reset(self) -> None:
        self._line = ""
        self._code_page, self._centred, self._strong = "cp437", False, False
        self._width, self._height = 1, 1

    def feed(self, content: bytes) -> "Printer":
        at = 0
        while at < len(content):
            at += self._take(content[at:])
        assert self._line == "", "a line without its end"
        return self

    def _take(self, rest: bytes) -> int:
        """Take one command or one character, and return how many bytes it had."""
        if rest[0] >= 0x20:
            assert not (self.chinese and rest[0] >= 0x80), "printed as Chinese"
            self._line += rest[:1].decode(self._code_page)
            return 1
        if rest[0] == 0x0A:
            self._print()
            return 1
        match rest[:2]:
            case b"\x1b@":
                self._reset()
                return 2
            case b"\x1c.":
                self.chinese = False
                return 2
            case b"\x1bt":
                self._code_page = CODE_PAGES[rest[2]]
            case b"\x1ba":
                self._centred = {0: False, 1: True}[rest[2]]
            case b"\x1bE":
                self._strong = {0: False, 1: True}[rest[2]]
            case b"\x1d!":
                self._width, self._height = 1 + (rest[2] >> 4), 1 + (rest[2] & 7)
            case b"\x1bp":
                assert rest[2] in {0, 1}
                self.drawer_opened += 1
                return 5
            case b"\x1dV":
                assert rest[2:4] == b"B\x00"
                self.receipts.append(self.lines)
                self.lines = []
                return 4
            case b"\x1d(":
                return self._symbol(rest)
            case _:
                raise AssertionError(f"unknown command {rest[:4]!r}")
        return 3

    def _print(self) -> None:
        width = len(self._line) * self._width
        assert width <= self.columns, self._line
        if self._strong and self._line.strip():
            self.strong.append(self._line.strip())
        if self._height > 1:
            self.large.append(self._line.strip())
        pad = (self.columns - width) // 2 if self._centred else 0
        self.lines.append((" " * pad + self._line).rstrip())
        self._line = ""

    def _symbol(self, rest: bytes) -> int:
        assert rest[2:3] == b"k"
        size = 5 + int.from_bytes(rest[3:5], "little")
        kind, function, parameters = rest[5:6], rest[6:7], rest[7:size]
        assert kind == b"1", "no QR code"
        match function:
            case b"A":
                assert parameters == b"2\x00"
            case b"C":
                assert 1 <= parameters[0] <= 16
            case b"E":
                assert parameters in {b"0", b"1", b"2", b"3"}
            case b"P":
                assert parameters[:1] == b"0"
                self._stored = parameters[1:]
            case b"Q":
                assert parameters == b"0"
                self.codes += codes_in(self._drawn())
            case _:
                raise AssertionError(f"unknown function {function!r} of a QR code")
        return size

    def _drawn(self) -> Image.Image:
        rows = [
            bytes(255 * (1 - dark) for dark in row)
            for row in segno.make_qr(self._stored).matrix_iter(6, border=4)
        ]
        return Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))

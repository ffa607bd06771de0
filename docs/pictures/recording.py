"""A recording of the terminal clients: what a real terminal shows, step by step, as a GIF."""

import re
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from tests.harness.lines import Person
from tests.harness.shell import COMMAND
from tests.harness.terminal import Terminal

COLUMNS, LINES = 80, 20
FONT, SIZE = "DejaVuSansMono.ttf", 15
MARGIN = 16
GROUND, INK = "#1d2129", "#e4e7ec"
COLOURS = (
    "#1d2129 #e0787d #8fd694 #e5c07b #7aa6f0 #c79bf0 #6fc9d6 #e4e7ec".split(),
    "#8b93a3 #f29a9f #a8e6ac #f0d49a #9bbcf5 #d8b4f7 #92dde8 #ffffff".split(),
)
"""Of a terminal's sixteen colours, the plain and the bright ones."""
SOON_MS, READ_MS, END_MS = 90, 1400, 3500
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


class Film:
    """The pictures of a terminal, each with how long it is looked at."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        """What is looked at now."""
        self._font = ImageFont.truetype(FONT, SIZE)
        self._pictures: list[Image.Image] = []
        self._times_ms: list[int] = []

    def take(self, time_ms: int) -> None:
        """Take a picture of what is to be seen now."""
        time.sleep(0.15)
        self._pictures.append(_drawn(self.terminal.text(colours=True), self._font))
        self._times_ms.append(time_ms)

    def type(self, text: str) -> None:
        """Type a line as a person does, three letters a picture, and press Enter."""
        for start in range(0, len(text), 3):
            self.terminal.type("-l", text[start : start + 3])
            self.take(SOON_MS)
        self.terminal.type("Enter")

    def save(self, file: Path) -> None:
        """Write the film."""
        first, *rest = (picture.quantize(32) for picture in self._pictures)
        first.save(
            file,
            save_all=True,
            append_images=rest,
            duration=self._times_ms,
            loop=0,
            optimize=True,
        )


def draw(file: Path, chat_port: str, inventory_port: str) -> None:
    """Record a talk, and then a purchase and its return."""
    with Terminal(
        *_command("chat", chat_port), columns=COLUMNS, lines=LINES
    ) as terminal:
        film = Film(terminal)
        terminal.wait_for("Ingresa tu alias: ")
        film.take(READ_MS)
        film.type("pedro")
        terminal.wait_for("Hola, pedro.")
        film.take(READ_MS)
        with Person(chat_port, "rosa") as rosa:
            terminal.wait_for("rosa se ha unido")
            film.type("¿queda pan integral?")
            rosa.until(lambda line: line.endswith("integral?"))
            terminal.type("-l", "y lec")
            rosa.send("sí, pedro: dos kilos")
            terminal.wait_for("dos kilos")
            film.take(READ_MS)
            film.type("he no me queda")
            film.type("/privado rosa guárdame uno")
            rosa.until(lambda line: line.endswith("guárdame uno"))
            film.take(READ_MS)
    with Terminal(
        *_command("inventario", inventory_port), columns=COLUMNS, lines=LINES
    ) as terminal:
        film.terminal = terminal
        terminal.wait_for("Tú: ")
        film.type("entrar beto")
        terminal.wait_for("Clave: ")
        film.take(SOON_MS)
        film.type("trastienda")
        terminal.wait_for("Hola, beto.")
        film.type("ver leche")
        terminal.wait_for("Leche entera")
        film.take(READ_MS)
        film.type("comprar leche entera 1 l 2")
        terminal.wait_for("Total")
        film.take(READ_MS)
        film.type("devolver leche entera 1 l")
        terminal.wait_for("Devolución")
        film.take(END_MS)
    film.save(file)


def _command(program: str, to: str) -> list[str]:
    host, _, port = to.rpartition(":")
    return [*COMMAND, program, host, port]


def _drawn(text: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """Draw the lines of a terminal, with their colours."""
    width, height = font.getlength("M"), round(SIZE * 1.35)
    size = (round(COLUMNS * width) + 2 * MARGIN, LINES * height + 2 * MARGIN)
    picture = Image.new("RGB", size, GROUND)
    brush = ImageDraw.Draw(picture)
    ink, is_reverse = INK, False
    for row, line in enumerate(text.splitlines()[:LINES]):
        column = 0
        for place, piece in enumerate(_ESCAPE.split(line)):
            if place % 2:
                ink, is_reverse = _style(piece, ink, is_reverse=is_reverse)
                continue
            left, top = MARGIN + column * width, MARGIN + row * height
            column += len(piece)
            if is_reverse and piece:
                right = MARGIN + column * width
                brush.rectangle((left, top, right, top + height), fill=ink)
            brush.text(
                (left, top), piece, fill=GROUND if is_reverse else ink, font=font
            )
    return picture


def _style(codes: str, ink: str, *, is_reverse: bool) -> tuple[str, bool]:
    """The colour after an escape, and whether ink and ground are changed round."""
    for number in (int(code or 0) for code in codes.split(";")):
        if number == 0:
            ink, is_reverse = INK, False
        elif number in {7, 27}:
            is_reverse = number == 7
        elif number == 39:
            ink = INK
        elif 30 <= number <= 37:
            ink = COLOURS[0][number - 30]
        elif 90 <= number <= 97:
            ink = COLOURS[1][number - 90]
    return ink, is_reverse

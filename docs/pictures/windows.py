"""Pictures of the desktop window, on a screen that nobody sees: the program as it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageGrab
from tests.harness.lines import Person, Program
from tests.harness.windows import Desk, Screen

WIDE, NARROW = (1180, 720), (760, 520)
SETTLES_S = 1.0
TOAST_S = 7.0
"""After so long the word at the top has gone."""
PASSWORD = "trastienda"  # noqa: S105 - of the sample shop


def draw(folder: Path, chat_port: str) -> None:
    """Draw the talk, the shelves and the dark, each at a size of its own."""
    screen = Screen()
    try:
        with _desk(screen, chat_port, folder) as desk, _talking(chat_port):
            _size(desk, WIDE)
            desk.see("chat.turn_to('#general')")
            desk.until_said("Gracias, paso a las seis")
            desk.see("chat.composer.focus_set()")
            _take(screen, folder / "window-chat.png", WIDE)
            _size(desk, NARROW)
            desk.see("window.open_page('shelf')")
            desk.until("str(window.focus_get()).startswith(str(window.pages.shelf))")
            desk.type("pan")
            desk.until("len(window.pages.shelf.table.rows) < 20")
            _take(screen, folder / "window-shelf.png", NARROW)
            desk.see("program.theme.change(is_dark=True)")
            desk.see("window.open_page('chat')")
            desk.see("chat.composer.focus_set()")
            _take(screen, folder / "window-dark.png", NARROW)
    finally:
        screen.close()


@contextmanager
def _desk(screen: Screen, chat_port: str, folder: Path) -> Iterator[Desk]:
    memory = folder / "memory.json"
    with Desk(screen, chat_port, memory) as desk:
        desk.log_in("ana", PASSWORD)
        yield desk
    memory.unlink(missing_ok=True)


@contextmanager
def _talking(chat_port: str) -> Iterator[None]:
    """Have Beto and a guest talk in the room, and the guest to Ana alone."""
    with Program(chat_port) as beto, Person(chat_port, "pedro") as pedro:
        beto.ok("entrar", usuario="beto", clave=PASSWORD)
        beto.ok("sala", sala="general")
        for text, author in (
            ("Llegó el pan integral, todavía está caliente.", beto),
            ("¿A cuánto está el kilo?", pedro),
            ("A $3.290, @pedro. Quedan 2 kg.", beto),
            ("Gracias, paso a las seis", pedro),
        ):
            if isinstance(author, Person):
                author.send(text)
            else:
                author.ok("mensaje", texto=text)
            time.sleep(0.2)
        pedro.asks("/privado ana ¿me guardas uno?")
        time.sleep(TOAST_S)
        yield


def _size(desk: Desk, size: tuple[int, int]) -> None:
    desk.see(f"window.geometry('{size[0]}x{size[1]}+0+0')")
    desk.until(f"(window.winfo_width(), window.winfo_height()) == {size!r}")


def _take(screen: Screen, file: Path, size: tuple[int, int]) -> None:
    time.sleep(SETTLES_S)
    taken = ImageGrab.grab(xdisplay=screen.name).crop((0, 0, *size))
    taken.quantize(128, dither=Image.Dither.NONE).save(file, "png", optimize=True)

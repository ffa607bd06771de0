"""Draws the pictures of the pages from a sample shop that runs: ``python -m
docs.pictures.draw [FOLDER]``.

Needs Chromium, Xvfb, xdotool, Tk and tmux. What they show is what the programs really do.
"""

import html
import io
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from docs.pictures import recording, windows
from PIL import Image, ImageChops
from tests.harness.browser import CHROMIUM
from tests.harness.server import ServerProcess, free_port
from tests.harness.shell import COMMAND, LINES_OFF

HERE = Path(__file__).parent
FLAGS = """
    --headless
    --no-sandbox
    --disable-gpu
    --disable-quic
    --no-first-run
    --disable-background-networking
    --disable-component-update
    --disable-sync
    --hide-scrollbars
    --force-device-scale-factor=2
""".split()
PATIENCE_S = 60
MARGIN = 24
"""Pixels of background left around what is cut out."""

_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 24px; background: #1d2129 }}
pre {{ display: inline-block; margin: 0; color: #e4e7ec;
  font: 15px/1.35 "DejaVu Sans Mono", monospace }}
b {{ color: #8fd694; font-weight: normal }}
</style><pre>{}</pre>"""


def main() -> None:
    """Draw every picture into the folder given, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    folder.mkdir(parents=True, exist_ok=True)
    with _demo() as demo:
        address, told = demo.address, demo.told
        _terminal(folder / "demo.png", [("trastienda demo", told)])
        shop = _Shop(address)
        sale = shop.sell()
        receipt = f"/boleta/{sale}"
        _page(folder / "receipt.png", shop.get(receipt, "text/html"), 440, 1400)
        text = shop.get(f"{receipt}?ancho=42", "text/plain").decode()
        _terminal(
            folder / "receipt-text.png",
            [(f"curl -H 'Accept: text/plain' …{receipt}?ancho=42", text)],
        )
        _shoot(folder / "docs.png", f"{address}/docs", 1100, 800, wait_ms=8000)
        _cut(folder / "docs.png")
        windows.draw(folder, demo.chat)
        recording.draw(folder / "terminal.gif", demo.chat, demo.inventory)


class _Demo(NamedTuple):
    """The sample shop that runs: where it is, and what it printed, with the ports that
    people will see."""

    address: str
    chat: str
    inventory: str
    told: str


@contextmanager
def _demo() -> Iterator[_Demo]:
    port = free_port()
    command = [*COMMAND, "demo", "--port", str(port), *LINES_OFF]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ServerProcess(command, files=folder / "demo", cwd=folder) as demo:
            told = demo.wait_until_ready().output.replace(str(port), "5000")
            places = {}
            for noun, usual in (("Inventario", "65432"), ("Chat", "3000")):
                line = re.search(rf"(?m)^  {noun} +(\S+:\d+)", told)
                assert line is not None
                places[noun] = line[1]
                told = re.sub(rf"(?m)^(  {noun} +\S+:)\d+", rf"\g<1>{usual}", told)
            address = f"http://127.0.0.1:{port}"
            yield _Demo(address, places["Chat"], places["Inventario"], told)
            demo.stop()


class _Shop:
    """The sample shop, as Ana sees it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._headers = {"Content-Type": "application/json"}
        token = self._post("/login", {"usuario": "ana", "clave": "trastienda"})["token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def _post(self, path: str, body: object) -> dict[str, object]:
        request = urllib.request.Request(  # noqa: S310
            self._address + path, json.dumps(body).encode(), self._headers
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - to our own server
            found: dict[str, object] = json.load(answer)
            return found

    def get(self, path: str, media: str = "application/json") -> bytes:
        """Return what the shop answers."""
        request = urllib.request.Request(  # noqa: S310
            self._address + path, headers=self._headers | {"Accept": media}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - to our own server
            body: bytes = answer.read()
            return body

    def _code(self, name: str) -> str:
        found = json.loads(self.get("/products?q=" + name.replace(" ", "%20")))["datos"]
        return str(found[0]["codigo_barras"])

    def sell(self) -> object:
        """Sell something of everything: by weight, with a discount, paid in two ways."""
        wanted = {"marraqueta": 0.615, "frutilla": 4, "bebida cola": 2, "diario": 1}
        lines = [
            {"codigo_barras": self._code(name), "cantidad": quantity}
            for name, quantity in wanted.items()
        ]
        payments = [
            {"medio": "debito", "monto": 4000},
            {"medio": "efectivo", "monto": 5000},
        ]
        return self._post("/ventas-detalle", {"detalle": lines, "pagos": payments})[
            "id_venta"
        ]


def _terminal(file: Path, steps: list[tuple[str, str]]) -> None:
    shown = "\n".join(
        f"<b>$ {html.escape(typed)}</b>\n{html.escape(told)}" for typed, told in steps
    )
    _page(file, _TERMINAL.format(shown).encode(), 1100, 1400)


def _page(file: Path, page: bytes, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_bytes(page)
        _shoot(file, path.as_uri(), width, height)
    _cut(file)


def _shoot(file: Path, address: str, width: int, height: int, wait_ms: int = 0) -> None:
    assert CHROMIUM, "the pictures are drawn with Chromium, which is not there"
    with tempfile.TemporaryDirectory() as profile:
        command = [
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
        ]
        wait = [f"--virtual-time-budget={wait_ms}"] if wait_ms else []
        subprocess.run(  # noqa: S603 - a browser, with an address of our own
            [*command, *wait, f"--screenshot={file.resolve()}", address],
            check=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )


def _cut(file: Path) -> None:
    """Cut the empty background off, and save it small."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    background = Image.new(
        "RGB", picture.size, picture.getpixel((picture.width - 1, picture.height - 1))
    )
    box = ImageChops.difference(picture, background).getbbox()
    if box is not None:
        left, top, right, bottom = box
        picture = picture.crop(
            (
                max(0, left - MARGIN),
                max(0, top - MARGIN),
                min(picture.width, right + MARGIN),
                min(picture.height, bottom + MARGIN),
            )
        )
    kept = io.BytesIO()
    picture.quantize(64).save(kept, "png", optimize=True)
    file.write_bytes(kept.getvalue())


if __name__ == "__main__":
    main()

"""The page in a few lines of the docs, as it is printed, with the public client in Node."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person
from tests.harness.proxy import Proxy
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "tests" / "javascript"
PAGE = ROOT / "docs" / "events.md"
_BLOCK = re.compile(r"<!-- run: node -->\n```js\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules").exists(),
    reason="Node and npm are not here: `make test` installs the public clients with them",
)


class Node:
    """A script in Node, and what it has printed."""

    def __init__(self, script: str) -> None:
        self.printed: list[str] = []
        self.process = subprocess.Popen(
            ["node", "--input-type=module", "-"],
            cwd=CLIENTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(script)
        self.process.stdin.close()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.printed.extend(line.rstrip() for line in self.process.stdout)

    def waits_for(self, line: str) -> None:
        """Wait until a line has been printed."""
        eventually(lambda: line in self.printed, f"{line} in {self.printed}")

    def close(self) -> None:
        """End the script."""
        self.process.kill()
        self.process.wait()
        self._reading.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(params=["websocket", "polling", "both"])
def script(request: pytest.FixtureRequest) -> str:
    (block,) = _BLOCK.findall(PAGE.read_text("utf-8"))
    if request.param == "both":  # as the public client does by itself
        return str(block)
    transports = f'io(shop, {{ transports: ["{request.param}"], '
    return str(block).replace("io(shop, { ", transports)


@pytest.fixture
def line(open_shop: OpenShop) -> Iterator[tuple[RunningShop, Proxy]]:
    shop = open_shop()

    def target() -> str:
        return shop.server.url.removeprefix("http://")

    with Proxy(target, 1) as proxy:
        proxy.calm = True
        yield shop, proxy


def test_it_scans_hears_and_after_a_break_has_missed_nothing(
    line: tuple[RunningShop, Proxy], script: str
) -> None:
    shop, proxy = line
    code = shop.code(nombre="Miel 500 g", precio=4990, stock=100)
    script = script.replace("http://127.0.0.1:5000", f"http://{proxy.address}")
    script = script.replace("7800013454332", code)
    script = script.replace('clave: "trastienda"', f'clave: "{PASSWORD}"')
    node = Node(script)
    try:
        node.waits_for("escaneo Miel 500 g 4990")
        wanted = [f"venta {shop.sell((code, 1))['id_venta']} 4990"]
        node.waits_for(wanted[-1])
        with Person(shop.server.chat, "vecina") as person:
            person.send("¿Queda miel?")
            wanted.append("mensaje vecina ¿Queda miel?")
            node.waits_for(wanted[-1])

            proxy.cut()
            wanted += [
                f"venta {shop.sell((code, 1))['id_venta']} 4990" for _ in range(3)
            ]
            person.send("Vuelvo mañana.")
            person.asks("/usuarios")
            wanted.append("mensaje vecina Vuelvo mañana.")
            proxy.is_down = False
            node.waits_for(wanted[-1])
        wanted.append(f"venta {shop.sell((code, 1))['id_venta']} 4990")
        node.waits_for(wanted[-1])
        assert node.printed == ["escaneo Miel 500 g 4990", *wanted]
    finally:
        node.close()

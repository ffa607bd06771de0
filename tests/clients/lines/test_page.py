"""The page about the line client: its bot runs, and it names all there is."""

import re
import subprocess
import sys
from pathlib import Path

from tests.harness.lines import Person, new_alias
from tests.harness.shop import RunningShop

from trastienda.clients import lines
from trastienda.clients.lines import LineClient

PAGE = Path(__file__).resolve().parents[3] / "docs" / "line-client.md"
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PRINTED = '"127.0.0.1", 3000'


def test_the_bot_of_the_page_answers(shop: RunningShop) -> None:
    shop.product(nombre="Leche de la página", stock=12)
    (code,) = _FENCED.findall(PAGE.read_text("utf-8"))
    host, port = shop.server.chat.rsplit(":", 1)
    assert code.count(PRINTED) == 1
    program = code.replace(PRINTED, f'"{host}", {port}')
    command = [sys.executable, "-c", program]
    with Person(shop.server.chat, new_alias()) as person:
        bot = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            person.until("bodeguero se ha unido al chat.")
            person.send("!stock Leche de la página")
            person.until("bodeguero: Leche de la página: quedan 12")
            person.send("!stock no hay tal cosa")
            person.until("bodeguero: No existe lo que pides.")
        finally:
            bot.kill()
            bot.communicate()


def test_the_page_names_all_there_is() -> None:
    words = set(re.findall(r"\w+", PAGE.read_text("utf-8")))
    methods = {name for name in vars(LineClient) if not name.startswith("_")}
    assert methods | set(lines.__all__) <= words | {
        "NotAShopError",
        "Patience",
        "Identity",
        "LineEvent",
    }

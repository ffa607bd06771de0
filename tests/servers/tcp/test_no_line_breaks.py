"""Programs that send what was typed and no line break behind it."""

import contextlib
import json
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.harness.lines import NEEDS_NC, PROMPT, Terminal, Wire, address, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S
from tests.servers.tcp.conftest import OpenPerson

PAGE = Path(__file__).parents[3] / "docs" / "line-protocol.md"
_PROGRAM = re.compile(r"^<!-- run -->\n```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Socket(Wire):
    """A program that sends texts as they are."""

    def say(self, text: str) -> None:
        """Send a text, and no line break."""
        self.raw(text.encode())

    def come(self, alias: str) -> None:
        """Take an alias at the prompt."""
        self.exactly(PROMPT)
        self.say(alias)
        self.hear(f"Hola, {alias}. ")

    def hear(self, start: str) -> str:
        """Read up to a line that begins so."""
        while not (line := self.line()).startswith(start):
            pass
        return line


@NEEDS_NC
def test_two_programs_without_line_breaks_and_a_person_talk_to_each_other(
    shop: RunningShop,
) -> None:
    chat = shop.server.chat
    first, second, third = new_alias(), new_alias(), new_alias()
    with Socket(chat) as pedro, Socket(chat) as maria, Terminal(chat) as nc:
        pedro.come(first)
        maria.come(second)
        nc.name(third)
        pedro.hear(f"{third} se ha unido al chat.")

        pedro.say("¿llegó el pan?")
        maria.hear(f"{first}: ¿llegó el pan?")
        nc.until(f"{first}: ¿llegó el pan?")
        maria.say("n")
        pedro.hear(f"{second}: n")
        nc.until(f"{second}: n")
        nc.type("yo lo vi")
        for one in (pedro, maria):
            one.hear(f"{third}: yo lo vi")

        pedro.say("/usuarios")
        assert {first, second, third} <= set(
            re.split(r"[:,] ", pedro.hear("Usuarios conectados "))
        )
        pedro.say("salir")
        assert pedro.to_the_end()[-1] == "Hasta luego."
        maria.hear(f"{first} ha salido del chat.")


def test_requests_need_no_line_break_and_may_have_one_later(
    shop: RunningShop,
) -> None:
    with Socket(shop.server.inventory) as one:
        one.line()
        for number in (1, 2):
            one.say(json.dumps({"id": number, "accion": "ping"}))
            assert json.loads(one.line()) == {"id": number, "ok": True}
        one.send('{"id": 3, "accion": "ping"}', '{"id": 4, "accion": "ping"}')
        assert [json.loads(one.line())["id"] for _ in range(2)] == [3, 4]


def test_a_request_of_http_that_a_pause_cuts_is_closed_and_says_nothing(
    shop: RunningShop, person: OpenPerson, hung_up: ExitStack
) -> None:
    listener, alias = person(new_alias()), new_alias()
    for place in (shop.server.chat, shop.server.inventory):
        one = hung_up.enter_context(Socket(place))
        one.say("POST /" + "A" * 2000)
        last_line = one.to_the_end()[-1].removeprefix(PROMPT)
        assert last_line == "Aquí no se habla HTTP. (datos_invalidos)"
        with contextlib.suppress(OSError):  # the server waits for a while only
            one.send(" HTTP/1.1", "", alias, f"/nombre {alias}", "hola")
    assert not any(alias in line or "hola" in line for line in listener.heard())


def test_the_program_of_the_page_talks(shop: RunningShop, person: OpenPerson) -> None:
    listener, alias = person(new_alias()), new_alias()
    (program,) = _PROGRAM.findall(PAGE.read_text("utf-8"))
    port = address(shop.server.chat)[1]
    running = subprocess.Popen(
        [sys.executable, "-c", program.replace("3000", str(port))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None
    with running:
        running.stdin.write(f"{alias}\n")
        running.stdin.flush()
        listener.until(f"{alias} se ha unido al chat.")
        running.stdin.write("llegó el pan\n")
        running.stdin.flush()
        listener.until(f"{alias}: llegó el pan")
        shown, _ = running.communicate("salir\n", PATIENCE_S)
    assert running.returncode == 0
    assert shown.startswith(f"{PROMPT}Hola, {alias}. ")
    assert shown.endswith("Hasta luego.\n")

"""Those who speak too fast, and a shop that stops while everybody speaks."""

import json
import threading
import time

import pytest
from tests.conftest import OpenShop
from tests.harness.lines import Person, Program, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

PASTED = 200
SPEAKERS = 50
IN_FLIGHT = 5
STOPPED_WITHIN_S = 10


def speak_until_silenced(flooder: Program) -> int:
    """Speak without a pause until it is refused; return how often it was not."""
    number = 0
    while True:
        answer = flooder.ask("mensaje", texto=f"agua {number}")
        if not answer["ok"]:
            assert answer["codigo"] == "silenciado"
            assert 0 < answer["segundos"] <= 60
            return number
        number += 1


def test_a_flooder_is_slowed_then_silenced_and_nobody_else_notices(
    open_shop: OpenShop,
) -> None:
    chat = open_shop(chat_rate=2).server.chat
    with (
        Program(chat) as flooder,
        Person(chat, "oyente") as listener,
        Person(chat, "tranquilo") as calm,
    ):
        flooder.ok("nombre", alias="inundador")
        began = time.monotonic()
        counts: list[int] = []
        thread = threading.Thread(
            target=lambda: counts.append(speak_until_silenced(flooder))
        )
        thread.start()
        calm.send("buenas")
        heard = listener.until("tranquilo: buenas")
        assert time.monotonic() - began < 5

        thread.join()
        assert time.monotonic() - began > 5, "it was made to wait"
        calm.send("sigo aqui")
        heard += listener.until("tranquilo: sigo aqui")

    assert counts[0] >= 16
    assert sum(line.startswith("inundador: ") for line in heard) == counts[0]


def test_a_list_that_is_pasted_loses_nothing(shop: RunningShop) -> None:
    alias = new_alias()
    with (
        Person(shop.server.chat, new_alias()) as listener,
        Person(shop.server.chat, alias) as speaker,
    ):
        lines = [f"linea {number}" for number in range(PASTED)]
        speaker.send(*lines)
        heard = listener.until(f"{alias}: {lines[-1]}")
        own = [line for line in heard if line.startswith(f"{alias}: ")]
        assert own == [f"{alias}: {line}" for line in lines]
        assert speaker.asks() == []


class Talker(threading.Thread):
    """Keeps a few messages in flight until the shop closes.

    ``answered`` holds the number of each by its text; ``reasons`` why it was closed.
    """

    def __init__(self, chat: str, number: int) -> None:
        super().__init__()
        self.name = f"hablador{number}"
        self.program = Program(chat)
        self.program.ok("nombre", alias=self.name)
        self.answered: dict[str, int] = {}
        self.reasons: list[str] = []

    def run(self) -> None:
        try:
            self._talk()
        except OSError:
            # What it sent after the last line was read resets the connection; the rest
            # of what came may be read.
            for line in self.program.to_the_end():
                if '"cierre"' in line:
                    self.reasons.append(json.loads(line)["motivo"])

    def _talk(self) -> None:
        number = in_flight = 0
        while True:
            while in_flight < IN_FLIGHT:
                text = f"{self.name} {number}"
                request = {"id": text, "accion": "mensaje", "texto": text}
                self.program.send(json.dumps(request))
                number += 1
                in_flight += 1

            received = json.loads(self.program.line())
            if received.get("ok"):
                self.answered[received["id"]] = received["seq"]
                in_flight -= 1
            elif received.get("evento") == "cierre":
                self.reasons.append(received["motivo"])
                return


def room(shop: RunningShop) -> dict[str, int]:
    """The general room: the number of each message by its text."""
    numbers: dict[str, int] = {}
    with Program(shop.server.chat) as program:
        page = program.log_in("ana").ok("historial", limite=200)
        while True:
            for row in page["mensajes"]:
                numbers[row["texto"]] = row["seq"]
            if not page["hay_mas"]:
                return numbers
            first = page["mensajes"][0]["seq"]
            page = program.ok("historial", limite=200, antes=first)


@pytest.mark.timeout(180)
def test_stopping_while_many_speak_loses_nothing_that_was_answered(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)
    talkers = [Talker(shop.server.chat, number) for number in range(SPEAKERS)]
    for talker in talkers:
        talker.start()
    eventually(
        lambda: sum(len(talker.answered) for talker in talkers) > 1000, "they speak"
    )

    began = time.monotonic()
    assert shop.server.stop() == 0
    took_s = time.monotonic() - began
    for talker in talkers:
        talker.join()
        talker.program.close()
    assert took_s < STOPPED_WITHIN_S
    assert [talker.reasons for talker in talkers] == [["detenida"]] * SPEAKERS

    shop.restart()
    stored = room(shop)
    assert sorted(stored.values()) == list(range(1, len(stored) + 1))
    for talker in talkers:
        assert talker.answered.items() <= stored.items()

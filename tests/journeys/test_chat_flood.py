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
STOPPED_WITHIN_S = 10


def test_a_flooder_is_slowed_then_silenced_and_nobody_else_notices(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=2)
    with (
        Program(shop.server.chat) as flooder,
        Person(shop.server.chat, "oyente") as listener,
    ):
        flooder.ok("nombre", alias="inundador")
        began = time.monotonic()
        answers: list[bool] = []

        def flood() -> None:
            number = 0
            while True:
                answer = flooder.ask("mensaje", texto=f"agua {number}")
                answers.append(answer["ok"])
                if not answer["ok"]:
                    assert answer["codigo"] == "silenciado"
                    assert 0 < answer["segundos"] <= 60
                    return
                number += 1

        thread = threading.Thread(target=flood)
        thread.start()
        with Person(shop.server.chat, "tranquilo") as calm:
            calm.send("buenas")
            heard = listener.until("tranquilo: buenas")
            assert time.monotonic() - began < 5
            thread.join()
            assert answers.index(False) >= 16
            assert time.monotonic() - began > 5  # it was made to wait
            calm.send("sigo aqui")
            heard += listener.until("tranquilo: sigo aqui")
        assert sum(line.startswith("inundador: ") for line in heard) == len(answers) - 1


def test_a_list_that_is_pasted_loses_nothing(shop: RunningShop) -> None:
    alias = new_alias()
    with (
        Person(shop.server.chat, new_alias()) as listener,
        Person(shop.server.chat, alias) as one,
    ):
        one.send(*(f"linea {number}" for number in range(PASTED)))
        heard = listener.until(f"{alias}: linea {PASTED - 1}")
        assert [line for line in heard if line.startswith(f"{alias}: ")] == [
            f"{alias}: linea {it}" for it in range(PASTED)
        ]
        assert one.asks() == []


@pytest.mark.timeout(180)
def test_stopping_while_many_speak_loses_nothing_that_was_answered(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)
    answered: dict[str, int] = {}
    ends: list[str] = []

    def speak(one: Program, name: str) -> None:
        number, open_ids = 0, 0
        try:
            while True:
                while open_ids < 5:
                    text = f"{name} {number}"
                    one.send(
                        json.dumps({"id": text, "accion": "mensaje", "texto": text})
                    )
                    number, open_ids = number + 1, open_ids + 1
                found = json.loads(one.line())
                if found.get("ok"):
                    answered[found["id"]] = found["seq"]
                    open_ids -= 1
                elif found.get("evento") == "cierre":
                    ends.append(found["motivo"])
                    return
        except OSError:
            # What it sent after the last line was read resets the connection; the rest of what came may be read.
            ends.extend(
                json.loads(line)["motivo"]
                for line in one.to_the_end()
                if '"cierre"' in line
            )

    crowd = [Program(shop.server.chat) for _ in range(SPEAKERS)]
    for number, one in enumerate(crowd):
        one.ok("nombre", alias=f"hablador{number}")
    threads = [
        threading.Thread(target=speak, args=(one, f"h{number}"))
        for number, one in enumerate(crowd)
    ]
    for it in threads:
        it.start()
    eventually(lambda: len(answered) > 1000, "they speak")
    began = time.monotonic()
    assert shop.server.stop() == 0
    took_s = time.monotonic() - began
    for it in threads:
        it.join()
    for one in crowd:
        one.close()
    assert took_s < STOPPED_WITHIN_S
    assert ends == ["detenida"] * SPEAKERS
    shop.restart()
    with Program(shop.server.chat) as one:
        page = one.log_in("ana").ok("historial", limite=200)
        stored = {it["texto"]: it["seq"] for it in page["mensajes"]}
        while page["hay_mas"]:
            page = one.ok("historial", limite=200, antes=page["mensajes"][0]["seq"])
            stored |= {it["texto"]: it["seq"] for it in page["mensajes"]}
    assert sorted(stored.values()) == list(range(1, len(stored) + 1))
    assert answered.items() <= stored.items()

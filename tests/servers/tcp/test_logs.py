"""The logs of the chat, as a running server writes them."""

import json
import time
from typing import Any

from tests.harness.lines import new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.servers.tcp.conftest import OpenProgram


def logged(shop: RunningShop, word: str, count: int) -> list[dict[str, Any]]:
    """The entries of logs.json in which a word stands, when there are so many or more."""
    file = shop.server.data / "logs" / "logs.json"

    def found() -> list[str]:
        return [line for line in file.read_text("utf-8").splitlines() if word in line]

    eventually(lambda: len(found()) >= count, f"{word} is logged {count} times")
    return [json.loads(line) for line in found()]


def test_a_repeated_message_is_logged_once(
    shop: RunningShop, program: OpenProgram
) -> None:
    alias, text, last = new_alias(), new_alias("repetido"), new_alias("ultimo")
    one = program(alias=alias)
    for _ in range(3):
        one.ok("mensaje", texto=text, id_cliente="uno")
    one.ok("mensaje", texto=last)
    logged(shop, last, 1)
    assert len(logged(shop, text, 1)) == 1
    chat_log = shop.server.data / "logs" / "chat.log"
    eventually(
        lambda: last in chat_log.read_text("utf-8"),
        "the last is logged for people, too",
    )
    assert chat_log.read_text("utf-8").count(text) == 1


def test_an_edit_is_logged_with_its_time_and_a_deletion_with_its_number(
    shop: RunningShop, program: OpenProgram
) -> None:
    alias, before, after = new_alias(), new_alias("antes"), new_alias("despues")
    one = program(alias=alias)
    seq = one.ok("mensaje", texto=before)["seq"]
    time.sleep(0.01)  # the logs tell milliseconds
    one.ok("editar", seq=seq, texto=after)
    one.ok("borrar", seq=seq)
    one.ok("salir")
    (said,), (changed,) = logged(shop, before, 1), logged(shop, after, 1)
    assert (said["evento"], said["seq"], changed["evento"], changed["seq"]) == (
        "mensaje",
        seq,
        "edicion",
        seq,
    )
    assert changed["marca_temporal"] > said["marca_temporal"]
    eventually(
        lambda: any(it["evento"] == "salida" for it in logged(shop, alias, 1)),
        "that they left is logged",
    )
    (gone,) = [it for it in logged(shop, alias, 1) if it["evento"] == "borrado"]
    assert (gone["seq"], gone["sala"]) == (seq, "general")
    assert "texto" not in gone

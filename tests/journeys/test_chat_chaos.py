"""A bad line and a server that dies: whoever comes back has everything, once, and in the one order there is."""

import itertools
import json
import random
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Program
from tests.harness.proxy import Proxy
from tests.harness.shell import shell
from tests.harness.waiting import eventually

SEED = 7
KILLS = 5
SAID_BY_EACH = 200
IN_FLIGHT = 8
PAGE = 200
LONG_S = 60
SPEAKERS = ("ana", "beto", "clara", "visita-a", "visita-b", "visita-c")

View = dict[int, tuple[str, str]]


class Speaker(threading.Thread):
    """Says its messages however often it is cut off, and keeps what it sees of the room.

    ``answered`` holds the number of each message by the name that it was sent under; ``mistakes`` what must not be.
    """

    def __init__(self, proxy: Proxy, name: str, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.name = name
        self.seen: View = {}
        self.answered: dict[str, int] = {}
        self.mistakes: list[str] = []
        self.connections = 0
        self._proxy = proxy
        self._enough = enough
        self._dice = random.Random(f"{SEED} {name}")
        self._to_say = [f"{name}-{number}" for number in range(SAID_BY_EACH)]
        self._on_the_way: set[str] = set()
        self._last = 0

    @property
    def done(self) -> bool:
        """Whether each of its messages was answered."""
        return len(self.answered) == SAID_BY_EACH

    def run(self) -> None:
        """Speak until everybody has spoken."""
        while not self._enough.is_set():
            try:
                with Program(self._proxy.address) as one:
                    self.connections += 1
                    self.come_in(one)
                    self._talk(one)
            except (OSError, EOFError):
                time.sleep(0.02)
            except Exception as error:
                self.mistakes.append(repr(error))
                return

    def come_in(self, one: Program) -> None:
        """Enter, and read what was missed, page by page, back to what is known."""
        while True:
            if "-" in self.name:
                found = one.ask("nombre", alias=self.name)
            else:
                found = one.ask("entrar", usuario=self.name, clave=PASSWORD)
            if found["ok"]:
                break
            if found["codigo"] not in {"ya_existe", "no_disponible"}:
                self.mistakes.append(str(found))
            time.sleep(0.05)  # the connection before it has not been missed yet
        one.events.clear()
        self._on_the_way.clear()
        known = next(seq for seq in itertools.count(1) if seq not in self.seen) - 1
        page, self._last = (
            found,
            max((it["seq"] for it in found["mensajes"]), default=0),
        )
        while True:
            for it in page["mensajes"]:
                self._see(it)
            first = min((it["seq"] for it in page["mensajes"]), default=0)
            if not page["hay_mas"] or first <= known + 1:
                break
            page = self._ask_and_hear(one, "historial", antes=first, limite=PAGE)

    def _ask_and_hear(self, one: Program, accion: str, **given: Any) -> dict[str, Any]:
        found = one.ok(accion, **given)
        for it in one.events:
            self._hear(it)
        one.events.clear()
        return found

    def _see(self, message: dict[str, Any]) -> None:
        found = (message["de"], message["texto"])
        if self.seen.setdefault(message["seq"], found) != found:
            self.mistakes.append(f"{message} is not {self.seen[message['seq']]}")

    def _hear(self, event: dict[str, Any]) -> None:
        if event["evento"] != "mensaje":
            return
        if event["seq"] <= self._last:
            self.mistakes.append(f"{event} came after {self._last}")
        missing = event["seq"] - self._last - 1
        own = sum(
            self._last < seq < event["seq"] for seq in self.answered.values()
        ) + len(self._on_the_way)
        if missing > own:
            self.mistakes.append(f"{missing} messages are missing before {event}")
        self._last = event["seq"]
        self._see(event)

    def _talk(self, one: Program) -> None:
        while not self._enough.is_set():
            waiting = [
                it
                for it in self._to_say
                if it not in self.answered and it not in self._on_the_way
            ]
            if not waiting and not self._on_the_way:
                self._ask_and_hear(one, "ping")
                time.sleep(0.02)
                continue
            for text in waiting[: IN_FLIGHT - len(self._on_the_way)]:
                body = {
                    "id": text,
                    "accion": "mensaje",
                    "texto": text,
                    "id_cliente": text,
                }
                self._on_the_way.add(text)
                one.send(json.dumps(body))
            found = json.loads(one.line())
            if "evento" in found:
                self._hear(found)
            else:
                self._take(found)

    def _take(self, answer: dict[str, Any]) -> None:
        self._on_the_way.remove(answer["id"])
        if not answer["ok"]:
            if answer["codigo"] != "no_disponible":
                self.mistakes.append(str(answer))
        elif self.answered.setdefault(answer["id"], answer["seq"]) != answer["seq"]:
            self.mistakes.append(f"{answer} is not {self.answered[answer['id']]}")
        else:
            self._see({"seq": answer["seq"], "de": self.name, "texto": answer["id"]})


def room_by_line(chat: str) -> View:
    """The general room as its history tells it, page by page."""
    found: View = {}
    with Program(chat) as one:
        page = one.log_in("ana").ok("historial", limite=PAGE)
        while True:
            found |= {it["seq"]: (it["de"], it["texto"]) for it in page["mensajes"]}
            if not page["hay_mas"]:
                return found
            page = one.ok("historial", antes=min(found), limite=PAGE)


def room_on_disk(data: Path) -> list[tuple[int, str, str, str]]:
    """The general room as it lies in the database: number, alias, text, and the sender's own name for it."""
    query = (
        "SELECT seq, alias, text, client_id FROM messages JOIN rooms ON rooms.id = room_id WHERE name = 'general' "
        "ORDER BY seq"
    )
    (database,) = data.glob("*.db")
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def mistakes_of(speakers: Sequence[Speaker]) -> list[str]:
    return [f"{one.name}: {it}" for one in speakers for it in one.mistakes]


@pytest.mark.timeout(240)
def test_after_cuts_stalls_and_kills_everybody_has_seen_the_one_log_of_the_room(
    open_shop: OpenShop,
) -> None:
    shop, enough = open_shop(chat_rate=0), threading.Event()
    with Proxy(lambda: shop.server.chat, SEED) as proxy:
        speakers = [Speaker(proxy, name, enough) for name in SPEAKERS]
        for one in speakers:
            one.start()
        try:
            whole = SAID_BY_EACH * len(SPEAKERS)
            for kill in range(1, KILLS + 1):
                wanted = whole * kill // (KILLS + 1)
                eventually(
                    lambda wanted=wanted: (  # type: ignore[misc]
                        bool(mistakes_of(speakers))
                        or sum(len(one.answered) for one in speakers) >= wanted
                    ),
                    f"messages before kill {kill}",
                    LONG_S,
                )
                shop.restart(kill=True)
            eventually(
                lambda: (
                    bool(mistakes_of(speakers)) or all(one.done for one in speakers)
                ),
                "every message said",
                LONG_S,
            )
            proxy.calm = True
        finally:
            enough.set()
            for one in speakers:
                one.join()
        for speaker in speakers:
            with Program(proxy.address) as line:
                speaker.come_in(line)
        assert mistakes_of(speakers) == []
        assert proxy.cuts > KILLS
        assert min(one.connections for one in speakers) > KILLS
    log = room_by_line(shop.server.chat)
    assert shop.server.stop() == 0
    stored = room_on_disk(shop.server.data)
    assert [seq for seq, *_ in stored] == list(range(1, whole + 1))
    assert {seq: (alias, text) for seq, alias, text, _ in stored} == log
    assert {key: seq for seq, _, _, key in stored} == {
        k: it for one in speakers for k, it in one.answered.items()
    }
    assert all(one.seen == log for one in speakers)
    assert (
        shell(
            "verify", "--data", shop.server.data, cwd=shop.server.data.parent
        ).returncode
        == 0
    )

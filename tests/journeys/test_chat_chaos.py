"""A bad line and a server that dies: whoever comes back has everything, once, and in the one
order there is."""

import itertools
import json
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
from tests.harness.shop import RunningShop
from tests.harness.tiers import storm, tier
from tests.harness.waiting import eventually

SEED = 7
KILLS = tier(2, full=5)
SAID_BY_EACH = tier(60, full=200)
IN_FLIGHT = 8
PAGE = 200
SPEAKERS = ("ana", "beto", "clara", "visita-a", "visita-b", "visita-c")

View = dict[int, tuple[str, str]]
"""What somebody has seen of a room: sender and text by number."""


class Speaker(threading.Thread):
    """Says its messages however often it is cut off, and keeps what it sees of the room.

    ``answered`` holds the number of each message by its text; ``mistakes`` what must not be.
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
        self._texts = [f"{name}-{number}" for number in range(SAID_BY_EACH)]
        self._in_flight: set[str] = set()
        self._last_seq = 0

    @property
    def done(self) -> bool:
        """Whether each of its messages was answered."""
        return len(self.answered) == SAID_BY_EACH

    def run(self) -> None:
        """Speak until everybody has spoken."""
        while not self._enough.is_set():
            try:
                with Program(self._proxy.address) as program:
                    self.connections += 1
                    self.catch_up(program)
                    self._talk(program)
            except (OSError, EOFError):
                time.sleep(0.02)
            except Exception as error:
                self.mistakes.append(repr(error))
                return

    def _enter(self, program: Program) -> dict[str, Any]:
        """Enter the chat; return the newest page of the general room."""
        while True:
            if "-" in self.name:
                answer = program.ask("nombre", alias=self.name)
            else:
                answer = program.ask("entrar", usuario=self.name, clave=PASSWORD)
            if answer["ok"] and answer["sala"] != "general":  # staff come in elsewhere
                return program.ok("sala", sala="general")
            if answer["ok"]:
                return answer
            if answer["codigo"] not in {"ya_existe", "no_disponible"}:
                self.mistakes.append(str(answer))
            time.sleep(0.05)  # the connection before has not been missed yet

    def catch_up(self, program: Program) -> None:
        """Enter, and read what was missed, page by page, back to what is known.

        What stands there of one's own is not said again: a guest who comes back is another
        sender, and the room would have it twice.
        """
        page = self._enter(program)
        program.events.clear()
        self._in_flight.clear()
        self._last_seq = max((row["seq"] for row in page["mensajes"]), default=0)
        known = next(seq for seq in itertools.count(1) if seq not in self.seen) - 1

        while True:
            for row in page["mensajes"]:
                self._see(row)
                if row["de"] == self.name:
                    self.answered.setdefault(row["texto"], row["seq"])
            first = min((row["seq"] for row in page["mensajes"]), default=0)
            if not page["hay_mas"] or first <= known + 1:
                break
            page = self._ask(program, "historial", antes=first, limite=PAGE)

    def _ask(self, program: Program, accion: str, **fields: Any) -> dict[str, Any]:
        """Ask, and hear what was announced meanwhile."""
        answer = program.ok(accion, **fields)
        for event in program.events:
            self._hear(event)
        program.events.clear()
        return answer

    def _see(self, message: dict[str, Any]) -> None:
        """Keep a message; it never becomes another."""
        content = (message["de"], message["texto"])
        first = self.seen.setdefault(message["seq"], content)
        if first != content:
            self.mistakes.append(f"{message} is not {first}")

    def _hear(self, event: dict[str, Any]) -> None:
        """Hear a message: numbers go up, and none is left out but one's own."""
        if event["evento"] != "mensaje":
            return
        seq = event["seq"]
        if seq <= self._last_seq:
            self.mistakes.append(f"{event} came after {self._last_seq}")

        missing = seq - self._last_seq - 1
        own = [one for one in self.answered.values() if self._last_seq < one < seq]
        if missing > len(own) + len(self._in_flight):
            self.mistakes.append(f"{missing} messages are missing before {event}")
        self._last_seq = seq
        self._see(event)

    def _talk(self, program: Program) -> None:
        while not self._enough.is_set():
            to_say = [
                text
                for text in self._texts
                if text not in self.answered and text not in self._in_flight
            ]
            if not to_say and not self._in_flight:
                self._ask(program, "ping")
                time.sleep(0.02)
                continue

            for text in to_say[: IN_FLIGHT - len(self._in_flight)]:
                request = {
                    "id": text,
                    "accion": "mensaje",
                    "texto": text,
                    "id_cliente": text,
                }
                self._in_flight.add(text)
                program.send(json.dumps(request))

            received = json.loads(program.line())
            if "evento" in received:
                self._hear(received)
            else:
                self._take_answer(received)

    def _take_answer(self, answer: dict[str, Any]) -> None:
        """A message has one number, however often it was sent."""
        text = answer["id"]
        self._in_flight.remove(text)
        if not answer["ok"]:
            if answer["codigo"] != "no_disponible":
                self.mistakes.append(str(answer))
            return

        seq = self.answered.setdefault(text, answer["seq"])
        if seq != answer["seq"]:
            self.mistakes.append(f"{answer} is not {seq}")
        else:
            self._see({"seq": seq, "de": self.name, "texto": text})


def room_by_line(chat: str) -> View:
    """The general room as its history shows it, page by page."""
    room: View = {}
    with Program(chat) as program:
        page = program.log_in("ana").ok("historial", limite=PAGE)
        while True:
            for row in page["mensajes"]:
                room[row["seq"]] = (row["de"], row["texto"])
            if not page["hay_mas"]:
                return room
            page = program.ok("historial", antes=min(room), limite=PAGE)


def room_on_disk(data: Path) -> list[tuple[int, str, str, str]]:
    """The general room as it lies in the database: number, alias, text, and the sender's own
    name for it."""
    query = """
        SELECT seq, alias, text, client_id
        FROM messages JOIN rooms ON rooms.id = room_id
        WHERE name = 'general'
        ORDER BY seq
    """
    (database,) = data.glob("*.db")
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def mistakes_of(speakers: Sequence[Speaker]) -> list[str]:
    return [
        f"{speaker.name}: {mistake}"
        for speaker in speakers
        for mistake in speaker.mistakes
    ]


def said(speakers: Sequence[Speaker]) -> int:
    """How many messages were answered."""
    return sum(len(speaker.answered) for speaker in speakers)


def speak_and_kill(shop: RunningShop, speakers: Sequence[Speaker]) -> None:
    """Kill the server while they speak, at even distances; wait until all is said."""
    total = SAID_BY_EACH * len(SPEAKERS)
    for kill in range(1, KILLS + 1):
        count = total * kill // (KILLS + 1)
        eventually(
            lambda count=count: mistakes_of(speakers) or said(speakers) >= count,  # type: ignore[misc]
            f"messages before kill {kill}",
        )
        shop.restart(kill=True)
    eventually(
        lambda: mistakes_of(speakers) or all(speaker.done for speaker in speakers),
        "every message said",
    )


@storm
@pytest.mark.timeout(300)
def test_after_cuts_stalls_and_kills_everybody_has_seen_the_one_log_of_the_room(
    open_shop: OpenShop,
) -> None:
    shop, enough = open_shop(chat_rate=0), threading.Event()
    with Proxy(lambda: shop.server.chat, SEED) as proxy:
        speakers = [Speaker(proxy, name, enough) for name in SPEAKERS]
        for speaker in speakers:
            speaker.start()
        try:
            speak_and_kill(shop, speakers)
            proxy.calm = True
        finally:
            enough.set()
            for speaker in speakers:
                speaker.join()

        for speaker in speakers:
            with Program(proxy.address) as program:
                speaker.catch_up(program)
        assert mistakes_of(speakers) == []
        assert proxy.cuts > KILLS
        assert min(speaker.connections for speaker in speakers) > KILLS

    log = room_by_line(shop.server.chat)
    assert shop.server.stop() == 0
    stored = room_on_disk(shop.server.data)
    total = SAID_BY_EACH * len(SPEAKERS)
    assert [seq for seq, *_ in stored] == list(range(1, total + 1))
    assert {seq: (alias, text) for seq, alias, text, _ in stored} == log

    answered: dict[str, int] = {}
    for speaker in speakers:
        answered |= speaker.answered
        assert speaker.seen == log
    assert {client_id: seq for seq, _, _, client_id in stored} == answered

    data = shop.server.data
    verified = shell("verify", "--data", data, cwd=data.parent)
    assert verified.returncode == 0, verified.stderr

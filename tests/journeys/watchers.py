"""Screens that never give up: whatever cuts them off, they come back and say what they heard
last."""

import asyncio
import json
import random
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Self

import httpx
import websockets
from tests.harness.waiting import eventually
from websockets.asyncio.client import ClientConnection, connect

SEPARATOR = "\x1e"


class Watcher:
    """One who listens by a bare WebSocket, or by polling, without a library.

    ``heard`` is what came, by number and name, in the order of its coming, over all connections.
    """

    def __init__(self, url: Callable[[], str], token: str, since_n: int) -> None:
        self.heard: list[tuple[int, str]] = []
        self.n = since_n
        """How far it knows that it has heard everything."""
        self.connections = 0
        self.gaps = 0
        self._url = url
        self._token = token

    async def watch(self, *, polls: bool, seed: int) -> None:
        """Listen until cancelled."""
        dice = random.Random(seed)
        while True:
            try:
                await (self._poll() if polls else self._listen())
            except (
                OSError,
                EOFError,
                TimeoutError,
                httpx.HTTPError,
                websockets.WebSocketException,
            ):
                await asyncio.sleep(dice.uniform(0.01, 0.1))

    @property
    def _credentials(self) -> str:
        # It says so at once: a line may be too bad to do it in time afterwards.
        return "40" + json.dumps({"token": self._token, "desde": self.n})

    async def _listen(self) -> None:
        url = self._url().replace("http", "ws")
        path = "/socket.io/?EIO=4&transport=websocket"
        async with connect(url + path, open_timeout=10, close_timeout=0) as line:
            await line.send(self._credentials)
            await self._hear_all(line)

    async def _hear_all(self, line: ClientConnection) -> None:
        async for packet in line:
            answer = self._hear(str(packet))
            if answer is not None:
                await line.send(answer)

    async def _poll(self) -> None:
        async with httpx.AsyncClient(base_url=self._url(), timeout=60) as line:
            query = {"EIO": "4", "transport": "polling"}
            opened = await line.get("/socket.io/", params=query)
            query["sid"] = json.loads(opened.text[1:])["sid"]
            await line.post("/socket.io/", params=query, content=self._credentials)
            while True:
                answer = await line.get("/socket.io/", params=query)
                answer.raise_for_status()
                for packet in answer.text.split(SEPARATOR):
                    reply = self._hear(packet)
                    if reply is not None:
                        await line.post("/socket.io/", params=query, content=reply)

    def _hear(self, packet: str) -> str | None:
        """Take in a packet; return what is to be answered. Raises EOFError at the end."""
        if packet == "2":
            return "3"
        if packet.startswith("40"):
            self.connections += 1
        if packet.startswith("42"):
            name, body = json.loads(packet[2:])
            if name == "hueco":
                self.gaps += 1
            elif "n" in body:
                self.heard.append((body["n"], sys.intern(name)))
                self.n = body["n"]
        elif packet in {"1", "6"} or packet.startswith("44"):
            raise EOFError
        return None


class Watching:
    """Watchers on an event loop of their own."""

    def __init__(self, watchers: Sequence[Watcher], polling_one_in: int) -> None:
        self._watchers = watchers
        self._polling_one_in = polling_one_in
        self._loop = asyncio.new_event_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._tasks = [
            self._loop.create_task(
                one.watch(polls=number % self._polling_one_in == 0, seed=number)
            )
            for number, one in enumerate(self._watchers)
        ]
        gathered = asyncio.gather(*self._tasks, return_exceptions=True)
        results = self._loop.run_until_complete(gathered)
        self.faults = [
            one for one in results if not isinstance(one, asyncio.CancelledError)
        ]
        self._loop.close()

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(
            lambda: all(one.connections for one in self._watchers), "all of them there"
        )
        return self

    def __exit__(self, *_: object) -> None:
        def end() -> None:
            for task in self._tasks:
                task.cancel()

        self._loop.call_soon_threadsafe(end)
        self._thread.join()
        assert self.faults == []

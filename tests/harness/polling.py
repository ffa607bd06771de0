"""A client of Socket.IO that polls, and has no library."""

import json

import httpx
from tests.harness.waiting import PATIENCE_S

POLLING = {"EIO": "4", "transport": "polling"}
SEPARATOR = "\x1e"
"""Between the packets of one body."""


class Polling:
    """A polling client without a library."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=PATIENCE_S)
        self.handshake = json.loads(self.get().text[1:])
        self.sid = self.handshake["sid"]

    def get(self) -> httpx.Response:
        """Poll once."""
        sid = {"sid": self.sid} if hasattr(self, "sid") else {}
        return self._http.get("/socket.io/", params=POLLING | sid)

    def post(self, *packets: str) -> httpx.Response:
        """Send packets in one body."""
        body = SEPARATOR.join(packets)
        params = POLLING | {"sid": self.sid}
        return self._http.post("/socket.io/", params=params, content=body)

    def packets(self) -> list[str]:
        """Poll once, and return the packets that came."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        return answer.text.split(SEPARATOR)

    def come_in(self, token: str | None) -> None:
        """Say who it is."""
        assert self.post("40" + json.dumps({"token": token})).text == "ok"
        (answer,) = self.packets()
        assert answer.startswith('40{"sid":"')

    def is_closed(self) -> bool:
        """Tell whether the session is over."""
        return self.get().status_code == 400

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

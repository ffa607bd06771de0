"""A page in a real browser that calls the line ports: nothing that it sends is a line."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.harness.browser import CHROMIUM, FLAGS, NEEDS_CHROMIUM
from tests.harness.lines import address, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S, eventually
from tests.servers.tcp.conftest import OpenPerson

_PAGE = """<!doctype html><meta charset="utf-8"><script>
async function call(url, body) {{
  try {{ await fetch(url, {{method: 'POST', mode: 'no-cors', body: body}}) }} catch {{ }}
}}
async function all() {{
  for (const path of ['', 'A'.repeat(9000)])
    for (const port of {ports})
      await call('http://127.0.0.1:' + port + '/' + path, {body})
  await call('/done', '')
}}
all()
</script>"""


@contextmanager
def page_server(page: str) -> Iterator[tuple[str, threading.Event]]:
    """Serve a page; yield its address, and what is set once the page has called back."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(page.encode())

        def do_POST(self) -> None:
            self.answer(b"")
            done.set()

        def answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", done
        finally:
            server.shutdown()
            serving.join()


def connections(shop: RunningShop) -> int:
    """How many have connected to the line ports so far."""
    entries = (shop.server.data / "logs" / "logs.json").read_text("utf-8").splitlines()
    return sum(json.loads(entry)["evento"] == "conexion" for entry in entries)


@NEEDS_CHROMIUM
def test_a_page_in_a_browser_says_nothing(
    shop: RunningShop, person: OpenPerson, tmp_path: Path
) -> None:
    alias, word = new_alias(), new_alias("palabra")
    requests = [
        {"accion": "nombre", "alias": alias},
        {"accion": "mensaje", "texto": word},
    ]
    body = "".join(f"\n{json.dumps(request)}" for request in requests) + "\n"
    places = (shop.server.chat, shop.server.inventory)
    ports = [address(place)[1] for place in places]
    page = _PAGE.format(ports=ports, body=json.dumps(body))

    listener = person(new_alias())
    before = connections(shop)
    with page_server(page) as (url, done):
        assert CHROMIUM is not None
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        with subprocess.Popen(
            [CHROMIUM, *FLAGS, profile, "--remote-debugging-port=0", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as browser:
            try:
                assert done.wait(PATIENCE_S), "the page never called back"
            finally:
                browser.terminate()

    eventually(lambda: connections(shop) >= before + 4, "the browser has connected")
    heard = listener.heard()
    assert not any(alias in line or word in line for line in heard), heard

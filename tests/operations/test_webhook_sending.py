"""One request to another system: where it goes, and what comes of it."""

import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from tests.harness.receiver import Answering, Receiver
from tests.operations.shaking import trusting

from trastienda.domain.destinations import parse_destination
from trastienda.domain.webhooks import Fault
from trastienda.operations import certificates
from trastienda.operations.webhooks.sending import (
    MAX_ANSWER_BYTES,
    Sender,
    asked_pause_s,
    trusted,
)
from trastienda.servers.webhooks import LookUpError, OtherKeyError, Reply, WebhookDoor

NAME = "receptor.local"


def door(*, allows_private: bool = True) -> WebhookDoor:
    return WebhookDoor(b"k" * 32, allows_private=allows_private)


def sent(
    url: str,
    *,
    by: WebhookDoor | None = None,
    context: ssl.SSLContext | None = None,
    times: int = 1,
) -> list[Reply]:
    """What comes of sending to an address, on one connection."""

    async def run() -> list[Reply]:
        destination = parse_destination(url, allows_private=True)
        trust = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        sender = Sender(by or door(), destination, trust)
        try:
            return [await sender.send({"webhook-id": "x"}, b"{}") for _ in range(times)]
        finally:
            await sender.close()

    return asyncio.run(run())


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the resolver of the system says of NAME, look-up after look-up."""
    answers: list[list[str]] = []
    resolve = socket.getaddrinfo

    def told(host: Any, port: Any, *more: Any, **keys: Any) -> Any:
        if host != NAME:
            return resolve(host, port, *more, **keys)
        if not answers:
            raise socket.gaierror("nobody asks so often")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers.pop(0)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    return answers


def test_a_name_that_leads_elsewhere_a_moment_later_is_called_where_it_was_checked(
    names: list[list[str]],
) -> None:
    with Receiver() as receiver:
        names.append(["127.0.0.1"])  # a second look-up would find nothing
        url = f"http://{NAME}:{receiver.port}/a?b=c"
        (reply,) = sent(url)
        assert reply.is_taken
        (delivered,) = receiver.came
        assert delivered.headers["host"] == f"{NAME}:{receiver.port}"
        assert delivered.path == "/a?b=c"
        assert names == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"]])
def test_a_name_of_which_one_address_is_not_open_is_not_called(
    names: list[list[str]], addresses: list[str]
) -> None:
    with Receiver() as receiver:
        names.append(addresses)
        closed = door(allows_private=False)
        (reply,) = sent(f"http://{NAME}:{receiver.port}/", by=closed)
        assert reply == Reply(None, Fault.PRIVATE)
        assert receiver.came == []


def test_the_next_address_of_a_name_is_tried_where_nobody_listens(
    names: list[list[str]],
) -> None:
    with Receiver() as receiver:
        names.append(["127.0.0.2", "127.0.0.1"])
        (reply,) = sent(f"http://{NAME}:{receiver.port}/")
        assert reply.is_taken
        assert len(receiver.came) == 1


def test_a_name_that_leads_nowhere_says_so(names: list[list[str]]) -> None:
    destination = parse_destination(f"https://{NAME}/", allows_private=False)
    with pytest.raises(LookUpError) as missing:
        asyncio.run(door().addresses(destination))
    assert missing.value.fault is Fault.NO_ADDRESS
    names.append([])
    with pytest.raises(LookUpError):
        asyncio.run(door().addresses(destination))


def test_a_connection_is_kept_for_the_next() -> None:
    with Receiver() as receiver:
        replies = sent(receiver.url, times=5)
        assert all(reply.is_taken for reply in replies)
        assert (len(receiver.came), len(receiver.callers)) == (5, 1)


@pytest.mark.parametrize(
    ("certified", "is_taken"), [(NAME, True), ("otra.local", False)]
)
def test_the_certificate_has_to_be_of_the_name_that_is_called(
    names: list[list[str]], tmp_path: Path, certified: str, is_taken: bool
) -> None:
    now = datetime.now(UTC)
    issuer = certificates.Authority.create("La Esquina", "caja", now)
    path, _ = certificates.server_certificate(tmp_path, issuer, ([certified], []), now)
    asked: list[str | None] = []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    tls.sni_callback = lambda _, name, __: asked.append(name)
    with Receiver(tls=tls) as receiver:
        names.append(["127.0.0.1"])
        url = f"https://{NAME}:{receiver.port}/"
        (reply,) = sent(url, context=trusting(issuer.pem))
        assert reply.is_taken == is_taken
        assert len(receiver.came) == is_taken
        if not is_taken:
            assert reply == Reply(None, Fault.CERTIFICATE)
    assert asked == [NAME]


def test_a_certificate_that_nobody_trusts_is_not_taken(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    issuer = certificates.Authority.create("La Esquina", "caja", now)
    names: certificates.Names = ["a.local"], [ip_address("127.0.0.1")]
    path, _ = certificates.server_certificate(tmp_path, issuer, names, now)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    with Receiver(tls=tls) as receiver:
        url = receiver.url.replace("http:", "https:")
        (reply,) = sent(url, context=trusted())
        assert reply == Reply(None, Fault.CERTIFICATE)
        (reply,) = sent(url, context=trusting(issuer.pem))
        assert reply.is_taken


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (b"", Fault.NO_HTTP),
        (b"hola\r\n\r\n", Fault.NO_HTTP),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx", Fault.NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", Fault.NO_HTTP),
    ],
)
def test_what_is_no_answer_of_http_is_a_failure(reply: bytes, answer: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(reply)

        threading.Thread(target=answer_once, daemon=True).start()
        port = server.getsockname()[1]
        (got,) = sent(f"http://127.0.0.1:{port}/")
    assert (got.status, got.answer) == (None, answer)


def test_of_a_long_answer_the_beginning_is_read_and_the_next_request_comes_through() -> (
    None
):
    long = Answering(200, b"\x00\xff<b>" + b"x" * (MAX_ANSWER_BYTES * 50))
    with Receiver(lambda _: long) as receiver:
        replies = sent(receiver.url, times=3)
        assert [reply.status for reply in replies] == [200] * 3
        assert len(replies[0].answer) == 200
        assert replies[0].answer.startswith("\ufffd<b>xxx")


def test_a_retry_after_is_seconds_or_a_day_and_time() -> None:
    now_s = 1_764_590_400.0
    assert asked_pause_s(None, now_s) is None
    assert asked_pause_s("120", now_s) == 120
    assert asked_pause_s(" 9" * 1, now_s) == 9
    assert asked_pause_s("9" * 400, now_s) == 999_999_999
    assert asked_pause_s("Mon, 01 Dec 2025 12:01:40 GMT", now_s) == 100
    assert asked_pause_s("Mon, 01 Dec 2025 11:00:00 GMT", now_s) == 0
    for text in ("pronto", "-5", "1.5", "", "Mon, 99 Foo 2025"):
        assert asked_pause_s(text, now_s) is None


def test_a_secret_is_opened_by_the_same_key_for_the_same_address_alone() -> None:
    secret, sealed = door().make_secret("a")
    assert door().open_secret("a", sealed) == secret
    assert secret.hex() not in sealed
    other = WebhookDoor(b"o" * 32, allows_private=True)
    for opener, webhook_id, text in (
        (other, "a", sealed),
        (door(), "b", sealed),
        (door(), "a", sealed[:-2]),
        (door(), "a", "nada"),
        (door(), "a", ""),
    ):
        with pytest.raises(OtherKeyError):
            opener.open_secret(webhook_id, text)

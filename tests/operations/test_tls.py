"""A shop that speaks TLS, with its own certificate or with given files."""

import contextlib
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from tests.harness.clients import client
from tests.harness.server import Server, ServerProcess, free_port
from tests.harness.shell import COMMAND, shell
from tests.harness.waiting import PATIENCE_S
from tests.operations.shaking import handshake, shaken, trusting

from trastienda.clients.sdk import ApiError, Client, NotFound
from trastienda.operations import certificates
from trastienda.operations.certificates import Names
from trastienda.operations.tls import GivenTls, OwnTls

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES: Names = (["localhost"], [ip_address("127.0.0.1")])
OWN = ["--https"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a shop may be."""
    return tmp_path / "shop"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A shop with its own certificate."""
    with Server(tmp_path_factory.mktemp("tls") / "shop", *OWN) as server:
        yield server


def authority_of(server: Server) -> bytes:
    return (server.data / "tls" / "ca.pem").read_bytes()


def secure_client(
    server: Server, username: str | None = None, host: str = "localhost"
) -> Client:
    trust = trusting(authority_of(server))
    return client(f"https://{host}:{server.port}", username, verify=trust)


def is_alive(somebody: Client) -> bool:
    return bool(somebody.request("GET", "/salud").json() == {"estado": "viva"})


def has_no_certificate(somebody: Client) -> bool:
    try:
        somebody.request("GET", "/certificado", accept="*/*")
    except NotFound:
        return True
    return False


def given(folder: Path, name: str, now: datetime = NOW) -> tuple[Path, Path]:
    """A certificate of an authority of its own, and its key, in two files."""
    made, _ = certificates.authority(folder / name, "Otra", "", now)
    path, _ = certificates.server_certificate(folder / name, made, NAMES, now)
    key, _, certificate = path.read_text().partition("-----END PRIVATE KEY-----\n")
    (folder / f"{name}.key").write_text(f"{key}-----END PRIVATE KEY-----\n")
    (folder / f"{name}.pem").write_text(certificate)
    return folder / f"{name}.pem", folder / f"{name}.key"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_connects_by_name_and_address(
    served: Server, host: str
) -> None:
    with secure_client(served, host=host) as somebody:
        assert is_alive(somebody)
    assert served.urls == [f"https://127.0.0.1:{served.port}"]


def test_clients_without_trust_or_without_tls_get_no_answer(
    served: Server,
) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://127.0.0.1:{served.port}/salud")
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{served.port}/salud")
    assert "Traceback" not in served.log


def test_old_versions_of_tls_are_refused(tmp_path: Path) -> None:
    tls = OwnTls(tmp_path, "Almacén")
    old = trusting(tls.authority.pem)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="UNSUPPORTED_PROTOCOL"):
        handshake(old, tls.context, "localhost")


def test_the_shop_offers_its_certificate_for_download(served: Server) -> None:
    taken = httpx.get(
        f"https://127.0.0.1:{served.port}/certificado",
        verify=trusting(authority_of(served)),
    )
    assert taken.status_code == 200
    assert taken.content == authority_of(served)
    assert taken.headers["content-type"] == "application/x-x509-ca-cert"
    assert 'filename="trastienda.crt"' in taken.headers["content-disposition"]
    print_of = x509.load_pem_x509_certificate(taken.content).fingerprint(SHA256())
    assert print_of.hex(":").upper() in served.output
    assert f"https://127.0.0.1:{served.port}/certificado" in served.output
    assert "Es nuevo" in served.output


def test_large_bodies_and_many_calls_work_over_one_tls_connection(
    served: Server,
) -> None:
    codes = [f"P{number:05}" for number in range(500)]
    with secure_client(served, "ana") as ana:
        for code in codes:
            ana.create_product(code, f"Producto {code}", 10, stock=9)
        sale = ana.sell(dict.fromkeys(codes, 1))
        assert (sale.total, len(sale.detalle)) == (5000, 500)
        assert len(list(ana.products())) == 500

        body = {"usuario": "a" * 300_000, "clave": ""}
        with pytest.raises(ApiError) as refused:
            ana.request("POST", "/login", body=body)
        assert refused.value.status == 413


def test_an_endless_request_head_is_cut_off(served: Server) -> None:
    trust = trusting(authority_of(served))
    with (
        socket.create_connection(("127.0.0.1", served.port), PATIENCE_S) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as somebody,
    ):
        somebody.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n")
        with contextlib.suppress(OSError):
            for _ in range(100):
                somebody.sendall(b"X-Filler: " + b"x" * 2000 + b"\r\n")
        answer = b""
        with contextlib.suppress(OSError):
            while piece := somebody.recv(4096):
                answer += piece
        assert not answer or answer.startswith(b"HTTP/1.1 431 ")
    with secure_client(served) as another:
        assert is_alive(another)


def test_the_authority_is_kept_and_announced_as_new_once(
    data: Path,
) -> None:
    with Server(data, https="si") as server:
        before = authority_of(server)
        assert server.stop() == 0
    with Server(data, *OWN) as server, secure_client(server) as somebody:
        assert authority_of(server) == before
        assert "Es nuevo" not in server.output
        assert is_alive(somebody)


def test_a_tls_server_stops_in_time_whoever_is_connected(data: Path) -> None:
    """An endless handshake or a goodbye without an answer does not hold it up."""
    with Server(data, *OWN) as server:
        port = "127.0.0.1", server.port
        with (
            socket.create_connection(port) as plain,
            socket.create_connection(port) as begun,
        ):
            idle = trusting(authority_of(server)).wrap_socket(
                plain, server_hostname="localhost"
            )
            begun.sendall(b"\x16\x03\x01")
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.wait() == 0
            assert time.monotonic() - began < 10
            idle.close()
    assert "Traceback" not in server.log


def test_without_tls_there_is_no_certificate(data: Path) -> None:
    with Server(data) as server, client(server) as somebody:
        assert has_no_certificate(somebody)
        assert not (data / "tls").exists()


def test_a_damaged_certificate_is_reported_and_the_shop_stays_closed(
    data: Path,
) -> None:
    with Server(data, *OWN):
        pass
    (data / "tls" / "ca.key").write_bytes(b"")
    refused = shell("serve", "--data", data, "--port", "0", "--https", cwd=data.parent)
    assert refused.returncode == 1
    assert "está dañado; repón su copia, o borra esa carpeta" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_given_files_are_used_before_the_shops_own(data: Path) -> None:
    certificate, key = given(data.parent, "given")
    settings: dict[str, Any] = {
        "tls_cert": str(certificate),
        "tls_key": str(key),
        "https": "si",
    }
    with Server(data, **settings) as server:
        trust = trusting((data.parent / "given" / "ca.pem").read_bytes())
        with client(server, verify=trust) as somebody:
            assert is_alive(somebody)
            assert has_no_certificate(somebody)
    assert not (data / "tls").exists()


def mistakes(folder: Path) -> list[tuple[dict[str, str], str]]:
    """Settings that cannot be, each with what is said of it."""
    certificate, key = given(folder, "given")
    old, old_key = given(folder, "old", NOW - timedelta(days=500))
    early, early_key = given(folder, "early", NOW + timedelta(days=50))
    _, other_key = given(folder, "other")
    (folder / "locked.key").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    (folder / "nothing.pem").write_text("nada")
    pairs = [
        (certificate, None, "TRASTIENDA_TLS_CERT necesita también TRASTIENDA_TLS_KEY"),
        (None, key, "TRASTIENDA_TLS_KEY necesita también TRASTIENDA_TLS_CERT"),
        (folder / "none.pem", key, "TRASTIENDA_TLS_CERT: no se puede leer"),
        (certificate, folder / "none.key", "TRASTIENDA_TLS_KEY: no se puede leer"),
        (folder / "nothing.pem", key, "TRASTIENDA_TLS_CERT: "),
        (certificate, folder / "nothing.pem", "TRASTIENDA_TLS_KEY: "),
        (certificate, folder / "locked.key", "protegida"),
        (certificate, other_key, "TRASTIENDA_TLS_KEY: la clave"),
        (old, old_key, "venció el"),
        (early, early_key, "vale recién desde el"),
    ]
    return [
        (
            {
                name: str(file)
                for name, file in (
                    ("tls_cert", certificate_file),
                    ("tls_key", key_file),
                )
                if file is not None
            },
            detail,
        )
        for certificate_file, key_file, detail in pairs
    ]


def test_unusable_files_are_reported_before_a_port_opens(
    data: Path,
) -> None:
    for settings, detail in mistakes(data.parent):
        refused = shell(
            "serve", "--data", data, "--port", "0", cwd=data.parent, settings=settings
        )
        assert refused.returncode == 1
        assert refused.stderr.startswith("trastienda: TRASTIENDA_TLS_"), refused.stderr
        assert detail in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not data.exists()


def test_renewed_files_are_loaded_and_bad_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = given(tmp_path, "first")
    following, following_key = given(tmp_path, "second")
    first, second = (
        (tmp_path / name / "ca.pem").read_bytes() for name in ("first", "second")
    )
    tls = GivenTls(certificate, key)
    assert shaken(tls.context, first, "localhost")
    certificate.write_text("nada")
    tls.refresh()
    assert "el certificado de antes sigue en uso" in caplog.text
    assert shaken(tls.context, first, "localhost")
    shutil.copy(following, certificate)
    shutil.copy(following_key, key)
    tls.refresh()
    assert shaken(tls.context, second, "localhost")


def test_an_own_certificate_is_renewed_when_an_address_is_new(
    tmp_path: Path,
) -> None:
    tls = OwnTls(tmp_path, "Almacén")
    before = shaken(tls.context, tls.authority.pem, "localhost")
    tls.refresh()
    assert shaken(tls.context, tls.authority.pem, "localhost") == before
    folder = tmp_path / "tls"
    (folder / "server.pem").unlink()
    certificates.server_certificate(
        folder, tls.authority, (["localhost"], []), NOW
    )  # as if one came up since
    tls.refresh()
    after = shaken(tls.context, tls.authority.pem, "127.0.0.1")
    assert after != before


def test_the_demo_speaks_tls_too(tmp_path: Path) -> None:
    port = free_port()
    command = [*COMMAND, "demo", "--https", "--port", str(port)]
    with ServerProcess(command, files=tmp_path / "demo", cwd=tmp_path) as demo:
        demo.wait_until_ready()
        assert f"https://127.0.0.1:{port}/app/" in demo.output
        taken = httpx.get(f"https://127.0.0.1:{port}/certificado", verify=False)
        assert taken.status_code == 200
        assert demo.stop() == 0

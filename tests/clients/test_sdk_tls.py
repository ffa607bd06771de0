"""A shop with a certificate of its own."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.clients.conftest import Connect

from trastienda.clients.sdk import ConnectionLost

PATIENCE_S = 60


class Handler(BaseHTTPRequestHandler):
    """Answers anything with an empty object."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    """Counts connections, and ignores those that end during the handshake."""

    knocks = 0

    def verify_request(self, request: object, client_address: object) -> bool:
        self.knocks += 1
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody else trusts, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tienda")])
    now = datetime.now(UTC)
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "trastienda.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        issued.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, *plain)
    )
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    """A server behind that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE_S)


def test_the_file_of_the_shops_certificate_is_trusted(
    connect: Connect, secure: Server, certificate: Path
) -> None:
    url = f"https://127.0.0.1:{secure.server_address[1]}"
    for verify in (
        certificate,
        str(certificate),
        ssl.create_default_context(cafile=certificate),
    ):
        assert connect(url, verify=verify).request("GET", "/").json() == {}


def test_an_unknown_certificate_is_refused_at_once(
    connect: Connect, secure: Server
) -> None:
    client = connect(f"https://127.0.0.1:{secure.server_address[1]}")
    with pytest.raises(ConnectionLost, match="certificate verify failed") as caught:
        client.sell([("7804567000014", 1)])
    assert not caught.value.maybe_done
    assert secure.knocks == 1

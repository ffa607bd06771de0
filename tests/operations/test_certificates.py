"""The shop's own authority and certificate: good for this house only."""

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.operations.shaking import certificate_of, shaken

from trastienda.operations import addresses, certificates
from trastienda.operations.certificates import RENEW_DAYS, SERVER_DAYS, Authority, Names
from trastienda.operations.errors import StartError

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES: Names = (
    ["localhost", "caja-1", "caja-1.local"],
    [ip_address("127.0.0.1"), ip_address("192.168.1.20")],
)

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs openssl"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a shop keeps its certificates."""
    return tmp_path / "tls"


@pytest.fixture
def shop(folder: Path) -> Authority:
    """The authority of a shop."""
    return certificates.authority(folder, "Almacén Ñuñoa", "caja-1", NOW)[0]


def server(folder: Path, names: Names = NAMES) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    by = certificates.authority(folder, "", "", NOW)[0]
    context.load_cert_chain(certificates.server_certificate(folder, by, names, NOW)[0])
    return context


def test_the_authority_is_made_once_and_kept(folder: Path) -> None:
    made, is_new = certificates.authority(folder, "Almacén Ñuñoa", "caja-1", NOW)
    stored, is_new_again = certificates.authority(
        folder, "Otro nombre", "otra", NOW + timedelta(days=900)
    )
    assert (is_new, is_new_again) == (True, False)
    assert stored.pem == made.pem
    assert made.certificate.subject.rfc4514_string() == "CN=Trastienda de Almacén Ñuñoa"
    assert len(made.fingerprint.split(":")) == 32


def test_a_shop_with_a_long_name_gets_an_authority(folder: Path) -> None:
    made, _ = certificates.authority(folder, "Ñ" * 200, "", NOW)
    assert len(made.certificate.subject.rfc4514_string()) <= len("CN=") + 64


def test_only_its_owner_can_read_the_keys(folder: Path, shop: Authority) -> None:
    server(folder)
    rights = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert rights == {"ca.key": 0o600, "ca.pem": 0o644, "server.pem": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["localhost", "caja-1.local", "127.0.0.1", "192.168.1.20"]
)
def test_a_client_that_trusts_the_authority_accepts_the_servers_names(
    folder: Path, shop: Authority, name: str
) -> None:
    assert shaken(server(folder), shop.pem, name)


@pytest.mark.parametrize("name", ["caja-2.local", "192.168.1.21", "example.com"])
def test_a_server_under_another_name_is_refused(
    folder: Path, shop: Authority, name: str
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(server(folder), shop.pem, name)


@pytest.mark.parametrize("name", ["example.com", "banco.cl", "caja", "8.8.8.8"])
def test_a_stolen_authority_key_cannot_sign_for_other_sites(
    folder: Path, shop: Authority, name: str
) -> None:
    numeric = name[0].isdigit()
    stolen: Names = ([], [ip_address(name)]) if numeric else ([name], [])
    with pytest.raises(
        ssl.SSLCertVerificationError, match="permitted subtree violation"
    ):
        shaken(server(folder, (["localhost", *stolen[0]], stolen[1])), shop.pem, name)


@needs_openssl
def test_openssl_accepts_the_chain_for_servers_only(
    folder: Path, shop: Authority
) -> None:
    server(folder)

    def verified(*arguments: str) -> bool:
        command = [
            "openssl",
            "verify",
            "-x509_strict",
            "-CAfile",
            "ca.pem",
            *arguments,
            "server.pem",
        ]
        return (
            subprocess.run(
                command, cwd=folder, capture_output=True, check=False
            ).returncode
            == 0
        )

    assert verified("-purpose", "sslserver")
    assert not verified("-purpose", "smimesign")
    assert not verified("-purpose", "sslclient")


def test_the_certificate_meets_the_demands_of_phones(
    folder: Path, shop: Authority
) -> None:
    made = certificate_of(shaken(server(folder), shop.pem, "localhost"))
    assert (
        made.not_valid_after_utc - made.not_valid_before_utc
        <= timedelta(days=SERVER_DAYS)
        <= timedelta(days=397)
    )
    uses = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert isinstance(made.signature_hash_algorithm, SHA256)


@pytest.mark.parametrize(
    ("days", "names", "renewed"),
    [
        (0, NAMES, False),
        (SERVER_DAYS - RENEW_DAYS - 3, NAMES, False),
        (SERVER_DAYS - RENEW_DAYS + 3, NAMES, True),
        (0, (["localhost"], []), False),
        (0, (["localhost"], [ip_address("10.0.0.7")]), True),
        (-30, NAMES, True),
    ],
    ids=[
        "same day",
        "long before its end",
        "before its end",
        "an address less",
        "another address",
        "clock set back",
    ],
)
def test_a_certificate_is_renewed_when_it_no_longer_fits(
    folder: Path, shop: Authority, days: int, names: Names, renewed: bool
) -> None:
    before = certificates.server_certificate(folder, shop, NAMES, NOW)[0].read_bytes()
    path, is_new = certificates.server_certificate(
        folder, shop, names, NOW + timedelta(days=days)
    )
    assert (is_new, path.read_bytes() != before) == (renewed, renewed)


def test_an_authority_about_to_end_is_replaced(folder: Path, shop: Authority) -> None:
    later = NOW + timedelta(days=certificates.AUTHORITY_DAYS - RENEW_DAYS + 1)
    following, is_new = certificates.authority(folder, "Almacén", "caja-1", later)
    assert is_new
    assert following.pem != shop.pem
    _, made_anew = certificates.server_certificate(folder, following, NAMES, later)
    assert made_anew


def test_no_certificate_outlives_its_authority(folder: Path, shop: Authority) -> None:
    later = NOW + timedelta(days=certificates.AUTHORITY_DAYS - 100)
    path, _ = certificates.server_certificate(folder, shop, NAMES, later)
    made = x509.load_pem_x509_certificate(path.read_bytes())
    assert made.not_valid_after_utc == shop.certificate.not_valid_after_utc


def test_half_written_files_do_no_harm(folder: Path, shop: Authority) -> None:
    for name in ("ca.key.new", "ca.pem.new", "server.pem.new"):
        (folder / name).write_bytes(b"half")
    (folder / "server.pem").write_bytes(b"-----BEGIN")
    assert shaken(server(folder), shop.pem, "localhost")
    (folder / "ca.pem").unlink()  # it crashed between the key and its certificate
    following, is_new = certificates.authority(folder, "Almacén", "caja-1", NOW)
    assert is_new
    assert shaken(server(folder), following.pem, "localhost")


@pytest.mark.parametrize("file", ["ca.pem", "ca.key"])
@pytest.mark.parametrize(
    "content",
    [b"", b"nada", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_a_damaged_authority_is_reported(
    folder: Path, shop: Authority, file: str, content: bytes
) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(StartError, match="está dañado; repón su copia"):
        certificates.authority(folder, "Almacén", "caja-1", NOW)


def test_a_missing_or_foreign_private_key_is_reported(
    folder: Path, shop: Authority, tmp_path: Path
) -> None:
    certificates.authority(tmp_path / "other", "Otra", "", NOW)
    shutil.copy(tmp_path / "other" / "ca.key", folder / "ca.key")
    with pytest.raises(StartError, match="dañado"):
        certificates.authority(folder, "Almacén", "caja-1", NOW)
    (folder / "ca.key").unlink()
    with pytest.raises(StartError, match=r"ca\.key no se puede leer"):
        certificates.authority(folder, "Almacén", "caja-1", NOW)


def test_an_authority_does_not_cover_a_top_level_domain(
    folder: Path,
) -> None:
    made, _ = certificates.authority(folder, "Almacén", "shop", NOW)
    wanted = certificates.within(
        made, (["localhost", "shop", "shop.local"], [ip_address("8.8.8.8")])
    )
    assert wanted == (["localhost", "shop.local"], [])
    assert not addresses.is_unmistakable("xn--80asehdb")
    assert not addresses.is_unmistakable("")
    assert addresses.is_unmistakable("desktop-7a3")


def test_this_machine_knows_its_names_and_addresses() -> None:
    assert addresses.names()[0] == "localhost"
    assert addresses.addresses()[:2] == [ip_address("127.0.0.1"), ip_address("::1")]

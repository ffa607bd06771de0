"""The shop's own certificates: an authority that is good for this house only, and what the server shows of it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from trastienda.operations import atomic_files
from trastienda.operations.addresses import Address, is_unmistakable
from trastienda.operations.errors import StartError

Names: TypeAlias = tuple[list[str], list[Address]]

AUTHORITY_DAYS = 3650
"""Each phone is told once whom to trust, so that it lasts as long as a phone does, and longer."""
SERVER_DAYS = 397
"""Apple takes at most 825 days of an authority that the user trusts, and 398 of any other; these pass everywhere."""
RENEW_DAYS = 30
"""So that a shop that stands closed for its holidays does not come back to a certificate that is over."""
CLOCK_DAYS = 1
"""How far a phone's clock may lag behind and still find the certificate valid."""
LONGEST_NAME = 64
"""Bytes of a common name (RFC 5280 counts characters, and what reads it counts bytes)."""

HOUSE_DOMAINS = ("localhost", "local", "lan", "home.arpa")
"""What no public site is called, with all that ends so."""
HOUSE_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
"""Addresses that no public site has."""

AUTHORITY_FILE, AUTHORITY_KEY_FILE, SERVER_FILE = "ca.pem", "ca.key", "server.pem"


class Authority(Struct):
    """Whoever trusts this certificate trusts what its key signs, which is this house's."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate, as phones and computers take it in."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as phones and computers show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def authority(
    folder: Path, shop_name: str, host_name: str, now: datetime
) -> tuple[Authority, bool]:
    """Return the authority kept in ``folder`` and whether it is new; raise StartError where it is damaged.

    It is new on the first day, and when the one before is about to end.
    """
    certificate, key = folder / AUTHORITY_FILE, folder / AUTHORITY_KEY_FILE
    if certificate.exists():
        kept = _kept_authority(certificate, key)
        if kept.certificate.not_valid_after_utc - now > timedelta(days=RENEW_DAYS):
            return kept, False
        certificate.unlink()  # first: a key without its certificate counts for nothing
    made = _new_authority(shop_name, host_name, now)
    folder.mkdir(mode=0o700, exist_ok=True)
    atomic_files.write(key, _key_pem(made.key), 0o600)
    atomic_files.write(certificate, made.pem, 0o644)
    return made, True


def _kept_authority(certificate: Path, key: Path) -> Authority:
    try:
        kept = Authority(
            x509.load_pem_x509_certificate(certificate.read_bytes()),
            _private_key(key.read_bytes()),
        )
        if kept.certificate.public_key() != kept.key.public_key():
            raise ValueError("they do not belong together")
    except OSError as error:
        raise StartError(
            f"{error.filename} no se puede leer ({error.strerror}); reponga su copia"
        ) from error
    except (ValueError, TypeError) as error:
        raise StartError(
            f"el certificado propio de la tienda, en {certificate.parent}, está dañado; reponga su copia, o borre esa "
            "carpeta y vuelva a confiar en el nuevo desde cada equipo"
        ) from error
    return kept


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(type(key).__name__)
    return key


def _new_authority(shop_name: str, host_name: str, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    title = (
        f"Trastienda de {shop_name}".encode()[:LONGEST_NAME]
        .decode(errors="ignore")
        .strip()
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    domains = dict.fromkeys(
        (*HOUSE_DOMAINS, *([host_name] if is_unmistakable(host_name) else []))
    )
    names: list[x509.GeneralName] = [x509.DNSName(domain) for domain in domains]
    names += [x509.IPAddress(network) for network in HOUSE_NETWORKS]
    certificate = (
        _builder(name, name, key, key, now, now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        # a stolen key must not pass for a bank, nor sign programs or mail: only servers, only here
        .add_extension(
            x509.NameConstraints(permitted_subtrees=names, excluded_subtrees=None),
            critical=True,
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def server_certificate(
    folder: Path, by: Authority, wanted: Names, now: datetime
) -> tuple[Path, bool]:
    """Return the file with the server's key and certificate, and whether it had to be made anew.

    ``wanted`` are names and addresses that the authority may sign (see ``within``).
    """
    path = folder / SERVER_FILE
    kept = _kept_server(path)
    if kept is not None and _serves(kept, by, wanted, now):
        return path, False
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(
        now + timedelta(days=SERVER_DAYS - CLOCK_DAYS),
        by.certificate.not_valid_after_utc,
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted[0][0])])
    made = (
        _builder(name, by.certificate.subject, key, by.key, now, until)
        .add_extension(x509.SubjectAlternativeName(_general(wanted)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(by.key, hashes.SHA256())
    )
    # one file, so that key and certificate are replaced together or not at all
    atomic_files.write(
        path, _key_pem(key) + made.public_bytes(serialization.Encoding.PEM), 0o600
    )
    return path, True


def _kept_server(path: Path) -> x509.Certificate | None:
    """What a crash or a curious hand has left of it is made anew: nobody has to trust it by itself."""
    try:
        content = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(content)
        return (
            certificate
            if _private_key(content).public_key() == certificate.public_key()
            else None
        )
    except (OSError, ValueError, TypeError):
        return None


def _serves(
    kept: x509.Certificate, by: Authority, wanted: Names, now: datetime
) -> bool:
    try:
        kept.verify_directly_issued_by(by.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    there = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = kept.not_valid_after_utc - now
    return (
        left > timedelta(days=RENEW_DAYS)
        and now >= kept.not_valid_before_utc
        and set(_general(wanted)) <= {*there}
    )


def within(by: Authority, names: Names) -> Names:
    """Return the names that the authority may sign: one more, and nobody would take the certificate."""
    limits = (
        by.certificate.extensions.get_extension_for_class(
            x509.NameConstraints
        ).value.permitted_subtrees
        or []
    )
    domains = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    networks = [limit.value for limit in limits if isinstance(limit, x509.IPAddress)]
    return (
        [
            name
            for name in names[0]
            if any(f".{name}".endswith(f".{domain}") for domain in domains)
        ],
        [
            address
            for address in names[1]
            if any(ip_address(address) in network for network in networks)  # type: ignore[operator]
        ],
    )


def _general(names: Names) -> list[x509.GeneralName]:
    return [
        *(x509.DNSName(name) for name in names[0]),
        *(x509.IPAddress(address) for address in names[1]),
    ]


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    public, issuer_public = key.public_key(), issuer_key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=CLOCK_DAYS))
        .not_valid_after(until)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public),
            critical=False,
        )
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def validity(pem: bytes) -> tuple[datetime, datetime]:
    """Return from when until when the first certificate of a chain is valid. Raises ValueError."""
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def now_utc() -> datetime:
    """The clock of certificates, which has no fractions of a second."""
    return datetime.now(UTC).replace(microsecond=0)

"""The shop's own certificates: an authority for this house only, and its server's."""

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
"""Each phone is told once whom to trust, so it lasts as long as a phone, and longer."""
SERVER_DAYS = 397
"""Apple takes at most 825 days of an authority that the user trusts, and 398 of any
other; these pass everywhere."""
RENEW_DAYS = 30
"""A shop that is closed for its holidays must not come back to an expired one."""
CLOCK_DAYS = 1
"""How far a phone's clock may lag behind and still find the certificate valid."""
COMMON_NAME_BYTES = 64
"""RFC 5280 counts the characters of a common name, and what reads it counts bytes."""

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

AUTHORITY_FILE = "ca.pem"
AUTHORITY_KEY_FILE = "ca.key"
SERVER_FILE = "server.pem"


class Authority(Struct):
    """A certificate authority: whoever trusts it trusts this house's certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate, as phones and computers import it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as phones and computers show it."""
        digest = self.certificate.fingerprint(hashes.SHA256())
        return digest.hex(":").upper()

    @classmethod
    def read(cls, certificate_file: Path, key_file: Path) -> "Authority":
        """Read a stored authority. Raises StartError where it is damaged."""
        try:
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            key = _private_key(key_file.read_bytes())
            if certificate.public_key() != key.public_key():
                raise ValueError("they do not belong together")
        except OSError as error:
            raise StartError(
                f"{error.filename} no se puede leer ({error.strerror}); repón su copia"
            ) from error
        except (ValueError, TypeError) as error:
            raise StartError(
                "el certificado propio de la tienda, en "
                f"{certificate_file.parent}, está dañado; repón su copia, o borra "
                "esa carpeta y vuelve a confiar en el nuevo desde cada equipo"
            ) from error
        return cls(certificate, key)

    @classmethod
    def create(cls, shop_name: str, host_name: str, now: datetime) -> "Authority":
        """Create an authority that may sign the servers of this house only."""
        key = ec.generate_private_key(ec.SECP256R1())
        # Cut to what fits, and not in the middle of a character.
        title = f"Trastienda de {shop_name}".encode()[:COMMON_NAME_BYTES]
        name = _name(title.decode(errors="ignore").strip())

        domains = list(HOUSE_DOMAINS)
        if is_unmistakable(host_name) and host_name not in domains:
            domains.append(host_name)
        permitted = _general_names((domains, []))
        permitted += [x509.IPAddress(network) for network in HOUSE_NETWORKS]
        constraints = x509.NameConstraints(
            permitted_subtrees=permitted, excluded_subtrees=None
        )

        until = now + timedelta(days=AUTHORITY_DAYS)
        certificate = (
            _builder(name, name, key, key, now, until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            # A stolen key must not pass for a bank, nor sign programs or mail: it
            # signs servers only, and only those of this house.
            .add_extension(constraints, critical=True)
            .add_extension(_SERVERS_ONLY, critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)


def authority(
    folder: Path, shop_name: str, host_name: str, now: datetime
) -> tuple[Authority, bool]:
    """Return the authority stored in ``folder`` and whether it is new.

    It is new on the first day, and when the one before is about to end. Raises
    StartError where it is damaged.
    """
    certificate_file = folder / AUTHORITY_FILE
    key_file = folder / AUTHORITY_KEY_FILE
    if certificate_file.exists():
        stored = Authority.read(certificate_file, key_file)
        time_left = stored.certificate.not_valid_after_utc - now
        if time_left > timedelta(days=RENEW_DAYS):
            return stored, False

        # First of all: a key without its certificate counts for nothing.
        certificate_file.unlink()

    new = Authority.create(shop_name, host_name, now)
    folder.mkdir(mode=0o700, exist_ok=True)
    atomic_files.write(key_file, _key_pem(new.key), 0o600)
    atomic_files.write(certificate_file, new.pem, 0o644)
    return new, True


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the private key in a PEM text. Raises ValueError or TypeError."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(type(key).__name__)
    return key


def server_certificate(
    folder: Path, issuer: Authority, names: Names, now: datetime
) -> tuple[Path, bool]:
    """Return the file with the server's key and certificate, and whether it is new.

    ``names`` are names and addresses that the authority may sign (see :func:`within`).
    """
    path = folder / SERVER_FILE
    if _is_still_good(path, issuer, names, now):
        return path, False

    key = ec.generate_private_key(ec.SECP256R1())
    until = min(
        now + timedelta(days=SERVER_DAYS - CLOCK_DAYS),
        issuer.certificate.not_valid_after_utc,
    )
    domains, _ = names
    name = _name(domains[0])
    general_names = _general_names(names)
    certificate = (
        _builder(name, issuer.certificate.subject, key, issuer.key, now, until)
        .add_extension(x509.SubjectAlternativeName(general_names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(_SERVERS_ONLY, critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    # One file, so that key and certificate are replaced together or not at all.
    pem = _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)
    atomic_files.write(path, pem, 0o600)
    return path, True


def _is_still_good(path: Path, issuer: Authority, names: Names, now: datetime) -> bool:
    """Tell whether the stored server certificate may go on being used.

    Where it is missing or damaged, another is made: nobody has to trust this one by
    itself.
    """
    try:
        content = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(content)
        key = _private_key(content)
    except (OSError, ValueError, TypeError):
        return False

    if key.public_key() != certificate.public_key():
        return False
    try:
        certificate.verify_directly_issued_by(issuer.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False

    has_begun = now >= certificate.not_valid_before_utc
    time_left = certificate.not_valid_after_utc - now
    lasts = time_left > timedelta(days=RENEW_DAYS)
    alternative_names = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    has_names = set(_general_names(names)) <= set(alternative_names)
    return has_begun and lasts and has_names


def within(issuer: Authority, names: Names) -> Names:
    """Return the names that the authority may sign.

    One more, and nobody would take the certificate.
    """
    constraints = issuer.certificate.extensions.get_extension_for_class(
        x509.NameConstraints
    ).value
    suffixes = []
    networks = []
    for subtree in constraints.permitted_subtrees or []:
        if isinstance(subtree, x509.DNSName):
            suffixes.append(f".{subtree.value}")
        elif isinstance(subtree, x509.IPAddress):
            networks.append(subtree.value)

    domains, addresses = names
    allowed_suffixes = tuple(suffixes)
    signed_domains = [
        domain for domain in domains if f".{domain}".endswith(allowed_suffixes)
    ]

    def is_in_house(address: Address) -> bool:
        return any(ip_address(address) in network for network in networks)  # type: ignore[operator]

    signed_addresses = [address for address in addresses if is_in_house(address)]
    return signed_domains, signed_addresses


_SERVERS_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def _name(common_name: str) -> x509.Name:
    attribute = x509.NameAttribute(NameOID.COMMON_NAME, common_name)
    return x509.Name([attribute])


def _general_names(names: Names) -> list[x509.GeneralName]:
    domains, addresses = names
    general_names: list[x509.GeneralName] = [x509.DNSName(name) for name in domains]
    general_names += [x509.IPAddress(address) for address in addresses]
    return general_names


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    public = key.public_key()
    issuer_public = issuer_key.public_key()
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
    """Return since when and until when the first certificate of a chain is valid.

    Raises ValueError where it is no certificate.
    """
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def site_names(pem: bytes) -> list[str]:
    """Return the names that the first certificate of a chain is for."""
    certificate = x509.load_pem_x509_certificate(pem)
    try:
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except x509.ExtensionNotFound:  # no browser takes one without it
        return []
    names = extension.value.get_values_for_type(x509.DNSName)
    return [name.lower() for name in names]


def now_utc() -> datetime:
    """The clock of certificates, which has no fractions of a second."""
    return datetime.now(UTC).replace(microsecond=0)

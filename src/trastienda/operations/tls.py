"""TLS: with files that are given, or with the shop's own certificate; looked after while the shop is open.

``certificates`` is imported where it is needed: what it takes of cryptography is felt at the start, and only TLS needs
it.
"""

import logging
import ssl
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from trastienda.config import Settings
from trastienda.operations import addresses
from trastienda.operations.opening import Opened, StartError, reading_of

log = logging.getLogger(__name__)

FOLDER = "tls"
LOOK_S = 600
"""How often certificates are looked at while the shop is open: a router may give another address at any time, and
whoever looks after given files renews them while the shop is open."""


class GivenTls:
    """TLS with a certificate and a key that somebody else keeps."""

    authority = None

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = certificate, key
        self._seen = self._stamps()
        self.context = _context()
        _load_given(self.context, certificate, key)

    def refresh(self) -> None:
        """Take files that were replaced since, for the connections to come; bad ones are told and not taken."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            _load_given(
                _context(), *self._files
            )  # elsewhere first: a context is not to be left with half a pair
            _load_given(self.context, *self._files)
        except StartError as error:
            log.warning("%s; el certificado de antes sigue en uso", error)

    def _stamps(self) -> list[tuple[int, int]]:
        return [(0, 0) if not file.exists() else _stamp(file) for file in self._files]


def _stamp(file: Path) -> tuple[int, int]:
    seen = file.stat()
    return seen.st_mtime_ns, seen.st_size


class OwnTls:
    """TLS with a certificate of the shop's own authority, for every name and address that this machine has."""

    def __init__(self, data: Path, shop_name: str) -> None:
        from trastienda.operations import certificates

        self._folder = data / FOLDER
        self._shop_name = shop_name
        self.authority, self.is_new = certificates.authority(
            self._folder, shop_name, addresses.host_name(), certificates.now_utc()
        )
        """Whom to trust; ``is_new`` where nobody can have done so yet."""
        self.context = _context()
        self._load(certificates.now_utc(), anyway=True)

    def refresh(self) -> None:
        """Make another certificate where the one in use ends soon or lacks an address; connections to come get it."""
        from trastienda.operations import certificates

        self._load(certificates.now_utc())

    def _load(self, now: datetime, *, anyway: bool = False) -> None:
        from trastienda.operations import certificates

        self.names = certificates.within(
            self.authority, (addresses.names(), addresses.addresses())
        )
        """The names and addresses under which the shop is reached."""
        file, is_new = certificates.server_certificate(
            self._folder, self.authority, self.names, now
        )
        if is_new or anyway:
            self.context.load_cert_chain(file)


Tls: TypeAlias = GivenTls | OwnTls


def given(settings: Settings) -> GivenTls | None:
    """Return TLS with the given files, which win over the shop's own; raise StartError naming the setting."""
    certificate, key = settings["tls_cert"], settings["tls_key"]
    if certificate is None and key is None:
        return None
    for there, missing in (("CERT", "KEY"), ("KEY", "CERT")):
        if settings[f"tls_{missing.lower()}"] is None:
            raise StartError(
                f"TRASTIENDA_TLS_{there} necesita también TRASTIENDA_TLS_{missing}"
            )
    return GivenTls(certificate, key)


def own(opened: Opened) -> OwnTls:
    """Return TLS with the shop's own certificate, made on the first day; raise StartError where it is damaged."""
    with reading_of(opened) as state:
        name = state.shop.name
    try:
        return OwnTls(opened.data, name)
    except OSError as error:
        raise StartError(
            f"no se puede guardar el certificado en {opened.data / FOLDER}: {error.strerror}"
        ) from error


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load_given(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Load a pair; raise StartError naming the setting that is wrong."""
    from trastienda.operations import certificates

    pems = [
        _read(file, setting)
        for file, setting in ((certificate, "TLS_CERT"), (key, "TLS_KEY"))
    ]
    try:
        since, until = certificates.validity(pems[0])
    except ValueError as error:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: {certificate} no es un certificado en PEM"
        ) from error
    now = certificates.now_utc()
    if now > until:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: el certificado de {certificate} venció el {until:%d-%m-%Y}"
        )
    if now < since:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: el certificado de {certificate} vale recién desde el {since:%d-%m-%Y}"
        )
    if b"ENCRYPTED" in pems[1]:  # nobody is there to type its password
        raise StartError(
            f"TRASTIENDA_TLS_KEY: la clave de {key} está protegida con otra clave; guárdela sin ella"
        )
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartError(
                f"TRASTIENDA_TLS_KEY: la clave de {key} no es la del certificado {certificate}"
            ) from error
        raise StartError(
            f"TRASTIENDA_TLS_KEY: {key} no sirve de clave en PEM ({error.reason or error})"
        ) from error


def _read(file: Path, setting: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StartError(
            f"TRASTIENDA_{setting}: no se puede leer {file} ({error.strerror})"
        ) from error

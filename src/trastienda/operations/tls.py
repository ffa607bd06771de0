"""TLS with given files or with the shop's own certificate, renewed while it is open.

``certificates`` is imported where it is needed: what it takes of cryptography is felt
at the start, and only TLS needs it.
"""

import asyncio
import logging
import ssl
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from trastienda.operations import addresses
from trastienda.operations.errors import StartError, reason
from trastienda.operations.shop import OpenShop

log = logging.getLogger(__name__)

FOLDER = "tls"
LOOK_S = 600
"""How often certificates are looked at while the shop is open. A router may give
another address at any time, and given files are renewed by somebody else."""


class GivenTls:
    """TLS with a certificate and a key that somebody else keeps."""

    authority = None

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._loaded_stamps = self._stamps()
        self.context = _context()
        self.site_names = _load_pair(self.context, certificate, key)
        """The names that the certificate is for, some with ``*.`` in front."""

    def refresh(self) -> None:
        """Take files that were replaced since, for new connections; never bad ones."""
        stamps = self._stamps()
        if stamps == self._loaded_stamps:
            return

        # Even if they turn out bad, or the log would repeat it at every look.
        self._loaded_stamps = stamps
        try:
            # Elsewhere first: the context must not be left with half a pair.
            _load_pair(_context(), self._certificate, self._key)
            self.site_names = _load_pair(self.context, self._certificate, self._key)
        except StartError as error:
            log.warning("%s; el certificado de antes sigue en uso", error)

    def _stamps(self) -> tuple[tuple[int, int], tuple[int, int]]:
        certificate_stamp = _stamp(self._certificate)
        key_stamp = _stamp(self._key)
        return certificate_stamp, key_stamp


def _stamp(file: Path) -> tuple[int, int]:
    """Return what changes when a file is replaced: its time and its size."""
    if not file.exists():
        return 0, 0
    status = file.stat()
    return status.st_mtime_ns, status.st_size


class OwnTls:
    """TLS with a certificate of the shop's own authority.

    The certificate is for every name and address that this machine has.
    """

    def __init__(self, data: Path, shop_name: str) -> None:
        from trastienda.operations import certificates

        now = certificates.now_utc()
        self._folder = data / FOLDER
        self.authority, self.is_new = certificates.authority(
            self._folder, shop_name, addresses.host_name(), now
        )
        """Whom to trust; ``is_new`` means that nobody can have done so yet."""
        self.context = _context()
        self._use_certificate(now, is_first=True)

    def refresh(self) -> None:
        """Renew the certificate if it ends soon or lacks an address.

        New connections get the new one.
        """
        from trastienda.operations import certificates

        self._use_certificate(certificates.now_utc())

    def _use_certificate(self, now: datetime, *, is_first: bool = False) -> None:
        from trastienda.operations import certificates

        own_names = (addresses.names(), addresses.addresses())
        self.names = certificates.within(self.authority, own_names)
        """The names and addresses under which the shop is reached."""
        own, _ = self.names
        self.site_names = own
        file, is_new = certificates.server_certificate(
            self._folder, self.authority, self.names, now
        )
        if is_new or is_first:
            self.context.load_cert_chain(file)


Tls: TypeAlias = GivenTls | OwnTls


def given(certificate: Path | None, key: Path | None) -> GivenTls | None:
    """Return TLS with the given files; None if there are none.

    Raises StartError naming the setting that is missing or wrong.
    """
    if certificate is None and key is None:
        return None
    if key is None:
        raise StartError("TRASTIENDA_TLS_CERT necesita también TRASTIENDA_TLS_KEY")
    if certificate is None:
        raise StartError("TRASTIENDA_TLS_KEY necesita también TRASTIENDA_TLS_CERT")
    return GivenTls(certificate, key)


def own(shop: OpenShop) -> OwnTls:
    """Return TLS with the shop's own certificate, made on the first day.

    Raises StartError where it is damaged or cannot be stored.
    """
    with shop.snapshot() as snapshot:
        name = snapshot.shop.name
    try:
        return OwnTls(shop.data, name)
    except OSError as error:
        folder = shop.data / FOLDER
        raise StartError(
            f"no se puede guardar el certificado en {folder}: {reason(error)}"
        ) from error


async def keep_fresh(tls: Tls) -> None:
    """Keep the certificate valid until cancelled."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            tls.refresh()
        except Exception:  # the certificate in use goes on; the next look may do better
            log.exception("could not look after the certificate")


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load_pair(
    context: ssl.SSLContext,
    certificate: Path,
    key: Path,
) -> list[str]:
    """Load a certificate and its key, and return the names that it is for.

    Raises StartError naming the wrong setting.
    """
    from trastienda.operations import certificates

    certificate_pem = _read(certificate, "TRASTIENDA_TLS_CERT")
    key_pem = _read(key, "TRASTIENDA_TLS_KEY")
    try:
        since, until = certificates.validity(certificate_pem)
    except ValueError as error:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: {certificate} no es un certificado en PEM"
        ) from error

    now = certificates.now_utc()
    if now > until:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: el certificado de {certificate} venció "
            f"el {until:%d-%m-%Y}"
        )
    if now < since:
        raise StartError(
            f"TRASTIENDA_TLS_CERT: el certificado de {certificate} vale recién "
            f"desde el {since:%d-%m-%Y}"
        )
    if b"ENCRYPTED" in key_pem:  # nobody is there to type its password
        raise StartError(
            f"TRASTIENDA_TLS_KEY: la clave de {key} está protegida con otra clave; "
            "guárdala sin ella"
        )

    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartError(
                f"TRASTIENDA_TLS_KEY: la clave de {key} no es la del certificado "
                f"{certificate}"
            ) from error
        raise StartError(
            f"TRASTIENDA_TLS_KEY: {key} no sirve de clave en PEM "
            f"({error.reason or error})"
        ) from error
    return certificates.site_names(certificate_pem)


def _read(file: Path, variable: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StartError(
            f"{variable}: no se puede leer {file} ({error.strerror})"
        ) from error

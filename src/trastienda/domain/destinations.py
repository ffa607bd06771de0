"""Destinations: addresses on the web that somebody names for the shop to call.

Whoever names one could have the shop call a machine that only the shop reaches. So what an
address may be is said here, strictly, and which machines are open to the world.
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from msgspec import Struct

from trastienda.domain.errors import Invalid

MAX_URL_LENGTH = 2000
"""Characters of an address: what servers take (RFC 9110 asks for 8000 at the least), and
more than any system makes."""
PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-F:.]+\]|[A-Z0-9_-]+(\.[A-Z0-9_-]+)*)"
    r"(:(?P<port>\d{1,5}))?"
    r"(?P<target>[/?][A-Z0-9/?:@!$&'()*+,;=%._~\[\]-]*)?",
    re.IGNORECASE | re.ASCII,
)
"""Plain enough that no two programs read it in two ways."""
_CREDENTIALS = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)
_MAX_HOST_LENGTH = 253

_CLOSED = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # behind a provider's own translation, some clouds' metadata
        "168.63.129.16/32",  # what a cloud tells its machines, at an address of the world
        "192.0.0.0/24",
        "192.88.99.0/24",  # the old relay to IPv6
        "::/96",  # IPv4 as it was once written
        "64:ff9b:1::/48",
        "fec0::/10",
    )
)
"""What is nobody's to call, though a version of Python or another may say otherwise."""
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 through a translator (RFC 6052): its last four bytes are called."""


class Destination(Struct, frozen=True):
    """An address taken apart, in the one spelling that it is called by."""

    scheme: str
    host: str
    """In lower case; an IPv6 address without its brackets."""
    port: int
    target: str
    """What the request line asks for."""

    @property
    def authority(self) -> str:
        """The host as a request names it, with a port that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The address without its path, which may hold a secret."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The address itself."""
        return f"{self.origin}{self.target}"

    @property
    def is_literal(self) -> bool:
        """Whether the host is an address of IP itself, and no name."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


def parse_destination(
    url: str,
    *,
    allows_private: bool,
) -> Destination:
    """Return the address that a text names; raise Invalid for one that is not called.

    Without ``allows_private`` it is of https, and no machine that is not open to the world.
    """
    if len(url) > MAX_URL_LENGTH:
        raise Invalid("url", "too_long", limit=MAX_URL_LENGTH)
    if _CREDENTIALS.match(url):
        raise Invalid("url", "url_credentials")
    match = _URL.fullmatch(url)
    if match is None:
        raise Invalid("url", "url_shape")

    scheme = match["scheme"].lower()
    if scheme == "http" and not allows_private:
        raise Invalid("url", "url_plain")
    port = int(match["port"] or PORTS[scheme])
    if not 0 < port <= 65535:
        raise Invalid("url", "url_shape")

    host = match["host"].lower()
    if host.startswith("["):
        try:
            host = str(IPv6Address(host[1:-1]))
        except ValueError as error:
            raise Invalid("url", "url_shape") from error
    if len(host) > _MAX_HOST_LENGTH:
        raise Invalid("url", "url_shape")

    target = match["target"] or "/"
    if target.startswith("?"):
        target = f"/{target}"
    destination = Destination(scheme, host, port, target)
    if destination.is_literal and not may_be_called(host, allows_private):
        raise Invalid("url", "url_private")
    return destination


def may_be_called(
    address: str,
    allows_private: bool,
) -> bool:
    """Tell whether the shop calls a machine with this address of IP.

    With ``allows_private`` it calls any one machine.
    """
    if not allows_private:
        return is_open_to_the_world(address)
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not (parsed.is_multicast or parsed.is_unspecified)


def is_open_to_the_world(address: str) -> bool:
    """Tell whether an address of IP is of a machine that anybody may call.

    What stands for an address of IPv4 is that address. Text that is no address is not.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False

    if isinstance(parsed, IPv6Address):
        inner = _inner(parsed)
        if inner is not None:
            return is_open_to_the_world(str(inner))
        if parsed.scope_id is not None:
            return False
    if parsed.is_multicast or not parsed.is_global:
        return False
    return not any(parsed in network for network in _CLOSED)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the address of IPv4 that is called by way of one of IPv6."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour

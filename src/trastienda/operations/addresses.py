"""What this machine is called and where it is reached, without asking the network."""

import contextlib
import socket
import struct
import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_SIOCGIFADDR = 0x8915  # Linux: the IPv4 address of an interface
_LINUX_IPV6 = Path("/proc/net/if_inet6")
_LABEL_MAX = 63
"""Characters of a label of a domain name (RFC 1035)."""


def host_name() -> str:
    """Return the machine's own name in lower case, without a domain.

    It is empty where the name cannot stand in a certificate.
    """
    full_name = socket.gethostname()
    label, _, _ = full_name.partition(".")
    label = label.lower()

    is_plain = label.isascii() and label.replace("-", "").isalnum()
    if not is_plain or label.isdigit() or len(label) > _LABEL_MAX:
        return ""
    return label


def names_asked_for() -> set[str]:
    """Return every name by which a browser on this network may ask for this machine.

    ``*.localhost`` stands for all that end so, which browsers look for at home only.
    """
    full_name = socket.gethostname().lower()
    return {*names(), full_name, "*.localhost"}


def is_unmistakable(name: str) -> bool:
    """Tell whether a bare name cannot be that of a top-level domain.

    Those have letters only, or begin with ``xn--``. An authority for a machine called
    ``shop`` would be one for every site that ends in ``.shop``.
    """
    if not name or name.isalpha():
        return False
    return not name.startswith("xn--")


def names() -> list[str]:
    """Return the names under which this machine is reached, the surest first."""
    own_names = ["localhost"]
    label = host_name()
    if label:
        own_names += [label, f"{label}.local"]
    return list(dict.fromkeys(own_names))  # the machine may be called localhost itself


def addresses() -> list[Address]:
    """Return the machine's addresses: the loop's first, the main ones next."""
    texts: list[str] = ["127.0.0.1", "::1"]

    # The main ones are those from which a packet would leave. To connect a datagram
    # socket sends nothing.
    for family, elsewhere in (
        (socket.AF_INET, "192.0.2.1"),
        (socket.AF_INET6, "2001:db8::1"),
    ):
        with (
            contextlib.suppress(OSError),
            socket.socket(family, socket.SOCK_DGRAM) as probe,
        ):
            probe.connect((elsewhere, 9))
            texts.append(str(probe.getsockname()[0]))

    if sys.platform == "linux":
        import fcntl

        # Of every interface: IPv4 by a call, IPv6 from a file.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _, interface in socket.if_nameindex():
                request = struct.pack("256s", interface.encode()[:15])
                with contextlib.suppress(OSError):  # an interface without an address
                    reply = fcntl.ioctl(probe, _SIOCGIFADDR, request)
                    texts.append(socket.inet_ntoa(reply[20:24]))
        with contextlib.suppress(OSError):  # a system without IPv6
            for line in _LINUX_IPV6.read_text().splitlines():
                hexadecimal, _, _ = line.partition(" ")
                texts.append(str(IPv6Address(int(hexadecimal, 16))))
    elif sys.platform == "win32":  # answers for its own name from its own tables
        with contextlib.suppress(OSError):
            for result in socket.getaddrinfo(socket.gethostname(), None):
                socket_address = result[4]
                texts.append(str(socket_address[0]))

    parsed = []
    for text in texts:
        without_zone, _, _ = text.partition("%")  # such as fe80::1%eth0
        parsed.append(ip_address(without_zone))
    return list(dict.fromkeys(parsed))

"""What this machine is called and where it can be reached, found out without a packet on the network."""

import contextlib
import socket
import struct
import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_SIOCGIFADDR = 0x8915  # Linux: the IPv4 address of an interface
_IPV6_OF_LINUX = Path("/proc/net/if_inet6")


def host_name() -> str:
    """Return the machine's own name in lower case, without a domain; empty where it cannot stand in a certificate."""
    name = socket.gethostname().partition(".")[0].lower()
    plain = name.isascii() and name.replace("-", "").isalnum() and len(name) <= 63
    return name if plain and not name.isdigit() else ""


def is_unmistakable(name: str) -> bool:
    """Tell whether a bare name cannot be that of a top-level domain, which has letters only, or begins with xn--.

    An authority for a machine called ``shop`` would be one for every site that ends in ``.shop``.
    """
    return bool(name) and not name.isalpha() and not name.startswith("xn--")


def names() -> list[str]:
    """Return the names under which this machine is reached, the surest first."""
    own = host_name()
    return list(dict.fromkeys(["localhost", *([own, f"{own}.local"] if own else [])]))


def addresses() -> list[Address]:
    """Return the machine's addresses, those of the loop first, the main ones next."""
    found: list[str] = ["127.0.0.1", "::1", *_main()]
    if sys.platform == "linux":
        found += [*_ipv4_of_linux(), *_ipv6_of_linux()]
    elif sys.platform == "win32":  # answers for its own name from its own tables
        with contextlib.suppress(OSError):
            found += [
                str(info[4][0])
                for info in socket.getaddrinfo(socket.gethostname(), None)
            ]
    return list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in found))


def _main() -> list[str]:
    """The address from which a packet would leave; to connect a datagram socket sends none."""
    found = []
    for family, elsewhere in (
        (socket.AF_INET, "192.0.2.1"),
        (socket.AF_INET6, "2001:db8::1"),
    ):
        with (
            contextlib.suppress(OSError),
            socket.socket(family, socket.SOCK_DGRAM) as one,
        ):
            one.connect((elsewhere, 9))
            found.append(str(one.getsockname()[0]))
    return found


def _ipv4_of_linux() -> list[str]:
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for _, interface in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without one
                request = struct.pack("256s", interface.encode()[:15])
                found.append(
                    socket.inet_ntoa(fcntl.ioctl(one, _SIOCGIFADDR, request)[20:24])
                )
    return found


def _ipv6_of_linux() -> list[str]:
    try:
        lines = _IPV6_OF_LINUX.read_text().splitlines()
    except OSError:
        return []
    return [str(IPv6Address(int(line.split()[0], 16))) for line in lines]

"""Where callers come from: what of an address stands for one household."""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from trastienda.domain.errors import Invalid

HOUSEHOLD_BITS = 64
"""What a provider gives to one household at least (RFC 6177): whoever has one address of
it has all 2⁶⁴."""


_LOOPBACK = IPv6Address("::1")
_MAPPED = IPv6Network("::ffff:0:0/96")
"""All of IPv4, written as IPv6 (RFC 4291, 2.5.5.2)."""
WIDEST_BITS = {4: 16, 6: 32}
"""The widest networks that may be shut out, by the version of IP: a quarter of a town, or
what one provider has. Wider ones hold half a country, the shop's own people too."""


def network_of(address: str) -> str:
    """Return what stands for whoever calls from ``address``.

    An IPv4 address is itself, written as IPv6 or not. An IPv6 address is its /64. What
    is no address is returned as it is.
    """
    without_zone, _, _ = address.partition("%")  # such as fe80::1%eth0
    try:
        parsed = ip_address(without_zone)
    except ValueError:
        return address

    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.is_loopback:
        return str(parsed)

    host_bits = 128 - HOUSEHOLD_BITS
    network = IPv6Address(int(parsed) >> host_bits << host_bits)
    return f"{network}/{HOUSEHOLD_BITS}"


def networks_around(address: str) -> tuple[str, ...]:
    """Return every network that may be shut out and holds ``address``, smallest first.

    The first is that of its household; this machine's own address is in no other.
    """
    household = network_of(address)
    try:
        network = ip_network(household)
    except ValueError:
        return (household,)
    if network.is_loopback:
        return (household,)

    widths = range(network.prefixlen - 1, WIDEST_BITS[network.version] - 1, -1)
    wider = [str(network.supernet(new_prefix=bits)) for bits in widths]
    return (household, *wider)


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Return the network that a text names; one of IPv4 as that, written as IPv6 or not.

    Raises ValueError for another text, and for what would be more than all of IPv4.
    """
    network = ip_network(text, strict=False)
    if not isinstance(network, IPv6Network):
        return network

    spare_bits = network.prefixlen - _MAPPED.prefixlen
    if spare_bits >= 0 and network.subnet_of(_MAPPED):
        address = network.network_address.ipv4_mapped
        return IPv4Network((int(address or 0), spare_bits))
    # Wider still, it reaches down to the addresses of this machine, and is IPv6.
    if _LOOPBACK not in network and network.supernet_of(_MAPPED):
        raise ValueError(text)
    return network


def network_in(text: str) -> str | None:
    """Return the network that a text names, in its one spelling; None for another text.

    An address stands for its household. Raises Invalid for a network that is too wide to
    be shut out, or has this machine's own addresses in it.
    """
    try:
        network = parse_network(text)
    except ValueError:
        return None

    first_address = str(network.network_address)
    if network.num_addresses == 1:
        return network_of(first_address)

    if network.prefixlen < WIDEST_BITS[network.version]:
        limit = WIDEST_BITS[network.version]
        raise Invalid("alias", "network_too_wide", limit=limit)
    if network.is_loopback or (network.version == 6 and _LOOPBACK in network):
        raise Invalid("alias", "network_of_this_machine")
    if network.version == 6 and network.prefixlen >= HOUSEHOLD_BITS:
        return network_of(first_address)
    return str(network)


def is_within(
    address: str,
    network: str,
) -> bool:
    """Tell whether an address lies in a network."""
    try:
        parsed = ip_address(network_of(address).partition("/")[0])
        return parsed in ip_network(network)
    except ValueError:
        return address == network


def any_network(text: str) -> str | None:
    """Return the network that a text names, of whatever width, in its one spelling.

    An address stands for itself alone. None for another text.
    """
    try:
        network = parse_network(text.strip())
    except ValueError:
        return None
    if network.num_addresses == 1:
        return str(network.network_address)
    return str(network)


def is_within_exactly(
    address: str,
    network: str,
) -> bool:
    """Tell whether this very address lies in a network that :func:`any_network` returned."""
    without_zone, _, _ = address.partition("%")
    try:
        parsed = _unmapped(ip_address(without_zone))
    except ValueError:
        return False
    return parsed in ip_network(network)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return an address of IPv4 that is written as IPv6 as what it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_loopback(network: str) -> bool:
    """Tell whether a network, as :func:`network_of` returns it, is this machine's own."""
    try:
        return ip_address(network).is_loopback
    except ValueError:
        return False

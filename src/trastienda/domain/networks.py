"""Where callers come from: what of an address stands for one household."""

from ipaddress import IPv6Address, ip_address

HOUSEHOLD_BITS = 64
"""What a provider gives to one household at least (RFC 6177): whoever has one address of
it has all 2⁶⁴."""


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

"""Whom to believe where a call comes from: proxies pass on for whom they ask.

Anybody can write such a header, so it is read from the proxies that the shop names only.
"""

import logging
from collections.abc import Collection, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

log = logging.getLogger(__name__)

Network: TypeAlias = IPv4Network | IPv6Network

MAX_REMEMBERED = 1024
"""Peers of which it is known whether they are trusted."""

_FORWARDED_FOR, _FORWARDED = b"x-forwarded-for", b"forwarded"


class TrustedProxies:
    """The networks in which the shop's own proxies are."""

    def __init__(self, networks: Collection[Network]) -> None:
        self._networks = tuple(networks)
        self._known: dict[str, bool] = {}
        self._has_logged = False

    def trusts(self, peer: str) -> bool:
        """Tell whether an address is that of a proxy of the shop's."""
        is_trusted = self._known.get(peer)
        if is_trusted is None:
            text = _address(peer)
            is_trusted = text is not None and any(
                ip_address(text) in network for network in self._networks
            )
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            self._known[peer] = is_trusted
        return is_trusted

    def caller(
        self,
        peer: str,
        headers: Iterable[tuple[bytes, bytes]],
    ) -> str:
        """Return the address of whoever calls, behind the proxies that are trusted.

        Each proxy adds at the end for whom it asks. So the last one that is no proxy of
        the shop's is it; what stands before that anybody may have written.
        """
        if not self.trusts(peer):
            self._log_once(peer)
            return peer

        hops = _hops(headers)
        caller = peer
        for hop in reversed(hops):
            address = _address(hop)
            if address is None:
                return peer
            caller = address
            if not self.trusts(address):
                break
        return caller

    def _log_once(self, peer: str) -> None:
        if self._has_logged:
            return
        self._has_logged = True
        log.warning(
            "%s passes on addresses, and is not believed: everybody behind it counts as "
            "one. TRASTIENDA_TRUSTED_PROXIES names the proxies of the shop",
            peer,
        )


def is_forwarded(headers: Collection[bytes]) -> bool:
    """Tell whether a proxy says for whom it asks."""
    return _FORWARDED_FOR in headers or _FORWARDED in headers


def _hops(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Return what the proxies say, the nearest last.

    ``X-Forwarded-For`` is what nearly all write; ``Forwarded`` (RFC 7239) is read where
    it is missing, since a proxy passes on what it does not know.
    """
    values: dict[bytes, list[str]] = {_FORWARDED_FOR: [], _FORWARDED: []}
    for name, value in headers:
        if name in values:
            values[name] += value.decode("latin-1").split(",")

    if values[_FORWARDED_FOR]:
        return values[_FORWARDED_FOR]
    return [_forwarded_for(element) for element in values[_FORWARDED]]


def _forwarded_for(element: str) -> str:
    """Return the ``for`` of an element of ``Forwarded``; nothing where it has none."""
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return ""


def _address(text: str) -> str | None:
    """Return the address in ``1.2.3.4:5678``, ``[::1]:80`` or ``::1``; None for others."""
    bare = text.strip()
    if bare.startswith("["):
        bare, _, _ = bare[1:].partition("]")
    elif bare.count(":") == 1:
        bare, _, _ = bare.partition(":")
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)

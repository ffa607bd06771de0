"""The doors of a shop that is served: how many of each kind may be connected."""

from msgspec import Struct

from trastienda.config import Settings
from trastienda.domain.networks import is_loopback, network_of
from trastienda.operations.file_limit import file_limit, share_out
from trastienda.servers.doors import Door
from trastienda.servers.http.proxies import TrustedProxies

NETWORK_PART = 2
"""One network gets half of a door at most, whatever the setting says."""


class Doors(Struct, frozen=True):
    """A door for each kind of connection."""

    http: Door
    lines: Door
    porch: Door
    """For those who hear that there is no place for them at the others."""


def open_doors(settings: Settings) -> Doors:
    """Return the doors, as wide as the limit of open files lets them be.

    Connections of this machine, and of the proxies that the settings name, are not
    counted by network: many people may stand behind them.
    """
    proxies = TrustedProxies(settings.trusted_proxies)

    def is_trusted(address: str) -> bool:
        return is_loopback(network_of(address)) or proxies.trusts(address)

    def door(name: str, limit: int) -> Door:
        of_one_network = min(settings.connections_per_address, limit // NETWORK_PART)
        return Door(name, limit, of_one_network, is_trusted)

    shares = share_out(file_limit())
    return Doors(
        http=door("HTTP", shares.http),
        lines=door("lines", shares.lines),
        porch=Door("who found no place", shares.farewells),
    )

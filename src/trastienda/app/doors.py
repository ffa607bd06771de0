"""The doors of a shop that is served: how many of each kind may be connected."""

from collections.abc import Callable

from msgspec import Struct

from trastienda.domain.networks import is_loopback
from trastienda.operations.file_limit import file_limit, share_out
from trastienda.servers.doors import Door

NETWORK_PART = 2
"""One network gets half of a door at most, whatever the setting says."""


class Doors(Struct, frozen=True):
    """A door for each kind of connection."""

    http: Door
    lines: Door
    porch: Door
    """For those who hear that there is no place for them at the others."""


def open_doors(
    per_network: int,
    is_trusted: Callable[[str], bool] = is_loopback,
) -> Doors:
    """Return the doors, as wide as the limit of open files lets them be.

    ``per_network`` connections of each kind may come from one network, 0 for any number;
    who ``is_trusted`` is not counted.
    """
    shares = share_out(file_limit())

    def door(name: str, limit: int) -> Door:
        of_one_network = min(per_network, limit // NETWORK_PART)
        return Door(name, limit, of_one_network, is_trusted)

    return Doors(
        http=door("HTTP", shares.http),
        lines=door("lines", shares.lines),
        porch=Door("who found no place", shares.farewells),
    )

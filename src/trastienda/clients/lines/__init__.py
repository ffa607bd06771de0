"""A client of the line protocol, apart from any screen.

async with LineClient(Address("127.0.0.1", 3000)) as shop:
    await shop.come_in(Guest("robot"))
    async for event in shop.events():
        ...
"""

from trastienda.clients.lines.client import LineClient
from trastienda.clients.lines.connection import Address, Patience
from trastienda.clients.lines.events import (
    Account,
    Arrived,
    Gap,
    Guest,
    Identity,
    LineError,
    LineEvent,
    Lost,
    Outside,
    Over,
    OverError,
    RefusedError,
    UncertainError,
)
from trastienda.clients.lines.protocol import Announced, NotAShopError

__all__ = [
    "Account",
    "Address",
    "Announced",
    "Arrived",
    "Gap",
    "Guest",
    "Identity",
    "LineClient",
    "LineError",
    "LineEvent",
    "Lost",
    "NotAShopError",
    "Outside",
    "Over",
    "OverError",
    "Patience",
    "RefusedError",
    "UncertainError",
]

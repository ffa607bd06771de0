"""Tills: where in the shop a document is made."""

from msgspec import Struct

MAIN_LOCATION_ID = 1
"""The one location, until a shop opens a second."""


class Till(Struct, frozen=True):
    """Where something is sold, taken back or bought."""

    location_id: int = MAIN_LOCATION_ID
    """Whose stock moves."""
    device: str | None = None
    """The machine that it is done on, by the name it has in the shop; None where it has none."""
    shift_id: int | None = None
    """The shift whose drawer the money goes into or comes from; None while nobody
    counts drawers.
    """


MAIN_TILL = Till()
"""Where everything is done that names no till of its own."""

"""How the machine and the copies of a shop do, for whoever asks whether all is well."""

from msgspec import Struct


class Condition(Struct):
    """What was seen last. Operations write it, servers show it."""

    database: str
    """The program that keeps the shop, with its version."""
    disk_free_bytes: int = 0
    """Room on the disk on which the shop is."""
    disk_is_low: bool = False
    last_copy_ms: int | None = None
    """When the newest scheduled copy was made; None where there is none."""
    copy_fault: str | None = None
    """Why the copy that is due was not made, in Spanish; None where none is due."""

"""What can be wrong with a database as a whole."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # half of the time that any command takes to start
    from trastienda.domain.verification import Difference


class NewerSchemaError(Exception):
    """The shop was last opened by a newer Trastienda."""


class UnreadableError(Exception):
    """The file is no database, or it cannot be read or written."""


class ForeignSchemaError(UnreadableError):
    """The database is not made of what a shop of its revision is made of."""

    def __init__(
        self,
        kind: str,
        name: str,
        difference: "Difference",
    ) -> None:
        super().__init__(f"{difference} {kind} {name}")
        self.kind = kind
        """Of the first part that differs: a table, a trigger, …"""
        self.name = name
        self.difference = difference


class UnreadableTextError(UnreadableError):
    """A text in a row is none. What stands there instead is told to nobody."""

    def __init__(self, column: str) -> None:
        super().__init__(f"no text in column {column}")
        self.column = column


class DiskFullError(UnreadableError):
    """There is no room left where the database lies. Nothing that is in it is lost."""


class BusyError(Exception):
    """Another program keeps the database to itself for longer than anybody waits."""


class LostError(BusyError):
    """The file was removed or replaced: what is written to it would be kept nowhere."""


class Conflict(Exception):
    """Somebody else was faster: what was read in this transaction is no longer so.

    Nothing of it may be kept. Run again in a new transaction, it sees what is so now.
    """


class StoppedError(Exception):
    """Whoever asked for it has had it stopped halfway; nothing of it is left."""

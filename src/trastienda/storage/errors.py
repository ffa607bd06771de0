"""What can be wrong with a database as a whole."""


class NewerSchemaError(Exception):
    """The shop was last opened by a newer Trastienda."""


class UnreadableError(Exception):
    """The file is no database, or it cannot be read or written."""


class BusyError(Exception):
    """Another program keeps the database to itself for longer than anybody waits."""


class Conflict(Exception):
    """Somebody else was faster: what was read in this transaction is no longer so.

    Nothing of it may be kept. Run again in a new transaction, it sees what is so now.
    """


class StoppedError(Exception):
    """Whoever asked for it has had it stopped halfway; nothing of it is left."""

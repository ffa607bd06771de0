"""What can be wrong with a database as a whole."""


class NewerSchemaError(Exception):
    """The shop was last opened by a newer Trastienda."""


class UnreadableError(Exception):
    """The file is no database, or it cannot be read or written."""

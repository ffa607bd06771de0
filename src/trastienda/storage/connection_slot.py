"""A connection that is opened anew after it broke."""

from trastienda.storage.dialects import Connection, Database


class ConnectionSlot:
    """Holds one connection for a thread, opened when it is first needed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def get(self) -> Connection:
        """Return the connection, opened if there is none. Raises what opening raises."""
        if self._connection is None:
            self._connection = self._database.connect()
        return self._connection

    def is_usable(self) -> bool:
        """Return whether there is a connection that still takes statements."""
        return self._connection is not None and self._connection.is_usable()

    def close(self) -> None:
        """Close the connection. The next that is asked for is a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

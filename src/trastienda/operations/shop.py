"""A shop that is open in this process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import Connection, Database
from trastienda.storage.transactions import Clock, Snapshot, Tx, read_snapshot, writing

S = TypeVar("S")


class FirstLogin(Struct, frozen=True):
    """The login of the first administrator, with a password that was made up."""

    rut: str
    username: str
    password: str


class OpenShop(Struct, frozen=True):
    """A shop that is open, for a server or for a command of the shell."""

    database: Database
    data: Path
    migrated: bool = False
    """Opening it brought its schema up to date."""
    first_login: FirstLogin | None = None
    """Set on the first day, if no password was configured. To be shown once."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return one state of the shop, to be read. Raises UnreadableError."""
        return self._on_a_connection(read_snapshot)

    def transaction(self) -> AbstractContextManager[Tx]:
        """Return a transaction. Raises UnreadableError.

        A server that has the shop open announces what was written within a second.
        """
        return self._on_a_connection(writing)

    @contextmanager
    def _on_a_connection(
        self, begin: Callable[[Connection, Clock], AbstractContextManager[S]]
    ) -> Iterator[S]:
        with (
            self.database.readable(),
            self.database.connect() as connection,
            begin(connection, now_ms) as state,
        ):
            yield state

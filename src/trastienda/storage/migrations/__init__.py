"""The schema's history, by Alembic.

Imported only when a schema is behind, since it takes longer than all the rest.
"""

from alembic import command, context
from alembic.config import Config
from alembic.util import CommandError

from trastienda.storage.dialects import Connection
from trastienda.storage.errors import NewerSchemaError
from trastienda.storage.transactions import write_transaction


def config() -> Config:
    """Return Alembic's configuration for the migrations beside this file."""
    settings = Config()
    settings.set_main_option("script_location", "trastienda.storage:migrations")
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(
    connection: Connection,
    revision: str = "head",
) -> None:
    """Bring the schema to a revision, in one transaction.

    Raises NewerSchemaError for one from the future.
    """
    settings = config()
    with (
        connection.sql.begin(),  # so that Alembic begins none of its own
        write_transaction(connection),
    ):
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, revision)
        except CommandError as error:
            raise NewerSchemaError(str(error)) from error


def shop_connection() -> Connection:
    """Return the connection on which a migration runs, for what a database does its way."""
    connection: Connection = context.config.attributes["connection"]
    return connection

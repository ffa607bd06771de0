"""The schema's history, by Alembic; imported only when a schema is behind, since it takes longer than all the rest."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from trastienda.storage import dialects
from trastienda.storage.errors import NewerSchemaError


def config() -> Config:
    """Return Alembic's configuration for the migrations beside this file."""
    settings = Config()
    settings.set_main_option("script_location", "trastienda.storage:migrations")
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(engine: sa.Engine) -> None:
    """Bring the schema of ``engine`` to head, in one transaction; raise NewerSchemaError for one from the future."""
    settings = config()
    with dialects.connect(engine) as connection, connection.begin():
        settings.attributes["connection"] = connection
        dialects.begin_write(connection)
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            raise NewerSchemaError(str(error)) from error

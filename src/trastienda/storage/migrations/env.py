"""How Alembic runs here: on the connection and in the transaction that it is given."""

from alembic import context

from trastienda.storage.migrations import shop_connection
from trastienda.storage.schema import metadata

context.configure(
    connection=shop_connection().sql,
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()

"""The first shop."""

from alembic import op

from trastienda.storage import dialects, schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    schema.metadata.create_all(op.get_bind())
    for table in schema.APPEND_ONLY:
        for statement in dialects.append_only_statements(table):
            op.execute(statement)

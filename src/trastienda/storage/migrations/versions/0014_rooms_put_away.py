"""Rooms may be archived, and a sanction on an address of IPv6 is on its /64."""

import sqlalchemy as sa
from alembic import op

from trastienda.domain.networks import network_of

revision = "0014"
down_revision = "0013"

_SANCTIONS = sa.table(
    "sanctions",
    sa.column("target", sa.String),
    sa.column("kind", sa.String),
    sa.column("at_ms", sa.BigInteger),
)


def upgrade() -> None:
    """Add the column, and put sanctions of addresses on their networks."""
    op.add_column("rooms", sa.Column("archived_at_ms", sa.BigInteger()))

    columns = _SANCTIONS.c
    on_address = columns.target.like("a%:%")
    connection = op.get_bind()
    query = sa.select(columns.target, columns.kind).where(on_address)
    in_order = query.order_by(columns.at_ms)
    for target, kind in connection.execute(in_order).all():
        network = network_of(target.removeprefix("a"))
        network_target = f"a{network}"
        if network_target == target:
            continue

        is_this_row = sa.and_(columns.target == target, columns.kind == kind)
        of_network = sa.and_(columns.target == network_target, columns.kind == kind)
        # Of several addresses of one network the last sanction stays.
        connection.execute(sa.delete(_SANCTIONS).where(of_network))
        connection.execute(
            sa.update(_SANCTIONS).where(is_this_row).values(target=network_target)
        )

"""Clause 5: what is kept of people is what the registros last said of them."""

from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.password_hashes import is_bounded
from trastienda.domain.verification import WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, raw_rows

_USERS = schema.users.c
_HASHES = sa.select(_USERS.id, _USERS.password_hash).order_by(_USERS.id)


def broken_passwords(books: Books) -> Iterator[Broken]:
    """Yield users whose password hash is none of ours or would take too much."""
    for user_id, password_hash in raw_rows(books.connection, _HASHES):
        if not is_bounded(password_hash):
            yield Broken(WHOLE, "users", user_id, Reason.HASH)

"""Clause 2: a product that is deleted has nothing left, its code is free, and a registro
says so."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.products import free_key
from trastienda.storage.verification.documents import unreadable
from trastienda.storage.verification.streams import Books, raw_rows

_PRODUCTS = schema.products.c
_STOCK = schema.stock.c
_AUDIT = schema.audit.c
_DELETED = (
    sa.select(
        _PRODUCTS.id,
        _PRODUCTS.code_key,
        _PRODUCTS.active,
        _PRODUCTS.removed_at_ms,
        _STOCK.quantity_milli,
    )
    .join_from(schema.products, schema.stock)
    .where(_PRODUCTS.removed_at_ms.is_not(None))
    .order_by(_PRODUCTS.id)
)
_REGISTROS = (
    sa.select(_AUDIT.id, _AUDIT.at_ms, _AUDIT.detail)
    .where(_AUDIT.action == Action.PRODUCT_DELETED.value)
    .order_by(_AUDIT.id)
)


class _Deletion(Struct):
    product: int


def broken_deletions(books: Books) -> Iterator[Broken]:
    """Yield deleted products of which something is left, and registros of deletions that
    are none."""
    deleted_ms = {}
    for audit_id, at_ms, detail_text in raw_rows(books.connection, _REGISTROS):
        try:
            deletion = msgspec.json.decode(detail_text, type=_Deletion)
        except msgspec.DecodeError:
            yield unreadable("audit", audit_id, "detail")
            continue
        deleted_ms[deletion.product] = (at_ms, audit_id)

    for row in raw_rows(books.connection, _DELETED):
        product_id, code_key, is_active, removed_at_ms, quantity_milli = row
        place = (DOCUMENTS, "products", product_id)
        at_ms, _ = deleted_ms.pop(product_id, (None, None))
        if at_ms is None:
            yield Broken(*place, Reason.NOT_AUDITED)
            continue
        fields = (
            ("code_key", free_key(product_id), code_key),
            ("active", 0, int(is_active)),
            ("removed_at_ms", at_ms, removed_at_ms),
            ("quantity_milli", 0, quantity_milli),
        )
        for field, expected, stored in fields:
            broken = differs(*place, field, expected, stored)
            if broken is not None:
                yield broken

    for _, audit_id in deleted_ms.values():
        yield Broken(DOCUMENTS, "audit", audit_id, Reason.AUDITED_ALONE)

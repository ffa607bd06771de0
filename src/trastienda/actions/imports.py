"""Imports: their list, and taking one back as one."""

from collections.abc import Sequence

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.products import delete_for_good, save_change
from trastienda.domain.audit import Action
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.events import Kind
from trastienda.domain.imports import Import, ImportKind, ImportSource
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import imports
from trastienda.storage.imports import ProductNow
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx

NAMED_CODES = 10
"""Products that a refusal names."""
_RESTORED = [
    name
    for name in Product.__struct_fields__
    if name not in {"id", "code", "stock_milli", "version", "cost_rest_milli"}
]
"""The fields of a product that an import may have changed; its stock goes by movements."""


def newest(
    snapshot: Snapshot,
    actor: Actor,
    limit: int,
) -> list[Import]:
    """Return the last imports, newest first."""
    require(actor, Permission.MANAGE_PRODUCTS)
    return imports.newest(snapshot.connection, limit)


def note_documents(
    transaction: Tx,
    actor: Actor,
    source: ImportSource,
    count: int,
) -> int | None:
    """Note how many past documents a file brought in, and return the import's number."""
    require(actor, Permission.MANAGE_SHOP)
    import_id = source.import_id
    if not count:
        return import_id
    if import_id is None:
        import_id = imports.add(transaction, ImportKind.PAST_SALES, source.file)
    imports.count_rows(transaction, import_id, count)
    return import_id


def undo(
    transaction: Tx,
    actor: Actor,
    import_id: int,
    reason: str,
) -> int:
    """Take back all of an import, and return of how many products.

    Those that it made are deleted, the others are as before; the movements of both stay,
    and new ones balance them. Raises NotFound, and Invalid where it is undone already, of
    past sales, or where a product was sold or changed since.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    done = imports.by_id(transaction.connection, import_id)
    if done is None:
        raise NotFound
    if done.undone_at_ms is not None:
        raise Invalid("import", "import_undone")
    if done.kind is ImportKind.PAST_SALES:
        raise Invalid("import", "import_sealed")

    states = list(imports.products_now(transaction.connection, import_id))
    touched = [state.product.code for state in states if not state.is_untouched]
    if touched:
        codes = ", ".join(touched[:NAMED_CODES])
        if len(touched) > NAMED_CODES:
            codes += " …"
        raise Invalid("import", "import_touched", codes=codes)

    _delete_made(transaction, actor, states, reason)
    _restore_changed(transaction, actor, states, reason)
    imports.mark_undone(transaction, import_id)
    detail = {"import": import_id, "file": done.file, "products": len(states)}
    transaction.audit(actor, Action.IMPORT_UNDONE, detail)
    return len(states)


def _delete_made(
    transaction: Tx,
    actor: Actor,
    states: Sequence[ProductNow],
    reason: str,
) -> None:
    """Delete what the import made."""
    made = [state.product for state in states if state.imported.before is None]
    ledger = Ledger(transaction, [product.id for product in made])
    for product in made:
        delete_for_good(transaction, actor, product, ledger, reason)
    ledger.write()


def _restore_changed(
    transaction: Tx,
    actor: Actor,
    states: Sequence[ProductNow],
    reason: str,
) -> None:
    """Give the products that the import changed what they had before."""
    restored_by_id = {}
    changed_by_id = {state.product.id: state.product for state in states}
    ledger = Ledger(transaction, [state.product.id for state in states])
    for state in states:
        product, before = state.product, state.imported.before
        if before is None:
            continue
        restored = replace(before, version=product.version)
        restored = save_change(transaction, actor, product, restored, _RESTORED)
        stock.correct(transaction, actor, ledger, restored, before.stock_milli, reason)
        imports.lead_back(
            transaction,
            state.imported,
            restored.version,
            ledger.last_movement_id(product.id),
        )
        restored_by_id[product.id] = restored
    ledger.write()
    stock.announce(transaction, ledger, restored_by_id)
    for restored in restored_by_id.values():
        audience = audience_of_product(restored, changed_by_id[restored.id])
        transaction.emit(Kind.PRODUCT, audience, restored)

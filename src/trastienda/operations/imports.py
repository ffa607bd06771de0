"""Files of products and past sales taken into a shop, a piece at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from trastienda.actions import imports, past_sales, product_import
from trastienda.actions.past_sales import ImportedCount
from trastienda.actions.product_import import ListCheck, ProductsImported
from trastienda.domain.imports import ImportSource
from trastienda.domain.past_sales import in_chunks
from trastienda.domain.people import SHELL
from trastienda.domain.product_lists import ListTerms
from trastienda.files.imports.options import Progress
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.product_rows import reason_in_columns
from trastienda.files.imports.products import ProductList
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import is_served
from trastienda.storage.transactions import Tx

PRODUCTS_A_COMMIT = 500
"""Short commits, so that a till that sells meanwhile does not wait."""


def refuse_unfit_products(
    shop: OpenShop,
    listed: ProductList,
    *,
    replace_stock: str | None,
    replace_names: bool,
) -> ListCheck:
    """Put the products aside that are right in themselves but do not suit this shop, and
    return how the list is taken."""
    with shop.snapshot() as snapshot:
        checked = product_import.check(
            snapshot,
            SHELL,
            listed.products,
            replace_stock=replace_stock,
            replace_names=replace_names,
        )

    reasons = {}
    for product, error in checked.refused:
        reasons[product.line] = reason_in_columns(error, product.code)
    listed.refuse(reasons)
    listed.correct_codes(checked.codes)
    return checked


def import_products(
    shop: OpenShop,
    listed: ProductList,
    terms: ListTerms,
    progress: Progress,
) -> ProductsImported:
    """Import a list of products."""
    total = len(listed.products)
    imported = ProductsImported()
    for start in range(0, total, PRODUCTS_A_COMMIT):
        products = listed.products[start : start + PRODUCTS_A_COMMIT]
        with _considerate_transaction(shop) as transaction:
            imported += product_import.import_products(
                transaction,
                SHELL,
                products,
                terms,
                ImportSource(listed.file_name, imported.import_id),
            )
        progress(start + len(products), total)
    return imported


def count_documents(shop: OpenShop, sales: PastSales) -> tuple[int, int]:
    """Return how many documents the file has, and how many of them the shop has."""
    known_count = 0
    total_count = 0
    with shop.snapshot() as snapshot:
        for documents in in_chunks(sales.documents()):
            known_count += past_sales.already_there(snapshot, SHELL, documents)
            total_count += len(documents)
    return total_count, known_count


def import_past_sales(
    shop: OpenShop, sales: PastSales, progress: Progress
) -> tuple[ImportedCount, int | None]:
    """Import past sales and returns; those that the shop has stay as they are.

    Returns the number of the import as well; None if nothing was new.
    """
    imported = ImportedCount()
    import_id = None
    done_rows = 0
    for documents in in_chunks(sales.documents()):
        with _considerate_transaction(shop) as transaction:
            taken = past_sales.import_documents(
                transaction, SHELL, documents, sales.goods
            )
            source = ImportSource(sales.file_name, import_id)
            count = taken.sales + taken.returns
            import_id = imports.note_documents(transaction, SHELL, source, count)
        imported += taken
        done_rows += sum(len(document.lines) for document in documents)
        progress(done_rows, sales.taken_rows)
    return imported, import_id


def undo(shop: OpenShop, import_id: int) -> int:
    """Take back all of an import, and return of how many products."""
    with shop.transaction() as transaction:
        reason = f"importación {import_id} deshecha"
        return imports.undo(transaction, SHELL, import_id, reason)


@contextmanager
def _considerate_transaction(shop: OpenShop) -> Iterator[Tx]:
    """Run a transaction, then rest as long as it took, if a server has the shop open.

    So its tills get half of the time.
    """
    began_s = time.perf_counter()
    with shop.transaction() as transaction:
        yield transaction
    if is_served(shop.data):
        took_s = time.perf_counter() - began_s
        time.sleep(took_s)

"""Taking in sales and returns of long ago, which change no stock."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions.sales import registro_of
from trastienda.domain import barcode
from trastienda.domain import past_sales as rules
from trastienda.domain.audit import Action
from trastienda.domain.events import ADMINISTRATORS, Audience, Kind
from trastienda.domain.movements import Cause
from trastienda.domain.past_sales import PastDocument, PastGood
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import registro_of as registro_of_product
from trastienda.domain.returns import FINGERPRINTS, Return, sum_up
from trastienda.domain.sales import Sale
from trastienda.domain.visibility import audience_of_product, audience_of_sale
from trastienda.storage import past_sales, products, returns, sales
from trastienda.storage.ledger import Ledger
from trastienda.storage.past_sales import Known
from trastienda.storage.transactions import Snapshot, Tx


class ImportedCount(Struct, frozen=True):
    """What an import came to.

    ``already`` counts the documents that the shop had before, left as they are.
    """

    sales: int = 0
    returns: int = 0
    already: int = 0
    products: int = 0

    def __add__(self, more: "ImportedCount") -> "ImportedCount":
        return ImportedCount(
            self.sales + more.sales,
            self.returns + more.returns,
            self.already + more.already,
            self.products + more.products,
        )


def import_documents(
    transaction: Tx,
    actor: Actor,
    documents: Sequence[PastDocument],
    goods: Mapping[str, PastGood],
) -> ImportedCount:
    """Take in the documents that are new, each once.

    Products that they name and that are missing are made: ``goods`` says by
    :func:`barcode.key` what they are. A product's stock is the same before and after: an
    opening movement gives what the sales take, and a closing one takes what the returns
    bring.
    """
    require(actor, Permission.MANAGE_SHOP)
    new_documents = _new_documents(transaction, documents)
    if new_documents:
        transaction.reach_back(min(document.at_ms for document in new_documents))

    run = _Run(transaction, actor, new_documents, goods)
    run.take_sales([document for document in new_documents if not document.is_return])
    run.take_returns([document for document in new_documents if document.is_return])
    run.balance()
    return ImportedCount(
        sales=len(run.sales),
        returns=len(run.returns),
        already=len(documents) - len(new_documents),
        products=run.new_products,
    )


def already_there(
    snapshot: Snapshot,
    actor: Actor,
    documents: Sequence[PastDocument],
) -> int:
    """Return how many of the documents the shop has: what an import would leave out."""
    require(actor, Permission.MANAGE_SHOP)
    return len(documents) - len(_new_documents(snapshot, documents))


def _new_documents(
    snapshot: Snapshot,
    documents: Sequence[PastDocument],
) -> list[PastDocument]:
    """Return the documents that the shop does not have, sales first.

    It may have them from elsewhere, or as its own that were exported.
    """
    sale_documents = [document for document in documents if not document.is_return]
    return_documents = [document for document in documents if document.is_return]
    return [
        *_new_of_kind(snapshot, sale_documents, are_returns=False),
        *_new_of_kind(snapshot, return_documents, are_returns=True),
    ]


_NAMINGS = ("{0}", "{0} ({1:%Y-%m-%d})", "{0} ({1:%Y-%m-%d %H:%M}, {2})")
"""How a document is numbered, each where the one before is taken.

Another document may have its number already: a new year's numbering, or a second till.
Then its day goes behind the number, and after that its time and amount.
"""


def _new_of_kind(
    snapshot: Snapshot,
    documents: Sequence[PastDocument],
    *,
    are_returns: bool,
) -> list[PastDocument]:
    own = past_sales.own(
        snapshot.connection,
        [document.number for document in documents],
        returns=are_returns,
    )
    unnamed = [
        document
        for document in documents
        if not _is_known(document, own.get(document.number))
    ]

    new_documents: list[PastDocument] = []
    taken_numbers: set[str] = set()
    for naming in _NAMINGS:
        numbered = []
        for document in unnamed:
            at_s = document.at_ms / 1000
            moment = datetime.fromtimestamp(at_s, snapshot.shop.time_zone)
            number = naming.format(document.number, moment, _total_minor(document))
            numbered.append((document, number))
        known = past_sales.known(
            snapshot.connection,
            [number for _, number in numbered],
            returns=are_returns,
        )

        unnamed = []
        for document, number in numbered:
            if _is_known(document, known.get(number)):
                continue
            if number in known or number in taken_numbers:
                unnamed.append(document)
            else:
                taken_numbers.add(number)
                new_documents.append(replace(document, number=number))
    return new_documents


def _total_minor(document: PastDocument) -> int:
    return sum(past_line.total_minor for past_line in document.lines)


def _is_known(document: PastDocument, known: Known | None) -> bool:
    """Tell whether the shop's document of this number is this one, and no namesake."""
    if known is None or known.at_ms != document.at_ms:
        return False
    return known.total_minor == _total_minor(document)


class _Run:
    """One transaction of an import."""

    def __init__(
        self,
        transaction: Tx,
        actor: Actor,
        documents: Sequence[PastDocument],
        goods: Mapping[str, PastGood],
    ) -> None:
        self._tx = transaction
        self._actor = actor
        self._vat_bp = transaction.shop.vat_bp

        # A dict and no set: new products get their numbers in the order of the file.
        product_keys = list(
            dict.fromkeys(
                barcode.key(past_line.code)
                for document in documents
                for past_line in document.lines
            )
        )
        self._products = products.by_codes(transaction.connection, product_keys)
        missing = [key for key in product_keys if key not in self._products]
        self.new_products = len(missing)
        self._make([goods[key] for key in missing])

        product_ids = [product.id for product in self._products.values()]
        self._ledger = Ledger(transaction, product_ids)
        self.sales: list[Sale] = []
        self.returns: list[Return] = []

    def _make(self, goods: Sequence[PastGood]) -> None:
        transaction = self._tx
        made = [good.to_product(transaction.take("product")) for good in goods]
        products.add(transaction, made)
        for product in made:
            self._products[barcode.key(product.code)] = product
            detail = registro_of_product(product)
            transaction.audit(self._actor, Action.PRODUCT_CREATED, detail)
            transaction.emit(Kind.PRODUCT, audience_of_product(product), product)

    def take_sales(self, documents: Sequence[PastDocument]) -> None:
        transaction = self._tx
        for document in documents:
            sale_id = transaction.take("sale")
            sale = rules.to_sale(document, self._products, sale_id, self._vat_bp)
            self.sales.append(sale)

        # What the sales take is given first, so that no balance falls below zero.
        for product_id, sold_milli in _total_quantities(self.sales).items():
            self._move(product_id, sold_milli, Cause.HISTORY)

        for sale in self.sales:
            for sale_line in sale.lines:
                self._move(
                    sale_line.product_id,
                    -sale_line.quantity_milli,
                    Cause.SALE,
                    sale.id,
                )
            transaction.audit(self._actor, Action.SALE_IMPORTED, registro_of(sale))
            transaction.emit(Kind.SALE, audience_of_sale(sale), sale)
        sales.add(transaction, self.sales)

    def _move(
        self,
        product_id: int,
        quantity_milli: int,
        cause: Cause,
        reference_id: int | None = None,
    ) -> None:
        user_id = self._actor.user_id
        self._ledger.move(product_id, quantity_milli, cause, reference_id, user_id)

    def take_returns(self, documents: Sequence[PastDocument]) -> None:
        transaction = self._tx
        sale_numbers = {
            document.sale_number
            for document in documents
            if document.sale_number is not None
        }
        origins = past_sales.known(transaction.connection, list(sale_numbers))

        unlinked = []
        for document in documents:
            origin = origins.get(document.sale_number or "")
            item, audience = None, ADMINISTRATORS
            if origin is not None:
                item, audience = self._link(document, origin.id)
            if item is None:
                return_id = transaction.peek("return")
                item = rules.to_return(
                    document,
                    self._products,
                    return_id,
                    self._vat_bp,
                )
                unlinked.append(item)
            transaction.take("return")
            self.returns.append(item)

            detail: dict[str, object] = {"return": item.id, "total": item.total_minor}
            detail |= FINGERPRINTS.registro(item)
            if item.sale_id is not None:
                detail["sale"] = item.sale_id
            transaction.audit(self._actor, Action.RETURN_IMPORTED, detail)
            transaction.emit(Kind.RETURN, audience, item)
        returns.add(transaction, unlinked)

    def _link(
        self,
        document: PastDocument,
        sale_id: int,
    ) -> tuple[Return | None, Audience]:
        """Write the document as a return of that sale, where it fits.

        The next return of that sale then sees it.
        """
        transaction = self._tx
        sale = sales.by_id(transaction.connection, sale_id)
        if sale is None:
            return None, ADMINISTRATORS

        earlier = returns.of_sales(transaction.connection, [sale_id])
        product_ids = [sale_line.product_id for sale_line in sale.lines]
        item = rules.to_return_of(
            document,
            sale,
            sum_up(earlier.get(sale_id, [])),
            products.units_of(transaction.connection, product_ids),
            transaction.peek("return"),
        )
        if item is None:
            return None, ADMINISTRATORS

        returns.add(transaction, [item])
        owed_minor = sale.owed_minor - item.debt_reduced_minor
        after = replace(sale, owed_minor=owed_minor)
        if item.debt_reduced_minor:
            sales.set_owed(transaction, sale.id, owed_minor)
            transaction.emit(Kind.SALE, audience_of_sale(sale), after)
        return item, audience_of_sale(after)

    def balance(self) -> None:
        """Bring back what was returned, take it off again, and write all movements."""
        for item in self.returns:
            for return_line in item.lines:
                self._move(
                    return_line.product_id,
                    return_line.quantity_milli,
                    Cause.RETURN,
                    item.id,
                )
        for product_id, returned_milli in _total_quantities(self.returns).items():
            self._move(product_id, -returned_milli, Cause.HISTORY)
        self._ledger.write()


def _total_quantities(documents: Sequence[Sale] | Sequence[Return]) -> dict[int, int]:
    """Return how much of each product the documents moved."""
    total_milli: dict[int, int] = {}
    for document in documents:
        for document_line in document.lines:
            product_id = document_line.product_id
            before_milli = total_milli.get(product_id, 0)
            total_milli[product_id] = before_milli + document_line.quantity_milli
    return total_milli

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
from trastienda.domain.returns import FINGERPRINTS, Return, sum_up
from trastienda.domain.sales import Sale
from trastienda.domain.visibility import audience_of_product, audience_of_sale
from trastienda.storage import past_sales, products, returns, sales
from trastienda.storage.ledger import Ledger
from trastienda.storage.past_sales import Known
from trastienda.storage.transactions import Snapshot, Tx


class ImportedCount(Struct, frozen=True):
    """What an import came to. ``already``: documents that the shop had before, left as they are."""

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
    """Take in the documents that are new, each once; make the products that they name and that are missing.

    ``goods`` says by :func:`barcode.key` what those products are. A product's stock is the same before and after: an
    opening movement gives what the sales take, and a closing one takes what the returns bring.
    """
    require(actor, Permission.MANAGE_SHOP)
    fresh = _fresh(transaction, documents)
    if fresh:
        transaction.reach_back(min(one.at_ms for one in fresh))
    run = _Run(transaction, actor, fresh, goods)
    run.take_sales([document for document in fresh if not document.is_return])
    run.take_returns([document for document in fresh if document.is_return])
    run.balance()
    return ImportedCount(
        len(run.sales), len(run.returns), len(documents) - len(fresh), run.new_products
    )


def already_there(
    snapshot: Snapshot, actor: Actor, documents: Sequence[PastDocument]
) -> int:
    """Return how many of the documents the shop has: what importing them would leave out."""
    require(actor, Permission.MANAGE_SHOP)
    return len(documents) - len(_fresh(snapshot, documents))


def _fresh(snapshot: Snapshot, documents: Sequence[PastDocument]) -> list[PastDocument]:
    """Return the documents that the shop does not have, neither from elsewhere nor as its own that were exported.

    A number that another document has already, of another moment or amount (a new year's numbering, a second till),
    gets its day behind it, and where that is taken, too, its time and amount.
    """
    fresh: list[PastDocument] = []
    for are_returns in (False, True):
        kind = [one for one in documents if one.is_return is are_returns]
        own = past_sales.own(
            snapshot.connection, [one.number for one in kind], returns=are_returns
        )
        kind = [
            one
            for one in kind
            if one.number not in own or not _is(one, own[one.number])
        ]
        taken: set[str] = set()
        for attempt in range(len(_NAMINGS)):
            named = [(one, _named(snapshot, one, attempt)) for one in kind]
            known = past_sales.known(
                snapshot.connection,
                [number for _, number in named],
                returns=are_returns,
            )
            kind = []
            for one, number in named:
                if number in known:
                    kind += [] if _is(one, known[number]) else [one]
                elif number in taken:
                    kind.append(one)
                else:
                    taken.add(number)
                    fresh.append(replace(one, number=number))
    return fresh


_NAMINGS = ("{0}", "{0} ({1:%Y-%m-%d})", "{0} ({1:%Y-%m-%d %H:%M}, {2})")


def _named(snapshot: Snapshot, document: PastDocument, attempt: int) -> str:
    moment = datetime.fromtimestamp(document.at_ms / 1000, snapshot.shop.time_zone)
    return _NAMINGS[attempt].format(document.number, moment, _total(document))


def _total(document: PastDocument) -> int:
    return sum(line.total_minor for line in document.lines)


def _is(document: PastDocument, known: Known) -> bool:
    return (document.at_ms, _total(document)) == (known.at_ms, known.total_minor)


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
        keys = list(
            dict.fromkeys(
                barcode.key(line.code)
                for document in documents
                for line in document.lines
            )
        )
        self._products = products.by_codes(transaction.connection, keys)
        missing = [key for key in keys if key not in self._products]
        self.new_products = len(missing)
        self._make([goods[key] for key in missing])
        self._ledger = Ledger(
            transaction, [product.id for product in self._products.values()]
        )
        self.sales: list[Sale] = []
        self.returns: list[Return] = []

    def _make(self, goods: Sequence[PastGood]) -> None:
        transaction = self._tx
        made = [good.to_product(transaction.take("product")) for good in goods]
        products.add(transaction, made)
        for product in made:
            self._products[barcode.key(product.code)] = product
            transaction.audit(
                self._actor,
                Action.PRODUCT_CREATED,
                {"product": product.id, "code": product.code, "name": product.name},
            )
            transaction.emit(Kind.PRODUCT, audience_of_product(product), product)

    def take_sales(self, documents: Sequence[PastDocument]) -> None:
        transaction, ledger, user_id = self._tx, self._ledger, self._actor.user_id
        self.sales = [
            rules.to_sale(one, self._products, transaction.take("sale"), self._vat_bp)
            for one in documents
        ]
        sold_milli = _summed(self.sales)
        for product_id, quantity_milli in sold_milli.items():
            ledger.move(product_id, quantity_milli, Cause.HISTORY, None, user_id)
        for sale in self.sales:
            for line in sale.lines:
                ledger.move(
                    line.product_id, -line.quantity_milli, Cause.SALE, sale.id, user_id
                )
            transaction.audit(self._actor, Action.SALE_IMPORTED, registro_of(sale))
            transaction.emit(Kind.SALE, audience_of_sale(sale), sale)
        sales.add(transaction, self.sales)

    def take_returns(self, documents: Sequence[PastDocument]) -> None:
        transaction = self._tx
        numbers = {one.sale_number for one in documents if one.sale_number is not None}
        origins = {
            number: one.id
            for number, one in past_sales.known(
                transaction.connection, list(numbers)
            ).items()
        }
        unlinked = []
        for document in documents:
            sale_id = origins.get(document.sale_number or "")
            one, audience = (
                (None, ADMINISTRATORS)
                if sale_id is None
                else self._linked(document, sale_id)
            )
            if one is None:
                one = rules.to_return(
                    document, self._products, transaction.peek("return"), self._vat_bp
                )
                unlinked.append(one)
            transaction.take("return")
            self.returns.append(one)
            transaction.audit(
                self._actor, Action.RETURN_IMPORTED, _registro_of_return(one)
            )
            transaction.emit(Kind.RETURN, audience, one)
        returns.add(transaction, unlinked)

    def _linked(
        self, document: PastDocument, sale_id: int
    ) -> tuple[Return | None, Audience]:
        """Write the document as a return of that sale, where it fits; the next return of that sale then sees it."""
        transaction = self._tx
        sale = sales.by_id(transaction.connection, sale_id)
        if sale is None:
            return None, ADMINISTRATORS
        earlier = sum_up(
            returns.of_sales(transaction.connection, [sale_id]).get(sale_id, [])
        )
        units = products.units_of(
            transaction.connection, [line.product_id for line in sale.lines]
        )
        one = rules.to_return_of(
            document, sale, earlier, units, transaction.peek("return")
        )
        if one is None:
            return None, ADMINISTRATORS
        returns.add(transaction, [one])
        if one.debt_reduced_minor:
            sales.set_owed(
                transaction, sale.id, sale.owed_minor - one.debt_reduced_minor
            )
        return one, audience_of_sale(sale)

    def balance(self) -> None:
        """Bring back what was returned, take it off again, and write all movements."""
        ledger, user_id = self._ledger, self._actor.user_id
        for one in self.returns:
            for line in one.lines:
                ledger.move(
                    line.product_id, line.quantity_milli, Cause.RETURN, one.id, user_id
                )
        for product_id, quantity_milli in _summed(self.returns).items():
            ledger.move(product_id, -quantity_milli, Cause.HISTORY, None, user_id)
        ledger.write()


def _summed(documents: Sequence[Sale] | Sequence[Return]) -> dict[int, int]:
    """Return how much of each product the documents moved."""
    total_milli: dict[int, int] = {}
    for document in documents:
        for line in document.lines:
            total_milli[line.product_id] = (
                total_milli.get(line.product_id, 0) + line.quantity_milli
            )
    return total_milli


def _registro_of_return(item: Return) -> dict[str, object]:
    detail: dict[str, object] = {"return": item.id, "total": item.total_minor}
    detail |= FINGERPRINTS.registro(item)
    return detail if item.sale_id is None else detail | {"sale": item.sale_id}

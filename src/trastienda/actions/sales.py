"""Selling, settling what is owed, and looking at what was sold."""

from collections.abc import Sequence

from msgspec import Struct

from trastienda.actions import shelf, stock
from trastienda.actions.once import Outcome, once, render, replay
from trastienda.domain.audit import Action
from trastienda.domain.errors import NotFound, Refusal
from trastienda.domain.events import Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.payments import Payment, settle_debt
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.sales import (
    FINGERPRINTS,
    Sale,
    SaleNumbers,
    SaleOrder,
    Shelf,
    Terms,
    decide,
)
from trastienda.domain.self_service import as_bought_alone, check_costs_something
from trastienda.domain.visibility import audience_of_sale, listed_sales, readable_sales
from trastienda.storage import idempotency, people, sales
from trastienda.storage.idempotency import IdempotencyKey, Kept, NewAnswer
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx, lookup


class Selling(Struct, frozen=True):
    """One call to sell."""

    actor: Actor
    order: SaleOrder
    key: IdempotencyKey | None = None
    """Under it the call may come again, and gets the same answer."""
    self_service: bool = False
    """The actor, of any role, buys alone: see :mod:`trastienda.domain.self_service`."""


def sell(
    transaction: Tx,
    calls: Sequence[Selling],
) -> list[Outcome[Sale] | Refusal]:
    """Sell for many at once.

    Each order is decided in turn against one shelf, and all are written in sets. The
    answers stand in the order of the calls. A refused call takes nothing and leaves its
    key free. Calls with the same key are joined: the later gets the answer of the
    earlier. Raises ShortError where another node was faster.
    """
    batch = SaleBatch(transaction, calls)
    answers = [batch.serve(call) for call in calls]
    batch.write()
    return answers


class SaleBatch:
    """Sales of one transaction: the shelf that they share, and what they come to."""

    def __init__(self, transaction: Tx, calls: Sequence[Selling]) -> None:
        """Read all that the calls need, each kind of thing in one query."""
        self._tx = transaction
        self._answers: dict[tuple[int, str, str], Kept] = {}
        idempotency_keys = [call.key for call in calls if call.key is not None]
        if idempotency_keys:
            self._answers = idempotency.find(transaction, idempotency_keys)

        # A call that was answered before needs no product.
        codes: set[str] = set()
        for call in calls:
            if call.key is None or call.key.place not in self._answers:
                codes.update(order_line.code for order_line in call.order.lines)
        picks = shelf.picks(transaction, codes)

        products = {pick.product.id: pick.product for pick in picks.values()}
        self._products: dict[int, Product] = products
        self._ledger = Ledger(transaction, products)
        left_milli = {
            product_id: self._ledger.balance(product_id) for product_id in products
        }
        final_prices = {
            product_id: product.final_price(transaction.now_ms)
            for product_id, product in products.items()
        }
        self._shelf = Shelf(picks, left_milli, final_prices)
        self._terms = Terms(transaction.shop.vat_bp, transaction.shop.rounding)
        # Whoever calls may have been given another name since.
        actor_ids = {call.actor.user_id for call in calls}
        self._persons = people.persons(transaction.connection, actor_ids)

        self._sold: list[tuple[Selling, Sale]] = []

    def serve(self, call: Selling) -> Outcome[Sale] | Refusal:
        """Decide one call; what it changes is kept in memory until :meth:`write`."""
        try:
            permission = Permission.BUY if call.self_service else Permission.SELL
            require(call.actor, permission)
            if call.key is not None:
                earlier = self._answers.get(call.key.place)
                if earlier is not None:
                    return replay(call.key, earlier, Sale)
            sale = self._sell(call)
        except Refusal as refusal:
            refusal.shop = self._tx.shop
            return refusal

        self._sold.append((call, sale))
        if call.key is None:
            return Outcome(sale)
        body = render(self._tx, call.key, sale)
        self._answers[call.key.place] = Kept(call.key.fingerprint, body.decode())
        return Outcome(sale, body)

    def _sell(self, call: Selling) -> Sale:
        transaction, actor, order = self._tx, call.actor, call.order
        numbers = SaleNumbers(
            id=transaction.peek("sale"),
            folio=transaction.peek("folio"),
            at_ms=transaction.now_ms,
            seller_id=actor.user_id,
            seller=self._persons.get(actor.user_id),
        )
        if call.self_service:
            order, numbers = as_bought_alone(order, numbers, actor)
        sale = decide(self._shelf, order, self._terms, numbers)
        if call.self_service:
            check_costs_something(sale, self._shelf)

        # Numbers are taken only now: a refused call must leave no gap.
        transaction.take("sale")
        transaction.take("folio")
        self._shelf.take(sale)
        for sale_line in sale.lines:
            self._ledger.move(
                sale_line.product_id,
                -sale_line.quantity_milli,
                Cause.SALE,
                sale.id,
                actor.user_id,
            )
        return sale

    def write(self) -> None:
        """Write all that was sold, in sets; record and announce each sale."""
        transaction = self._tx
        self._ledger.write()
        sales.add(transaction, [sale for _, sale in self._sold])

        new_answers: list[NewAnswer] = []
        for call, sale in self._sold:
            detail = registro_of(sale)
            registro = transaction.audit(call.actor, Action.SALE, detail)
            transaction.emit(Kind.SALE, audience_of_sale(sale), sale)
            if call.key is not None:
                result = self._answers[call.key.place].result
                new_answers.append(NewAnswer(call.key, result, registro.id))
        idempotency.keep(transaction, new_answers)
        stock.announce(transaction, self._ledger, self._products)


def registro_of(sale: Sale) -> dict[str, object]:
    """Return what the audit trail says of a sale."""
    return {
        "sale": sale.id,
        "folio": sale.folio,
        "total": sale.total_minor,
        **FINGERPRINTS.registro(sale),
    }


def settle(
    transaction: Tx,
    actor: Actor,
    sale_id: int,
    payments: Sequence[Payment],
    idempotency_key: IdempotencyKey | None = None,
) -> Outcome[Sale]:
    """Settle what is owed of a sale, wholly or in part.

    The answer is the sale as it then stands.
    """
    require(actor, Permission.SELL)

    def perform() -> Sale:
        sale = _find(transaction, sale_id)
        audience = audience_of_sale(sale)
        settlement = settle_debt(sale.owed_minor, payments, transaction.shop.rounding)
        settlement_no = sales.settle(transaction, sale, settlement, actor)

        amounts = [[payment.method.value, payment.amount_minor] for payment in payments]
        detail = {
            "sale": sale_id,
            "call": settlement_no,
            "payments": amounts,
            "change": settlement.change_minor,
            "rounding": settlement.rounding_minor,
            "owed": settlement.owed_minor,
        }
        transaction.audit(actor, Action.PAYMENT, detail)

        settled = _find(transaction, sale_id)
        transaction.emit(Kind.SALE, audience, settled)
        return settled

    return once(transaction, idempotency_key, Sale, perform)


def _find(snapshot: Snapshot, sale_id: int) -> Sale:
    sale = sales.by_id(snapshot.connection, sale_id)
    if sale is None:
        raise NotFound
    return sale


@lookup
def get(
    snapshot: Snapshot,
    actor: Actor,
    sale_id: int,
) -> Sale:
    """Return one sale: staff any, a customer the own ones; another's is NotFound."""
    require(actor, Permission.LOOK)
    sale = _find(snapshot, sale_id)
    if not readable_sales(actor).includes(sale):
        raise NotFound
    return sale


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
    *,
    owed: bool | None = None,
    customer_rut: str | None = None,
) -> Page[Sale]:
    """Return a page of the sales that stand in the actor's list, newest first.

    ``owed`` leaves only those with, or only those without debt.
    """
    require(actor, Permission.LOOK)
    return sales.listed(
        snapshot.connection,
        window,
        listed_sales(actor),
        owed=owed,
        customer_rut=customer_rut,
    )

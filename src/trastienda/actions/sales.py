"""Selling, settling what is owed, and looking at what was sold."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from trastienda.actions import shelf, stock
from trastienda.actions.once import Outcome, once, replay
from trastienda.domain import payments as paying
from trastienda.domain import sales as deciding
from trastienda.domain.audit import Action, digest
from trastienda.domain.errors import NotFound, Refusal
from trastienda.domain.events import Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.payments import Payment
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.sales import Sale, SaleNumbers, SaleOrder, Shelf, Terms
from trastienda.domain.visibility import audience_of_sale, listed_sales, readable_sales
from trastienda.storage import idempotency, sales
from trastienda.storage.idempotency import IdempotencyKey, Kept
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Snapshot, Tx, lookup


class Selling(Struct, frozen=True):
    """One call: who sells, what is ordered, and the key under which it may come again.

    ``self_service``: the actor, of any role, buys alone, as :func:`trastienda.domain.sales.self_service` says.
    """

    actor: Actor
    order: SaleOrder
    key: IdempotencyKey | None = None
    self_service: bool = False


def sell(tx: Tx, calls: Sequence[Selling]) -> list[Outcome[Sale] | Refusal]:
    """Sell for many at once: each order is decided in turn against one shelf, and all are written in sets.

    The answers stand in the order of the calls; a refused one takes nothing and leaves its key free. Calls with the
    same key are joined: the later gets the answer of the earlier. Raises ShortError where another node was faster.
    """
    counter = _Counter(tx, calls)
    answers = [counter.serve(call) for call in calls]
    counter.write()
    return answers


class _Counter:
    """One run of calls: the shelf they share, and what they come to."""

    def __init__(self, tx: Tx, calls: Sequence[Selling]) -> None:
        self._tx = tx
        keys = [call.key for call in calls if call.key is not None]
        self._kept: dict[tuple[int, str, str], Kept] = (
            idempotency.find(tx, keys) if keys else {}
        )
        fresh = [
            call
            for call in calls
            if call.key is None or call.key.place not in self._kept
        ]
        picks = shelf.picks(
            tx, {line.code for call in fresh for line in call.order.lines}
        )
        self._products: dict[int, Product] = {
            pick.product.id: pick.product for pick in picks.values()
        }
        self._ledger = Ledger(tx, self._products)
        self._shelf = Shelf(
            picks,
            {
                product_id: self._ledger.balance(product_id)
                for product_id in self._products
            },
            {
                product_id: product.final_price(tx.now_ms)
                for product_id, product in self._products.items()
            },
        )
        self._terms = Terms(tx.shop.vat_bp, tx.shop.rounding)
        self._sold: list[tuple[Selling, Sale]] = []
        self._new_answers: list[tuple[IdempotencyKey, str]] = []

    def serve(self, call: Selling) -> Outcome[Sale] | Refusal:
        try:
            require(
                call.actor, Permission.BUY if call.self_service else Permission.SELL
            )
            if (
                call.key is not None
                and (kept := self._kept.get(call.key.place)) is not None
            ):
                return replay(call.key, kept, Sale)
            return Outcome(self._sell(call))
        except Refusal as refusal:
            return refusal

    def _sell(self, call: Selling) -> Sale:
        tx, actor, order = self._tx, call.actor, call.order
        numbers = SaleNumbers(
            tx.peek("sale"), tx.peek("folio"), tx.now_ms, actor.user_id, actor.person
        )
        if call.self_service:
            order, numbers = deciding.self_service(order, numbers, actor)
        sale = deciding.decide(self._shelf, order, self._terms, numbers)
        tx.take("sale")
        tx.take("folio")
        self._shelf.take(sale)
        for line in sale.lines:
            self._ledger.move(
                line.product_id,
                -line.quantity_milli,
                Cause.SALE,
                sale.id,
                actor.user_id,
            )
        self._sold.append((call, sale))
        if call.key is not None:
            kept = Kept(call.key.fingerprint, msgspec.json.encode(sale).decode())
            self._kept[call.key.place] = kept
            self._new_answers.append((call.key, kept.result))
        return sale

    def write(self) -> None:
        tx = self._tx
        self._ledger.write()
        sales.add(tx, [sale for _, sale in self._sold])
        idempotency.keep(tx, self._new_answers)
        for call, sale in self._sold:
            tx.audit(call.actor, Action.SALE, _told(sale))
            tx.emit(Kind.SALE, audience_of_sale(sale), sale)
        stock.announce(tx, self._ledger, self._products)


def _told(sale: Sale) -> dict[str, object]:
    return {
        "sale": sale.id,
        "folio": sale.folio,
        "total": sale.total_minor,
        "sha256": digest(deciding.content(sale)),
    }


def settle(
    tx: Tx,
    actor: Actor,
    sale_id: int,
    payments: Sequence[Payment],
    key: IdempotencyKey | None = None,
) -> Outcome[Sale]:
    """Settle what is owed of a sale, wholly or in part; the answer is the sale as it then stands."""
    require(actor, Permission.SELL)

    def perform() -> Sale:
        sale = _find(tx, sale_id)
        settlement = paying.settle_debt(sale.owed_minor, payments, tx.shop.rounding)
        call = sales.settle(tx, sale, settlement, actor)
        detail = {
            "sale": sale_id,
            "call": call,
            "payments": [[one.method.value, one.amount_minor] for one in payments],
            "change": settlement.change_minor,
            "rounding": settlement.rounding_minor,
            "owed": settlement.owed_minor,
        }
        tx.audit(actor, Action.PAYMENT, detail)
        settled = _find(tx, sale_id)
        tx.emit(Kind.SALE, audience_of_sale(settled), settled)
        return settled

    return once(tx, key, Sale, perform)


def _find(snapshot: Snapshot, sale_id: int) -> Sale:
    sale = sales.by_id(snapshot.connection, sale_id)
    if sale is None:
        raise NotFound
    return sale


@lookup
def get(snapshot: Snapshot, actor: Actor, sale_id: int) -> Sale:
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
    """Return a page of the sales that stand in the actor's list, newest first; ``owed``: with or without debt."""
    require(actor, Permission.LOOK)
    return sales.listed(
        snapshot.connection,
        window,
        listed_sales(actor),
        owed=owed,
        customer_rut=customer_rut,
    )

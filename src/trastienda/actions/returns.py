"""Taking back what was sold."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.once import Outcome, once
from trastienda.domain import returns as deciding
from trastienda.domain.audit import Action, digest
from trastienda.domain.errors import ExcessiveReturn, NotFound, UnknownProducts
from trastienda.domain.events import Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import check_sellable
from trastienda.domain.returns import Return, ReturnNumbers, ReturnOrder
from trastienda.domain.sales import OrderLine, Sale
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.domain.visibility import audience_of_sale, listed_sales
from trastienda.storage import products, returns, sales
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Snapshot, Tx

MAX_PIECES = 500
"""Purchases that one give-back may reach into: each becomes a return, and 500 are written in a tenth of a second."""


def take_back(
    tx: Tx,
    actor: Actor,
    sale_id: int,
    order: ReturnOrder,
    key: IdempotencyKey | None = None,
) -> Outcome[Return]:
    """Take back part of a sale or all that is left of it; debt goes down first, the rest is paid back."""
    require(actor, Permission.SELL)
    return once(tx, key, Return, lambda: _take_back(tx, actor, sale_id, order))


def _take_back(tx: Tx, actor: Actor, sale_id: int, order: ReturnOrder) -> Return:
    order = replace(order, reason=clean(order.reason, "reason", limit=MAX_TEXT))
    sale = sales.by_id(tx.connection, sale_id)
    if sale is None:
        raise NotFound
    units = products.units_of(tx.connection, [line.product_id for line in sale.lines])
    return _write(tx, actor, [(sale, order)], units)[0]


def give_back(
    tx: Tx,
    actor: Actor,
    code: str,
    quantity_milli: int,
    reason: str,
    key: IdempotencyKey | None = None,
) -> Outcome[tuple[Return, ...]]:
    """Take back what the actor, of any role, bought alone: from the newest purchase on, a return for each it reaches.

    Debt goes down first, the rest is paid back in cash; all of it or nothing comes back. ``code`` is a product's own, a
    retired one's too. Raises UnknownProducts, Invalid, or ExcessiveReturn where less is left with the actor (of their
    newest ``returns.MAX_LOOKED_AT`` purchases, and of MAX_PIECES that have some left).
    """
    require(actor, Permission.BUY)
    return once(
        tx,
        key,
        tuple[Return, ...],
        lambda: _give_back(tx, actor, code, quantity_milli, reason),
    )


def _give_back(
    tx: Tx, actor: Actor, code: str, quantity_milli: int, reason: str
) -> tuple[Return, ...]:
    reason = clean(reason, "reason", limit=MAX_TEXT)
    product = products.by_code(tx.connection, code)
    if product is None:
        raise UnknownProducts([code])
    check_sellable(quantity_milli, by_unit=product.unit is Unit.PIECE, field="quantity")
    pieces = _pieces(tx, actor, product, quantity_milli)
    bought = sales.by_ids(tx.connection, list(pieces))
    orders = [
        (
            bought[sale_id],
            ReturnOrder(lines=[OrderLine(product.code, piece_milli)], reason=reason),
        )
        for sale_id, piece_milli in pieces.items()
    ]
    return _write(tx, actor, orders, {product.id: product.unit})


def _pieces(
    tx: Tx, actor: Actor, product: Product, quantity_milli: int
) -> dict[int, int]:
    """Return how much comes back of which sale, newest first."""
    pieces: dict[int, int] = {}
    rest_milli = quantity_milli
    for sale_id, left_milli in returns.left_with(
        tx.connection, actor.user_id, product.id
    ):
        pieces[sale_id] = min(rest_milli, left_milli)
        rest_milli -= pieces[sale_id]
        if not rest_milli:
            return pieces
        if len(pieces) == MAX_PIECES:
            break
    raise ExcessiveReturn([(product.code, quantity_milli, quantity_milli - rest_milli)])


def _write(
    tx: Tx,
    actor: Actor,
    orders: Sequence[tuple[Sale, ReturnOrder]],
    units: Mapping[int, Unit],
) -> tuple[Return, ...]:
    """Decide and write a return of each of these sales, no sale twice. Only staff are the seller of a return."""
    seller_id, seller = (
        (actor.user_id, actor.person) if actor.is_staff else (None, None)
    )
    back = returns.of_sales(tx.connection, [sale.id for sale, _ in orders])
    taken: list[tuple[Sale, Return]] = []
    for sale, order in orders:
        numbers = ReturnNumbers(tx.peek("return"), tx.now_ms, seller_id, seller)
        returned = returns.summed(back.get(sale.id, []))
        taken.append(
            (
                sale,
                deciding.decide(
                    sale, order, returned, units, tx.shop.rounding, numbers
                ),
            )
        )
        tx.take("return")
    written = tuple([one for _, one in taken])
    returns.add(tx, written)
    _restock(tx, actor, written)
    for sale, one in taken:
        _tell(tx, actor, sale, one)
    return written


def _restock(tx: Tx, actor: Actor, written: Sequence[Return]) -> None:
    back = [(one, line) for one in written if one.restock for line in one.lines]
    if not back:
        return
    found = products.by_codes(tx.connection, {line.code for _, line in back})
    ledger = Ledger(tx, {line.product_id for _, line in back})
    for one, line in back:
        ledger.move(
            line.product_id, line.quantity_milli, Cause.RETURN, one.id, actor.user_id
        )
    ledger.write()
    stock.announce(tx, ledger, {product.id: product for product in found.values()})


def _tell(tx: Tx, actor: Actor, sale: Sale, one: Return) -> None:
    """Bring the debt down, and tell of the return and of the sale as it now stands."""
    audience = audience_of_sale(sale)
    if one.debt_reduced_minor:
        owed_minor = sale.owed_minor - one.debt_reduced_minor
        sales.set_owed(tx, sale.id, owed_minor)
        tx.emit(Kind.SALE, audience, replace(sale, owed_minor=owed_minor))
    detail = {
        "return": one.id,
        "sale": sale.id,
        "total": one.total_minor,
        "sha256": digest(deciding.content(one)),
    }
    tx.audit(actor, Action.RETURN, detail)
    tx.emit(Kind.RETURN, audience, one)


def listed(snapshot: Snapshot, actor: Actor, window: Window) -> Page[Return]:
    """Return a page of the returns of the sales that the actor may list, newest first."""
    require(actor, Permission.LOOK)
    return returns.listed(snapshot.connection, window, listed_sales(actor))


def of_sales(snapshot: Snapshot, sales_read: Sequence[Sale]) -> dict[int, list[Return]]:
    """Return what came back of sales that the caller has been shown, oldest first, by sale."""
    return returns.of_sales(snapshot.connection, [sale.id for sale in sales_read])

"""Buying alone, and giving back what was bought here."""

import msgspec
from msgspec import Raw, Struct

from trastienda.actions import products, returns, sales
from trastienda.actions.sales import Selling
from trastienda.domain import barcode
from trastienda.domain.errors import NotFound, Refusal
from trastienda.domain.people import Actor
from trastienda.domain.products import Pick
from trastienda.domain.quantities import MILLI
from trastienda.domain.returns import Return
from trastienda.domain.sales import OrderLine, Sale, SaleOrder
from trastienda.domain.self_service import check_may_buy_alone
from trastienda.servers.sessions.products import question_in
from trastienda.servers.sessions.session import Answer, Session
from trastienda.storage.idempotency import IdempotencyKey, Render
from trastienda.storage.transactions import Snapshot
from trastienda.wire.bodies import fingerprint
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.requests import quantity_in as typed_quantity_in
from trastienda.wire.lines.shapes import (
    ProductoYCantidad,
)
from trastienda.wire.sales import render_sale, sale_out
from trastienda.wire.shelf_lines import (
    return_lines,
    sale_lines,
)
from trastienda.wire.values import quantity_in


class RepeatKey(Struct, frozen=True):
    """The key under which a request may come again, and that request itself."""

    key: str
    body: bytes


async def buy(
    session: Session,
    arguments: ProductoYCantidad,
    repeat: RepeatKey | None,
) -> Answer:
    """Buy: staff for cash, a customer on account."""
    actor = _require_buyer(session)
    wanted = await _read_wanted(session, arguments)
    order_line = OrderLine(wanted.code, wanted.quantity_milli)
    selling = Selling(
        actor,
        SaleOrder(lines=[order_line]),
        _idempotency_key(actor, repeat, "comprar", render_sale),
        self_service=True,
    )
    outcome = await session.desk.writer.run_many(sales.sell, selling)

    if outcome.body is not None and not session.asks_in_words:
        return Answer(Raw(outcome.body))
    sale = outcome.done or await _sale_again(session, actor, outcome.body)
    shop = session.desk.shop()
    data = sale_out(sale, shop.time_zone)
    text = sale_lines(sale, shop)
    return Answer(data, text)


async def give_back(
    session: Session,
    arguments: ProductoYCantidad,
    repeat: RepeatKey | None,
) -> Answer:
    """Give back what one has bought here."""
    actor = _require_buyer(session)
    wanted = await _read_wanted(session, arguments)
    quantity_milli = wanted.quantity_milli
    if quantity_milli is None:
        quantity_milli = wanted.labelled_milli
    if quantity_milli is None:
        quantity_milli = MILLI
    outcome = await session.desk.writer.run(
        returns.give_back,
        actor,
        wanted.product_code,
        quantity_milli,
        sentences.RETURN_REASON,
        _idempotency_key(actor, repeat, "devolver", answers.render_returns),
    )

    if outcome.body is not None and not session.asks_in_words:
        return Answer(Raw(outcome.body))
    sale_returns = outcome.done or await _returns_again(session, actor, outcome.body)
    shop = session.desk.shop()
    data = answers.returns(sale_returns, shop.time_zone)
    text = return_lines(sale_returns, shop)
    return Answer(data, text)


async def _sale_again(
    session: Session,
    actor: Actor,
    body: bytes | None,
) -> Sale:
    """Return the sale that an earlier answer was about."""
    assert body is not None
    sale_id = int(msgspec.json.decode(body)["id_venta"])
    reading = await session.desk.reader.read(sales.get, actor, sale_id)
    return reading.value


async def _returns_again(
    session: Session,
    actor: Actor,
    body: bytes | None,
) -> list[Return]:
    """Return the returns that an earlier answer was about."""
    assert body is not None
    documents = msgspec.json.decode(body)["devoluciones"]
    ids = {document["id_devolucion"] for document in documents}
    sale_ids = {int(document["id_venta"]) for document in documents}

    def read_returns(snapshot: Snapshot, actor: Actor) -> list[Return]:
        owned = [sales.get(snapshot, actor, sale_id) for sale_id in sorted(sale_ids)]
        by_sale = returns.of_sales(snapshot, owned)
        return [document for of_sale in by_sale.values() for document in of_sale]

    reading = await session.desk.reader.read(read_returns, actor)
    return [document for document in reading.value if document.id in ids]


def may_buy(session: Session) -> bool:
    """Tell whether whoever is here may buy and give back."""
    try:
        _require_buyer(session)
    except Refusal:
        return False
    return True


def _require_buyer(session: Session) -> Actor:
    actor = session.require_actor()
    check_may_buy_alone(actor, session.hub.rules.buyers)
    return actor


def _idempotency_key(
    actor: Actor,
    repeat: RepeatKey | None,
    command: str,
    render: Render,
) -> IdempotencyKey | None:
    if repeat is None or actor.user_id is None:
        return None

    place = f"linea {command}"
    content = fingerprint(command, repeat.body)
    return IdempotencyKey(actor.user_id, place, repeat.key, content, render)


class Wanted(Struct, frozen=True):
    """What somebody wants to buy or to give back.

    ``code`` is how it stands in an order, ``product_code`` the product's own. A label
    says itself how much (``labelled_milli``); then ``quantity_milli`` is None.
    """

    code: str
    product_code: str
    quantity_milli: int | None
    labelled_milli: int | None = None


async def _read_wanted(
    session: Session,
    arguments: ProductoYCantidad,
) -> Wanted:
    """Return what a code or a very name means, and how much of it.

    People type the quantity behind the name.
    """
    question = question_in(arguments.codigo_barras, "code")
    stated_milli = None
    if arguments.cantidad is not None:
        stated_milli = quantity_in(arguments.cantidad, "quantity")

    actor = session.require_actor()

    front, _, last_word = question.rpartition(" ")
    name = front.strip()
    typed_milli = None
    if front and stated_milli is None:
        typed_milli = typed_quantity_in(last_word)
    # A batch may end in any letters, so behind a scanned symbol a number is a quantity.
    is_behind_symbol = typed_milli is not None and barcode.is_symbol(name)

    def find_wanted(snapshot: Snapshot, actor: Actor) -> Wanted:
        pick = None
        if not is_behind_symbol:
            pick = _find_named(snapshot, actor, question)
        if pick is not None:
            return _wanted(pick, question, stated_milli)

        # Not found as it stands: the last word may be a quantity.
        if typed_milli is not None:
            pick = _find_named(snapshot, actor, name)
            if pick is not None:
                return _wanted(pick, name, typed_milli)

        # A product that is no longer shown may still be given back; other unknown codes
        # are refused by the action.
        code = question if typed_milli is None else name
        quantity_milli = typed_milli if stated_milli is None else stated_milli
        if quantity_milli is None:
            quantity_milli = MILLI
        return Wanted(code, code, quantity_milli)

    reading = await session.desk.reader.read(find_wanted, actor)
    return reading.value


def _find_named(
    snapshot: Snapshot,
    actor: Actor,
    question: str,
) -> Pick | None:
    """Return the product of this very code or name.

    Raises Invalid for a name of several.
    """
    try:
        return products.named(snapshot, actor, question)
    except NotFound:
        return None


def _wanted(
    pick: Pick,
    written_code: str,
    quantity_milli: int | None,
) -> Wanted:
    product_code = pick.product.code
    is_label = pick.quantity_milli is not None or pick.total_minor is not None
    if is_label:
        return Wanted(
            written_code,
            product_code,
            quantity_milli,
            pick.quantity_milli,
        )

    if quantity_milli is None:
        quantity_milli = MILLI
    return Wanted(product_code, product_code, quantity_milli)

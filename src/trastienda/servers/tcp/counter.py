"""The counter: looking at the goods, buying, giving back."""

from collections.abc import Callable

from msgspec import Struct

from trastienda.actions import products, returns, sales
from trastienda.actions.sales import Selling
from trastienda.domain.errors import Forbidden, Invalid, NotFound
from trastienda.domain.lists import MAX_LIMIT, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Product
from trastienda.domain.quantities import MILLI
from trastienda.domain.sales import OrderLine, Pick, SaleOrder
from trastienda.domain.text import fold
from trastienda.servers.tcp.conversation import Answer, Conversation
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.transactions import Snapshot
from trastienda.wire.bodies import fingerprint
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.requests import quantity_in as written_quantity
from trastienda.wire.products import product_out
from trastienda.wire.returns import return_out
from trastienda.wire.sales import sale_out
from trastienda.wire.shelf_lines import (
    price_line,
    product_line,
    return_lines,
    sale_lines,
    stock_line,
)
from trastienda.wire.values import Quantity, quantity_in, quantity_out

SHOWN = 50
"""Products in a list for people; who has more asks for part of a name."""
ANSWERED = 10
"""Products in the answer to a question in the middle of the talk."""
LOOKED_AT = 100
"""Products looked at for it, so that those whose name begins so may come first."""
MAX_ASKED = 200
"""Characters of a question, as in a query by HTTP."""
REASON = "Devuelto por el comprador"
"""The reason of a return that its buyer made alone."""


class Looking(Struct, forbid_unknown_fields=True):
    """Parte de un nombre o un código."""

    q: str = ""
    codigo_barras: str | None = None
    limite: int = SHOWN
    cursor: str | None = None


class Asking(Struct, forbid_unknown_fields=True):
    """Un código, un nombre o parte de un nombre."""

    codigo_barras: str


class Taking(Struct, forbid_unknown_fields=True):
    """Cuánto de qué. Las personas escriben la cantidad detrás, y sin ella es una unidad."""

    codigo_barras: str
    cantidad: Quantity | None = None


class Key(Struct, frozen=True):
    """The key for repeats of a request, and what it is bound to."""

    key: str
    body: bytes


async def look(talk: Conversation, given: Looking) -> Answer:
    """Show the goods: those that a code or part of a name means, or all."""
    text = _asked_for(given.codigo_barras or given.q, "search")
    window = Window(
        limit=_limit(given.limite), cursor=given.cursor, search=text or None
    )
    actor, shop = talk.onlooker, talk.desk.shop()

    def read(snapshot: Snapshot) -> tuple[list[Product], str | None, int]:
        exact = _exact(snapshot, actor, text) if text else None
        if exact is not None:
            return [exact.product], None, snapshot.now_ms
        if not talk.asks_in_json:
            return (
                products.by_name(snapshot, actor, text, SHOWN + 1),
                None,
                snapshot.now_ms,
            )
        page = products.listed(snapshot, actor, window, active=True)
        return page.items, page.following, snapshot.now_ms

    found, following, now_ms = await talk.desk.reader.run(read)
    if talk.asks_in_json:
        shown = [
            product_out(one, now_ms, shop.zone, staff=actor.is_staff) for one in found
        ]
        return Answer({"datos": shown, "siguiente": following})
    lines = [product_line(one, shop, now_ms) for one in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append("Hay más: escriba ver y parte del nombre.")
    return Answer(text="\n".join(lines) or "No hay productos así.")


def _asked_for(given: str, field: str) -> str:
    """Return what a product is asked for by, cleaned; raise Invalid for more than a question holds."""
    text = clean(given)
    if len(text) > MAX_ASKED:
        raise Invalid(field, "too_long", limit=MAX_ASKED)
    return text


def _limit(limit: int) -> int:
    if not 0 < limit <= MAX_LIMIT:
        raise Invalid("limit", "limit_range")
    return limit


def _exact(snapshot: Snapshot, actor: Actor, text: str) -> Pick | None:
    try:
        return products.named(snapshot, actor, text)
    except (NotFound, Invalid):
        return None


async def _asked(talk: Conversation, given: str) -> tuple[list[Product], int]:
    """Return the products that a question in the talk means; raise NotFound for none."""
    actor, text = talk.onlooker, _asked_for(given, "code")

    def read(snapshot: Snapshot) -> tuple[list[Product], int]:
        exact = _exact(snapshot, actor, text)
        if exact is not None:
            return [exact.product], snapshot.now_ms
        return products.by_name(snapshot, actor, text, LOOKED_AT), snapshot.now_ms

    found, now_ms = await talk.desk.reader.run(read)
    if not found:
        raise NotFound
    folded = fold(text)
    found.sort(key=lambda one: not fold(one.name).startswith(folded))
    return found, now_ms


def _few(found: list[Product], line: Callable[[Product], str]) -> str:
    """Return a line for each of the first products, and whether there are more."""
    lines = [line(one) for one in found[:ANSWERED]]
    return "\n".join(
        [
            *lines,
            *(["Hay más: escriba más del nombre."] if len(found) > ANSWERED else []),
        ]
    )


async def stock(talk: Conversation, given: Asking) -> Answer:
    """Tell what is left."""
    found, _ = await _asked(talk, given.codigo_barras)
    rows = [
        {
            "codigo_barras": one.code,
            "nombre": one.name,
            "stock": quantity_out(one.stock_milli),
            "unidad": one.unit,
        }
        for one in found[:ANSWERED]
    ]
    return Answer({"datos": rows}, _few(found, stock_line))


async def price(talk: Conversation, given: Asking) -> Answer:
    """Tell price and discount."""
    found, now_ms = await _asked(talk, given.codigo_barras)
    actor, shop = talk.onlooker, talk.desk.shop()
    rows = [
        product_out(one, now_ms, shop.zone, staff=actor.is_staff)
        for one in found[:ANSWERED]
    ]
    return Answer(
        {"datos": rows}, _few(found, lambda one: price_line(one, shop, now_ms))
    )


async def buy(talk: Conversation, given: Taking, key: Key | None) -> Answer:
    """Buy; staff for cash, a customer on account."""
    actor = _buyer(talk)
    wanted = await _meant(talk, given)
    order = SaleOrder(lines=[OrderLine(wanted.code, wanted.quantity_milli)])
    call = Selling(actor, order, _bound(talk, key, "comprar"), self_service=True)
    outcome = await talk.desk.writer.run_many(sales.sell, call)
    shop = talk.desk.shop()
    return Answer(sale_out(outcome.value, shop.zone), sale_lines(outcome.value, shop))


async def give_back(talk: Conversation, given: Taking, key: Key | None) -> Answer:
    """Give back what one has bought here."""
    actor = _buyer(talk)
    wanted = await _meant(talk, given)
    bound = _bound(talk, key, "devolver")
    quantity_milli = (
        wanted.labelled_milli
        if wanted.quantity_milli is None
        else wanted.quantity_milli
    )
    outcome = await talk.desk.writer.run(
        returns.give_back,
        actor,
        wanted.product_code,
        _or_one(quantity_milli),
        REASON,
        bound,
    )
    shop = talk.desk.shop()
    data = {"devoluciones": [return_out(one, shop.zone) for one in outcome.value]}
    return Answer(data, return_lines(outcome.value, shop))


def _or_one(quantity_milli: int | None) -> int:
    """Return a quantity, one where none was stated; nothing at all is a quantity, which the action refuses."""
    return MILLI if quantity_milli is None else quantity_milli


def _buyer(talk: Conversation) -> Actor:
    actor = talk.actor
    if talk.desk.rules.staff_only and not actor.is_staff:
        raise Forbidden
    return actor


def _bound(talk: Conversation, key: Key | None, route: str) -> IdempotencyKey | None:
    user_id = talk.actor.user_id
    if key is None or user_id is None:
        return None
    return IdempotencyKey(
        user_id, f"linea {route}", key.key, fingerprint(route, key.body)
    )


class _Wanted(Struct):
    """What somebody wants: the code as it goes into an order, the product's own, and how much.

    A label says how much itself (``labelled_milli``), and then ``quantity_milli`` is None.
    """

    code: str
    product_code: str
    quantity_milli: int | None
    labelled_milli: int | None = None


async def _meant(talk: Conversation, given: Taking) -> _Wanted:
    """Return what is meant by a code or an exact name, with a quantity behind it where people wrote one."""
    actor, text = talk.actor, _asked_for(given.codigo_barras, "code")
    stated_milli = (
        None if given.cantidad is None else quantity_in(given.cantidad, "quantity")
    )
    name, _, last = text.rpartition(" ")

    def read(snapshot: Snapshot) -> _Wanted:
        pick = _named(snapshot, actor, text)
        if pick is not None:
            return _wanted(pick, text, stated_milli)
        written_milli = (
            written_quantity(last) if name and stated_milli is None else None
        )
        pick = None if written_milli is None else _named(snapshot, actor, name.strip())
        if pick is not None:
            return _wanted(pick, name.strip(), written_milli)
        # A code that is shown to nobody any more may still be given back, and else is refused as any unknown one.
        code = text if written_milli is None else name.strip()
        return _Wanted(
            code, code, _or_one(written_milli if stated_milli is None else stated_milli)
        )

    return await talk.desk.reader.run(read)


def _wanted(pick: Pick, text: str, quantity_milli: int | None) -> _Wanted:
    labelled = pick.quantity_milli is not None or pick.total_minor is not None
    if quantity_milli is None and not labelled:
        quantity_milli = MILLI
    code = text if labelled else pick.product.code
    return _Wanted(code, pick.product.code, quantity_milli, pick.quantity_milli)


def _named(snapshot: Snapshot, actor: Actor, text: str) -> Pick | None:
    try:
        return products.named(snapshot, actor, text)
    except NotFound:
        return None

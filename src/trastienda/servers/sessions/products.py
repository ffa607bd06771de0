"""Products: looking at them, buying, and giving back what was bought."""

from collections.abc import Callable, Sequence

from msgspec import Raw, Struct

from trastienda.actions import products, returns, sales
from trastienda.actions.sales import Selling
from trastienda.domain import barcode
from trastienda.domain.errors import Invalid, NotFound, Refusal
from trastienda.domain.lists import MAX_LIMIT, Page, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Pick, Product
from trastienda.domain.quantities import MILLI
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.domain.self_service import check_may_buy_alone
from trastienda.domain.text import in_one
from trastienda.reader import Reading
from trastienda.servers.sessions.session import Answer, Session
from trastienda.storage.idempotency import IdempotencyKey, Render
from trastienda.storage.transactions import Snapshot
from trastienda.wire.bodies import fingerprint
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.requests import quantity_in as typed_quantity_in
from trastienda.wire.lines.shapes import (
    LISTED_PRODUCTS,
    ConsultaProducto,
    ProductoYCantidad,
    VerProductos,
)
from trastienda.wire.sales import render_sale, sale_out
from trastienda.wire.shelf_lines import (
    price_line,
    product_line,
    return_lines,
    sale_lines,
    stock_line,
)
from trastienda.wire.values import quantity_in

ANSWERED_PRODUCTS = 10
"""Products in the answer to a question in the middle of the chat."""
LOOKED_AT_PRODUCTS = 100
"""Products read for it.

Those whose name begins with the question come first.
"""
MAX_QUESTION = 200
"""Characters of a question, as in a query by HTTP."""


class RepeatKey(Struct, frozen=True):
    """The key under which a request may come again, and that request itself."""

    key: str
    body: bytes


async def look(
    session: Session,
    arguments: VerProductos,
) -> Answer:
    """Show the products that a code or part of a name means, or all."""
    question = _question(arguments.codigo_barras or arguments.q, "search")
    if not 0 < arguments.limite <= MAX_LIMIT:
        raise Invalid("limit", "limit_range")

    viewer, by_name = session.viewer, session.asks_in_words
    window = None
    if not by_name:
        window = Window(
            limit=arguments.limite,
            cursor=arguments.cursor,
            search=question or None,
        )

    def read_listing(snapshot: Snapshot, viewer: Actor) -> Page[Product]:
        if question:
            exact = _find_exact(snapshot, viewer, question)
            if exact is not None:
                return Page([exact.product], None)

        if window is not None:
            return products.listed(snapshot, viewer, window, active=True)

        # One more than is listed tells whether there are more.
        limit = LISTED_PRODUCTS + 1
        named = products.by_name(snapshot, viewer, question, limit)
        return Page(named, None)

    reading = await session.desk.reader.read(read_listing, viewer)
    page, now_ms = reading.value, reading.now_ms
    shop = session.desk.shop()
    if not by_name:
        data = answers.product_page(
            page,
            now_ms,
            shop.time_zone,
            staff=viewer.is_staff,
        )
        return Answer(data)

    listed = page.items[:LISTED_PRODUCTS]
    lines = [product_line(product, shop, now_ms) for product in listed]
    if len(page.items) > LISTED_PRODUCTS:
        lines.append(sentences.MORE_PRODUCTS)
    listing = "\n".join(lines)
    return Answer(text=listing or sentences.NO_PRODUCTS)


def _question(
    text: str,
    field: str,
) -> str:
    """Return what a product is asked for by, cleaned.

    Raises Invalid for a question that is too long.
    """
    question = clean(text)
    if len(question) > MAX_QUESTION:
        raise Invalid(field, "too_long", limit=MAX_QUESTION)
    return question


def _find_exact(
    snapshot: Snapshot,
    viewer: Actor,
    question: str,
) -> Pick | None:
    """Return the product of this very code or name; None for none, or for several."""
    try:
        return products.named(snapshot, viewer, question)
    except (NotFound, Invalid):
        return None


async def stock(
    session: Session,
    arguments: ConsultaProducto,
) -> Answer:
    """Answer what is left."""
    reading = await _ask(session, arguments.codigo_barras)
    asked = reading.value

    answered = asked[:ANSWERED_PRODUCTS]
    data = answers.stock(answered)
    text = _lines(asked, stock_line)
    return Answer(data, text)


async def price(
    session: Session,
    arguments: ConsultaProducto,
) -> Answer:
    """Answer price and discount."""
    reading = await _ask(session, arguments.codigo_barras)
    asked, now_ms = reading.value, reading.now_ms
    shop = session.desk.shop()

    answered = asked[:ANSWERED_PRODUCTS]
    data = answers.products(
        answered,
        now_ms,
        shop.time_zone,
        staff=session.viewer.is_staff,
    )
    text = _lines(asked, lambda product: price_line(product, shop, now_ms))
    return Answer(data, text)


async def _ask(
    session: Session,
    text: str,
) -> Reading[list[Product]]:
    """Read the products that a question in the chat means; raise NotFound for none.

    Those whose name begins with the question come first.
    """
    question = _question(text, "code")
    viewer = session.viewer

    def read_asked(snapshot: Snapshot, viewer: Actor) -> list[Product]:
        exact = _find_exact(snapshot, viewer, question)
        if exact is not None:
            return [exact.product]
        return products.by_name(snapshot, viewer, question, LOOKED_AT_PRODUCTS)

    reading = await session.desk.reader.read(read_asked, viewer)
    if not reading.value:
        raise NotFound

    asked = in_one(question)
    reading.value.sort(key=lambda product: not in_one(product.name).startswith(asked))
    return reading


def _lines(
    asked: Sequence[Product],
    line_of: Callable[[Product], str],
) -> str:
    """Return a line for each of the first products, and whether there are more."""
    answered = asked[:ANSWERED_PRODUCTS]
    lines = [line_of(product) for product in answered]
    if len(asked) > ANSWERED_PRODUCTS:
        lines.append(sentences.MORE_OF_THE_NAME)
    return "\n".join(lines)


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

    if outcome.body is not None:
        return Answer(Raw(outcome.body))
    sale = outcome.value
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

    if outcome.body is not None:
        return Answer(Raw(outcome.body))
    sale_returns = outcome.value
    shop = session.desk.shop()
    data = answers.returns(sale_returns, shop.time_zone)
    text = return_lines(sale_returns, shop)
    return Answer(data, text)


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
    question = _question(arguments.codigo_barras, "code")
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

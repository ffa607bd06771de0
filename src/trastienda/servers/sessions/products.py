"""Looking at products."""

from collections.abc import Callable, Sequence

from trastienda.actions import products
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.lists import MAX_LIMIT, Page, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Pick, Product
from trastienda.domain.text import in_one
from trastienda.reader import Reading
from trastienda.servers.sessions.session import Answer, Session
from trastienda.storage.transactions import Snapshot
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.shapes import (
    LISTED_PRODUCTS,
    ConsultaProducto,
    VerProductos,
)
from trastienda.wire.shelf_lines import (
    price_line,
    product_line,
    stock_line,
)

ANSWERED_PRODUCTS = 10
"""Products in the answer to a question in the middle of the chat."""
LOOKED_AT_PRODUCTS = 100
"""Products read for it.

Those whose name begins with the question come first.
"""
MAX_QUESTION = 200
"""Characters of a question, as in a query by HTTP."""


async def look(
    session: Session,
    arguments: VerProductos,
) -> Answer:
    """Show the products that a code or part of a name means, or all."""
    question = question_in(arguments.codigo_barras or arguments.q, "search")
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


def question_in(
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
    question = question_in(text, "code")
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

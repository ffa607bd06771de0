"""What has changed of the products since a state of the shop."""

from trastienda.domain.errors import Gap
from trastienda.domain.events import Code
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.visibility import may_see_product
from trastienda.storage import journal, lists, products
from trastienda.storage.transactions import Snapshot

ANNOUNCEMENTS = 5000
"""Announcements read for a page, of products or not: some twenty milliseconds."""


def changed_since(
    snapshot: Snapshot,
    actor: Actor,
    since_n: int,
    window: Window,
) -> Page[Product | Code]:
    """Return the products announced after ``since_n``, in that order, as they are now.

    Of those that the caller does not see, or that are gone, only the code. Whoever puts
    the pages into a copy of the list, one after the other, has the list as it is in the
    state of the last page. Raises Gap where not all announcements are known any more.
    """
    require(actor, Permission.LOOK)
    connection = snapshot.connection
    after_n = since_n
    if window.cursor is not None:
        (after_n,) = lists.cursor_key(window.cursor, journal.KEY)
    if not journal.knows(connection, after_n):
        raise Gap

    read = journal.product_codes(connection, after_n, ANNOUNCEMENTS)
    codes: dict[str, None] = {}
    is_complete = len(read) < ANNOUNCEMENTS
    for n, code in read:
        if code is not None and code not in codes:
            if len(codes) == window.limit:
                is_complete = False
                break
            codes[code] = None
        after_n = n

    by_key = products.by_codes(connection, codes)
    by_code = {product.code: product for product in by_key.values()}
    items: list[Product | Code] = []
    for code in codes:
        product = by_code.get(code)
        if product is None or not may_see_product(actor, active=product.active):
            items.append(Code(code))
        else:
            items.append(product)
    return Page(items, None if is_complete else lists.cursor([after_n]))

"""Products as lists: searched, filtered, put in order, and their categories."""

from itertools import groupby
from typing import Any

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.products import Category, Order, Product
from trastienda.domain.text import fold, search_words
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.products import LISTED, SELECT_PRODUCTS, build

_PRODUCTS = schema.products.c
_STOCK = schema.stock.c
_ORDERS: dict[Order, tuple[list[sa.ColumnElement[Any]], bool]] = {
    Order.NEWEST: ([], False),
    Order.OLDEST: ([], True),
    Order.NAME: ([_PRODUCTS.search], True),
    Order.CHEAPEST: ([_PRODUCTS.price_minor], True),
    Order.DEAREST: ([_PRODUCTS.price_minor], False),
    Order.LEAST_STOCK: ([_STOCK.quantity_milli], True),
    Order.MOST_STOCK: ([_STOCK.quantity_milli], False),
}
"""By which columns a list is put in order, and whether it rises."""


def matching(search: str) -> sa.ColumnElement[bool]:
    """Return the condition that name or code of a product hold all words of a search."""
    conditions: list[sa.ColumnElement[bool]] = []
    for word in search_words(search):
        condition = _PRODUCTS.search.contains(word.text, autoescape=True)
        if word.in_one:
            begins = _PRODUCTS.search_in_one.contains(
                f" {word.in_one}", autoescape=True
            )
            condition = sa.or_(condition, begins)
        conditions.append(condition)
    return sa.and_(sa.true(), *conditions)


def ids_named(search: str) -> sa.Select[Any]:
    """Return the query for the products whose name holds all words of a search.

    Their codes are not looked at: in a list of sales, 12 is a folio.
    """
    in_name = [
        _PRODUCTS.search_in_one.contains(word.in_one or word.text, autoescape=True)
        for word in search_words(search)
    ]
    return sa.select(_PRODUCTS.id).where(sa.and_(sa.true(), *in_name))


def in_order_of_name(
    connection: Connection,
    search: str,
    limit: int,
) -> list[Product]:
    """Return active products, searched by name or code, in the order of their names.

    It looks at all of them.
    """
    query = SELECT_PRODUCTS.where(matching(search), _PRODUCTS.active.is_(sa.true()))
    query = query.order_by(_PRODUCTS.search, _PRODUCTS.id).limit(limit)
    return build(connection.execute(query))


def listed(
    connection: Connection,
    window: Window,
    *,
    category: str | None = None,
    below_minimum: bool | None = None,
    active: bool | None = None,
    order: Order = Order.NEWEST,
) -> Page[Product]:
    """Return a page of products, searched by name or code."""
    query: sa.Select[Any] = LISTED.where(matching(window.search or ""))
    query = lists.within(query, _PRODUCTS.created_at_ms, window)

    if category is not None:
        query = query.where(_PRODUCTS.category_key == fold(category))
    if below_minimum is not None:
        below = _STOCK.quantity_milli < _PRODUCTS.min_stock_milli
        query = query.where(below if below_minimum else sa.not_(below))
    if active is not None:
        query = query.where(_PRODUCTS.active == active)

    columns, rising = _ORDERS[order]
    query = query.add_columns(*columns)
    key = [*columns, _PRODUCTS.id]

    def build_all(product_rows: lists.Rows) -> list[Product]:
        return build(row[: len(row) - len(columns)] for row in product_rows)

    return lists.page(connection, query, key, window, build_all, rising=rising)


MAX_CATEGORIES = 2000
"""Spellings of categories in a list: far more than a shop has, a hundred kilobytes."""


def categories(
    connection: Connection,
    *,
    active: bool | None,
) -> list[Category]:
    """Return the categories of products in order, each in its commonest spelling."""
    count = sa.func.count()
    query = (
        sa.select(_PRODUCTS.category_key, _PRODUCTS.category, count)
        .where(_PRODUCTS.category_key.is_not(None), _PRODUCTS.removed_at_ms.is_(None))
        .group_by(_PRODUCTS.category_key, _PRODUCTS.category)
        .order_by(_PRODUCTS.category_key, count.desc(), _PRODUCTS.category)
        .limit(MAX_CATEGORIES)
    )
    if active is not None:
        query = query.where(_PRODUCTS.active == active)

    listed = []
    spellings = connection.execute(query)
    for _, group in groupby(spellings, key=lambda spelling: spelling[0]):
        _, names, counts = zip(*group, strict=True)
        listed.append(Category(names[0], sum(counts)))
    return listed

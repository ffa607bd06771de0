"""Shops to measure with, made in this process by the product's own actions."""

import random
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from servers import PASSWORD
from trastienda.actions import products, sales
from trastienda.app.opening import open_shop
from trastienda.config import Settings
from trastienda.domain.people import Actor, Role
from trastienda.domain.products import ProductDraft
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import Database
from trastienda.storage.transactions import writing

ADMINISTRATOR = Actor(
    user_id=1,
    rut="1-9",
    name="Administrador",
    role=Role.ADMINISTRATOR,
    origin="http 127.0.0.1",
)
STOCK_MILLI = 100_000_000_000
PRODUCTS_A_COMMIT = 5_000
SALES_A_COMMIT = 5_000
LINES_A_SALE = 5
MS_BETWEEN_SALES = 60_000
"""A shop that sells one a minute: a million of them are two years."""


def opened(folder: Path, *, durable: bool = True) -> Database:
    """Open the shop in ``folder``, or create it there."""
    settings = Settings(data=folder, admin_password=PASSWORD)
    return open_shop(settings, durable=durable).database


def create(folder: Path, count: int) -> list[str]:
    """Create a shop with ``count`` products, plenty of each in stock; return their codes."""
    database = opened(folder, durable=False)
    codes = [f"P{number:06d}" for number in range(count)]
    with database.connect() as connection:
        for start in range(0, count, PRODUCTS_A_COMMIT):
            with writing(connection, now_ms) as transaction:
                for code in codes[start : start + PRODUCTS_A_COMMIT]:
                    products.create(transaction, ADMINISTRATOR, _draft(code))
    return codes


def _draft(code: str) -> ProductDraft:
    return ProductDraft(
        code=code, name=f"Producto {code}", price_minor=990, stock_milli=STOCK_MILLI
    )


def sell_past(
    folder: Path, codes: Sequence[str], count: int, a_commit: int = SALES_A_COMMIT
) -> float:
    """Sell ``count`` times, one to five lines each, as if over the past.

    What is committed together has one moment. Returns the seconds that it took.
    """
    database = opened(folder, durable=False)
    chance = random.Random(3)
    began = time.perf_counter()
    opened_ms = now_ms() - count * MS_BETWEEN_SALES
    with database.connect() as connection:
        for start in range(0, count, a_commit):
            size = min(a_commit, count - start)
            calls = [_past_sale(chance, codes) for _ in range(size)]
            clock = partial(int, opened_ms + start * MS_BETWEEN_SALES)
            with writing(connection, clock) as transaction:
                sales.sell(transaction, calls)
    return time.perf_counter() - began


def _past_sale(chance: random.Random, codes: Sequence[str]) -> sales.Selling:
    lines = []
    for _ in range(chance.randint(1, LINES_A_SALE)):
        quantity_milli = 1000 * chance.randint(1, 3)
        lines.append(OrderLine(chance.choice(codes), quantity_milli))
    return sales.Selling(ADMINISTRATOR, SaleOrder(lines=lines))


def orders(codes: Sequence[str], count: int) -> list[sales.Selling]:
    """Return calls to sell, as the server makes them of requests."""
    chance = random.Random(5)
    calls = []
    for _ in range(count):
        sold_codes = chance.sample(codes, LINES_A_SALE)
        lines = [OrderLine(code, 1000) for code in sold_codes]
        calls.append(sales.Selling(ADMINISTRATOR, SaleOrder(lines=lines)))
    return calls

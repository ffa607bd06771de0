"""The sample shop of ``trastienda demo``: products with real check digits, people of each role, two weeks of sales."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from trastienda.actions import people, products, purchases, returns, sales
from trastienda.app.opening import now_ms
from trastienda.domain.barcode import check_digit
from trastienda.domain.lists import Window
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import SHELL, Actor, Role, UserDraft
from trastienda.domain.products import Discount, ProductChange, ProductDraft, Unit
from trastienda.domain.purchases import PurchaseOrder, PurchaseOrderLine
from trastienda.domain.returns import ReturnOrder
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.storage import dialects
from trastienda.storage.dialects import Engine
from trastienda.storage.transactions import Tx, writing

PASSWORD = "trastienda"  # noqa: S105 - of a shop that lives as long as its process
SETTINGS = {
    "admin_user": "ana",
    "admin_password": PASSWORD,
    "admin_rut": "1-9",
    "country": "CL",
    "currency": "CLP",
    "database_url": "",
    "secret_key": "",
}
"""What the sample shop is, whatever the settings of a real one beside it say."""
LOGINS = (("Administrador", "ana"), ("Cajero", "beto"), ("Cliente", "clara"))

_DAY_MS = 24 * 3600 * 1000
_DAYS = 14
_SALES_A_DAY = 12
_SEED = 7

_GOODS = (
    ("Pan hallulla", "Panadería", 2190, 1350, Unit.KILOGRAM),
    ("Queso gauda granel", "Fiambrería", 9990, 7100, Unit.KILOGRAM),
    ("Palta hass", "Verdulería", 4990, 3300, Unit.KILOGRAM),
    ("Leche entera 1 L", "Lácteos", 1190, 850, Unit.PIECE),
    ("Yogur de frutilla", "Lácteos", 350, 210, Unit.PIECE),
    ("Mantequilla 250 g", "Lácteos", 2890, 2100, Unit.PIECE),
    ("Huevos docena", "Abarrotes", 3490, 2600, Unit.PIECE),
    ("Arroz grado 1 1 kg", "Abarrotes", 1590, 1080, Unit.PIECE),
    ("Fideos espagueti 400 g", "Abarrotes", 990, 640, Unit.PIECE),
    ("Salsa de tomate 200 g", "Abarrotes", 590, 370, Unit.PIECE),
    ("Aceite maravilla 900 ml", "Abarrotes", 2490, 1790, Unit.PIECE),
    ("Azúcar 1 kg", "Abarrotes", 1290, 930, Unit.PIECE),
    ("Té negro 100 bolsas", "Abarrotes", 2990, 1990, Unit.PIECE),
    ("Café soluble 170 g", "Abarrotes", 5990, 4300, Unit.PIECE),
    ("Bebida cola 1,5 L", "Bebidas", 1790, 1150, Unit.PIECE),
    ("Agua sin gas 1,6 L", "Bebidas", 990, 520, Unit.PIECE),
    ("Jugo de naranja 1 L", "Bebidas", 1390, 900, Unit.PIECE),
    ("Galletas de vino", "Dulces", 690, 420, Unit.PIECE),
    ("Chocolate de leche", "Dulces", 1490, 980, Unit.PIECE),
    ("Detergente 3 L", "Aseo", 8990, 6500, Unit.PIECE),
    ("Papel higiénico 4 rollos", "Aseo", 1990, 1290, Unit.PIECE),
    ("Diario del día", "Kiosco", 1000, 800, Unit.PIECE),
)


def fill(engine: Engine) -> None:
    """Fill an empty shop whose first administrator is there."""
    chance = random.Random(_SEED)  # noqa: S311 - the same shop each time
    opening_ms = now_ms() - _DAYS * _DAY_MS
    with dialects.connect(engine) as connection:

        @contextmanager
        def at(moment_ms: int) -> Iterator[Tx]:
            with writing(connection, lambda: moment_ms) as tx:
                yield tx

        with at(opening_ms) as tx:
            seller = _people(tx)
            codes = _products(tx, opening_ms)
            _first_purchase(tx, codes)
        for day in range(_DAYS):
            for moment_ms in _moments(chance, opening_ms + day * _DAY_MS):
                with at(min(moment_ms, now_ms())) as tx:
                    _sell(tx, seller, chance, codes)
        with at(now_ms()) as tx:
            _last_day(tx, seller, codes)


def _people(tx: Tx) -> Actor:
    password_hash = PasswordHasher().hash(PASSWORD)
    beto = UserDraft(rut="11111111-1", name="Beto", username="beto", password=PASSWORD, role=Role.CASHIER)
    clara = UserDraft(rut="22222222-2", name="Clara", username="clara", password=PASSWORD)
    seller = people.register(tx, SHELL, beto, password_hash)
    people.register(tx, SHELL, clara, password_hash)
    ana = people.find(tx, SHELL, "1-9")
    people.change(tx, SHELL, ana.rut, people.UserChange(name="Ana"))
    return Actor(user_id=seller.id, rut=seller.rut, name=seller.name, role=seller.role, origin="demo")


def _products(tx: Tx, opening_ms: int) -> list[str]:
    codes = []
    for place, (name, category, price_minor, cost_minor, unit) in enumerate(_GOODS):
        weighed = unit is Unit.KILOGRAM
        digits = f"780{place * 7919 + 1234567:09d}"
        code = f"{place + 101:05d}" if weighed else digits + check_digit(digits)
        discount = None
        if place == 4:  # one that is on now
            discount = Discount(share_bp=2000, from_ms=opening_ms, until_ms=now_ms() + 7 * _DAY_MS)
        if place == 18:  # one that is over
            discount = Discount(amount_minor=300, from_ms=opening_ms, until_ms=now_ms() - _DAY_MS)
        draft = ProductDraft(
            code=code,
            name=name,
            price_minor=price_minor,
            cost_minor=cost_minor,
            category=category,
            unit=unit,
            min_stock_milli=12_000,
            exempt=category == "Kiosco",
            discount=discount,
        )
        products.create(tx, SHELL, draft)
        codes.append(code)
    return codes


def _first_purchase(tx: Tx, codes: list[str]) -> None:
    lines = [
        PurchaseOrderLine(code, 120_000, cost_minor)
        for code, (_, _, _, cost_minor, _) in zip(codes, _GOODS, strict=True)
    ]
    purchases.buy(tx, SHELL, PurchaseOrder(supplier="Proveedor de muestra", document="F-10241", lines=lines))


def _moments(chance: random.Random, day_ms: int) -> list[int]:
    """A day's sales: few in the morning, most at noon and after work."""
    hours = chance.choices(range(13), weights=(1, 2, 2, 3, 5, 5, 3, 2, 2, 4, 6, 5, 2), k=_SALES_A_DAY)
    return sorted(day_ms + hour * 3_600_000 + chance.randrange(3_600_000) for hour in hours)


def _sell(tx: Tx, seller: Actor, chance: random.Random, codes: list[str]) -> None:
    lines = []
    for code in chance.sample(codes, chance.choice((1, 1, 2, 2, 3, 4, 6))):
        weighed = len(code) == 5
        lines.append(
            OrderLine(code, chance.randrange(150, 1500, 5) if weighed else chance.choice((1, 1, 1, 2, 3)) * 1000)
        )
    method = chance.choices((None, Method.DEBIT, Method.CREDIT, Method.OWED), weights=(5, 4, 2, 1))[0]
    if method is None:
        order = SaleOrder(lines=lines)
    else:
        total_minor = _total(tx, lines)
        owed = method is Method.OWED
        order = SaleOrder(
            lines=lines,
            payments=[Payment(method, total_minor)],
            customer_rut="22222222-2" if owed else None,
        )
    sales.sell(tx, [sales.Selling(seller, order)])


def _total(tx: Tx, lines: list[OrderLine]) -> int:
    total_minor = 0
    for line in lines:
        product = products.look_up(tx, SHELL, line.code).product
        quantity_milli = line.quantity_milli or 0
        total_minor += (2 * quantity_milli * product.final_price(tx.now_ms) + 1000) // 2000
    return total_minor


def _last_day(tx: Tx, seller: Actor, codes: list[str]) -> None:
    """What a shop has beside sales: a return, a debt settled in part, and a shelf that runs low."""
    returns.take_back(tx, seller, 3, ReturnOrder(reason="Venía abierto", restock=False))
    owed = sales.listed(tx, SHELL, Window(limit=1), owed=True).items
    if owed:
        sales.settle(tx, seller, owed[0].id, [Payment(Method.CASH, owed[0].owed_minor // 2)])
    low = products.look_up(tx, SHELL, codes[5]).product
    wanted = ProductChange(stock_milli=4_000, reason="Conteo de la tarde")
    products.change(tx, SHELL, low.code, wanted)

"""Four weeks of the sample shop, the same each time but for the dates: they end now."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from argon2 import PasswordHasher

from trastienda.actions import (
    chat,
    people,
    products,
    purchases,
    reports,
    returns,
    sales,
)
from trastienda.demo.goods import EXEMPT, GOODS, SUPPLIERS, WHOLESALER, Good
from trastienda.demo.talk import TALK
from trastienda.domain.chat import Member
from trastienda.domain.days import day_of, day_start_ms
from trastienda.domain.errors import Refusal
from trastienda.domain.lists import Window
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import SHELL, Actor, Role, User, UserChange, UserDraft
from trastienda.domain.products import Discount, Product, ProductChange, ProductDraft
from trastienda.domain.purchases import PurchaseOrder, PurchaseOrderLine
from trastienda.domain.quantities import amount
from trastienda.domain.returns import ReturnOrder
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.operations.clock import now_ms
from trastienda.storage import dialects
from trastienda.storage.dialects import Engine
from trastienda.storage.transactions import Tx, writing

PASSWORD = "trastienda"  # noqa: S105 - of a shop that lives as long as its process
LOGINS = (("Administrador", "ana"), ("Cajero", "beto"), ("Cliente", "clara"))

DAYS = 28
_SEED = 7
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_DELIVERY_HOUR = 7
"""Before the shop opens."""
_DELIVERY_DAYS = {0, 3}
"""Monday and Thursday."""
_SALES_BY_WEEKDAY = (20, 19, 20, 22, 28, 32, 14)
"""From Monday: more towards the weekend, a short Sunday."""
_OPENING_HOUR = 8
_SALES_BY_HOUR = (3, 4, 4, 5, 8, 9, 6, 3, 3, 5, 9, 12, 8)
"""How busy each hour is from the opening on: lunch, and above all the way home."""
_POPULARITIES = [good.popularity for good in GOODS]
_RETURNED_SHARE = 0.012
_CLARA_RUT = "22222222-2"
_NEIGHBOUR_RUT = "12345678-5"


class _Story:
    """The shop as it fills up."""

    ana: Actor
    beto: Actor

    def __init__(self, connection: dialects.Connection) -> None:
        self.chance = random.Random(_SEED)  # noqa: S311 - the same shop each time
        self.products: dict[str, Product] = {}
        """By code."""
        self._connection = connection

    def tell(self) -> None:
        """Fill an empty shop whose first administrator is there."""
        end_ms = now_ms()
        with self.at(end_ms) as tx:
            zone = tx.shop.zone
        first_day = day_of(end_ms, zone) - timedelta(days=DAYS)
        opening_ms = day_start_ms(first_day, zone) + _DELIVERY_HOUR * _HOUR_MS
        with self.at(opening_ms) as tx:
            self.ana, self.beto = _register_people(tx)
            self._create_products(tx, opening_ms, end_ms)
            self._restock(tx)

        for number in range(DAYS + 1):
            day = first_day + timedelta(days=number)
            day_ms = day_start_ms(day, zone)
            self._work_a_day(day_ms, day.weekday(), end_ms)
            self._talk(day_ms, DAYS - number)

        with self.at(end_ms) as tx:
            self._settle_old_debts(tx)
            self._count_shelves(tx)
            reports.keep_days(tx, DAYS + 1)

    @contextmanager
    def at(self, moment_ms: int) -> Iterator[Tx]:
        """A transaction at a moment of the past."""
        with writing(self._connection, lambda: moment_ms) as tx:
            yield tx

    def _create_products(self, tx: Tx, opening_ms: int, end_ms: int) -> None:
        discounts = _discounts(opening_ms, end_ms)
        for good in GOODS:
            draft = ProductDraft(
                code=good.code,
                name=good.name,
                price_minor=good.price_minor,
                cost_minor=good.cost_minor,
                category=good.category,
                unit=good.unit,
                min_stock_milli=good.pack // 4 * 1000,
                exempt=good.category in EXEMPT,
                discount=discounts.get(good.name),
            )
            self.products[good.code] = products.create(tx, SHELL, draft).value

    def _restock(self, tx: Tx) -> None:
        """Buy what runs low; each supplier brings its own goods."""
        orders: dict[str, list[PurchaseOrderLine]] = {}
        for good in GOODS:
            left_milli = products.look_up(tx, SHELL, good.code).product.stock_milli
            if left_milli < good.pack * 600:
                line = PurchaseOrderLine(good.code, good.pack * 2000, good.cost_minor)
                supplier = SUPPLIERS.get(good.category, WHOLESALER)
                orders.setdefault(supplier, []).append(line)
        for supplier, lines in orders.items():
            document = f"F-{self.chance.randrange(10_000, 99_999)}"
            order = PurchaseOrder(supplier=supplier, document=document, lines=lines)
            purchases.buy(tx, self.ana, order)

    def _work_a_day(self, day_ms: int, weekday: int, end_ms: int) -> None:
        chance = self.chance
        delivery_ms = day_ms + _DELIVERY_HOUR * _HOUR_MS
        if weekday in _DELIVERY_DAYS and delivery_ms < end_ms:
            with self.at(delivery_ms) as tx:
                self._restock(tx)

        count = _SALES_BY_WEEKDAY[weekday] + chance.randrange(-3, 4)
        hours = chance.choices(
            range(len(_SALES_BY_HOUR)), weights=_SALES_BY_HOUR, k=count
        )
        moments = []
        for hour in hours:
            hour_ms = day_ms + (_OPENING_HOUR + hour) * _HOUR_MS
            moments.append(hour_ms + chance.randrange(_HOUR_MS))
        for moment_ms in sorted(moments):
            if moment_ms < end_ms:
                with self.at(moment_ms) as tx:
                    self._sell(tx)

    def _talk(self, day_ms: int, days_ago: int) -> None:
        """Post what was said that day."""
        actors = {"ana": self.ana, "beto": self.beto}
        for remark in TALK:
            if remark.days_ago == days_ago:
                member = Member(alias=remark.alias, actor=actors[remark.alias])
                message = chat.Speaking(
                    member=member, room=remark.room, text=remark.text
                )
                with self.at(day_ms + remark.hour * _HOUR_MS) as tx:
                    chat.speak(tx, [message])

    def _sell(self, tx: Tx) -> None:
        """Sell somebody a basket; now and then they bring the first of it back."""
        chance = self.chance
        size = chance.choice((1, 1, 2, 2, 3, 3, 4, 5, 8))
        goods = dict.fromkeys(chance.choices(GOODS, _POPULARITIES, k=size))
        lines = [OrderLine(good.code, _quantity_milli(good, chance)) for good in goods]
        seller = chance.choices((self.beto, self.ana), weights=(5, 1))[0]
        payments, customer_rut = _payments(chance, self._total_minor(tx, lines))
        order = SaleOrder(lines=lines, payments=payments, customer_rut=customer_rut)
        sold = sales.sell(tx, [sales.Selling(seller, order)])[0]
        if isinstance(sold, Refusal):  # nothing was left, and they go elsewhere
            return

        if chance.random() < _RETURNED_SHARE:
            reason = chance.choice(
                ("Venía abierto", "Vencido", "Se equivocó de producto")
            )
            returned = ReturnOrder(
                lines=[OrderLine(lines[0].code, lines[0].quantity_milli)],
                reason=reason,
                restock=reason.startswith("Se"),
            )
            returns.take_back(tx, seller, sold.value.id, returned)

    def _total_minor(self, tx: Tx, lines: list[OrderLine]) -> int:
        total_minor = 0
        for line in lines:
            price_minor = self.products[line.code].final_price(tx.now_ms)
            total_minor += amount(line.quantity_milli or 0, price_minor)
        return total_minor

    def _settle_old_debts(self, tx: Tx) -> None:
        """Pay all but the last four debts, and half of the very last."""
        owed = sales.listed(tx, SHELL, Window(limit=50), owed=True).items
        for sale in owed[4:]:
            payment = Payment(Method.TRANSFER, sale.owed_minor)
            sales.settle(tx, self.beto, sale.id, [payment])
        if owed:
            payment = Payment(Method.CASH, owed[0].owed_minor // 2)
            sales.settle(tx, self.beto, owed[0].id, [payment])

    def _count_shelves(self, tx: Tx) -> None:
        """Correct some stocks, so that products run low."""
        counted_milli = {
            "Mantequilla 250 g": 3000,
            "Aceite maravilla 900 ml": 4000,
            "Pan integral": 2350,
        }
        codes = {good.name: good.code for good in GOODS}
        for name, left_milli in counted_milli.items():
            count = ProductChange(stock_milli=left_milli, reason="Conteo de la tarde")
            products.change(tx, self.ana, codes[name], count)


def fill(engine: Engine) -> None:
    """Fill an empty shop whose first administrator is there."""
    with dialects.connect(engine) as connection:
        _Story(connection).tell()


def _register_people(tx: Tx) -> tuple[Actor, Actor]:
    """Register Beto and Clara, and call the administrator Ana; return Ana and Beto."""
    password_hash = PasswordHasher().hash(PASSWORD)
    beto = UserDraft(
        rut="11111111-1",
        name="Beto",
        username="beto",
        password=PASSWORD,
        role=Role.CASHIER,
    )
    clara = UserDraft(rut=_CLARA_RUT, name="Clara", username="clara", password=PASSWORD)
    beto_user = people.register(tx, SHELL, beto, password_hash)
    people.register(tx, SHELL, clara, password_hash)
    ana_user = people.change(tx, SHELL, "1-9", UserChange(name="Ana"))
    return _actor(ana_user), _actor(beto_user)


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id, rut=user.rut, name=user.name, role=user.role, origin="demo"
    )


def _discounts(opening_ms: int, end_ms: int) -> dict[str, Discount]:
    """Return two discounts that are on, one that is over and one that is to come."""
    week_ms = 7 * _DAY_MS
    return {
        "Yogur de frutilla 125 g": Discount(
            share_bp=2000, from_ms=opening_ms, until_ms=end_ms + week_ms
        ),
        "Detergente 3 L": Discount(
            amount_minor=1000, from_ms=opening_ms, until_ms=end_ms + week_ms
        ),
        "Chocolate de leche 100 g": Discount(
            amount_minor=300, from_ms=opening_ms, until_ms=end_ms - _DAY_MS
        ),
        "Helado de lúcuma 1 L": Discount(
            share_bp=1500,
            from_ms=end_ms + _DAY_MS,
            until_ms=end_ms + _DAY_MS + week_ms,
        ),
    }


def _quantity_milli(good: Good, chance: random.Random) -> int:
    if good.is_weighed:
        return chance.randrange(180, 1600, 5)
    return chance.choice((1, 1, 1, 1, 2, 2, 3, 6)) * 1000


_WAYS_TO_PAY = {
    "exact": 14,
    "note": 28,
    "debit": 34,
    "credit": 9,
    "transfer": 6,
    "mixed": 4,
    "owed": 3,
}
"""How often each is used, of a hundred or so."""


def _payments(
    chance: random.Random, total_minor: int
) -> tuple[list[Payment] | None, str | None]:
    """Return how somebody pays, and their RUT where it goes on their account.

    Payments of None are cash without change.
    """
    way = chance.choices(list(_WAYS_TO_PAY), list(_WAYS_TO_PAY.values()))[0]
    if way == "note":
        notes = [
            value_minor * -(-total_minor // value_minor)  # as many as it takes
            for value_minor in (1000, 5000, 10_000, 20_000)
        ]
        return [Payment(Method.CASH, chance.choice(notes))], None
    if way == "mixed" and total_minor > 4000:
        by_card = Payment(Method.DEBIT, total_minor - 2000)
        return [by_card, Payment(Method.CASH, 2000)], None
    if way == "owed":
        customer_rut = chance.choice((_CLARA_RUT, _CLARA_RUT, _NEIGHBOUR_RUT))
        return [Payment(Method.OWED, total_minor)], customer_rut
    if way in {"debit", "credit", "transfer"}:
        return [Payment(Method[way.upper()], total_minor)], None
    return None, None

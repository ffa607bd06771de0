"""Four weeks of the sample shop, the same each time but for the dates: they end now."""

import math
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
from trastienda.demo.goods import EXEMPT, GOODS, SUPPLIERS, WHOLESALER
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
from trastienda.storage.dialects import Connection, Database
from trastienda.storage.transactions import Tx, writing

PASSWORD = "trastienda"  # noqa: S105 - of a shop that lives as long as its process
LOGINS = (("Administrador", "ana"), ("Cajero", "beto"), ("Cliente", "clara"))

DAYS = 28
_SEED = 7
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_WEEK_MS = 7 * _DAY_MS
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
_FAULTS = ("Venía abierto", "Vencido")
_MISTAKE = "Se equivocó de producto"
"""Why things are brought back. Only what was bought by mistake can be sold again."""
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
_CLARA_RUT = "22222222-2"
_NEIGHBOUR_RUT = "12345678-5"


class _Story:
    """The shop as it fills up."""

    ana: Actor
    beto: Actor

    def __init__(self, connection: Connection) -> None:
        self.chance = random.Random(_SEED)  # noqa: S311 - the same shop each time
        self.products: dict[str, Product] = {}
        """By code."""
        self._connection = connection

    def fill_shop(self) -> None:
        """Fill an empty shop whose first administrator is there."""
        end_ms = now_ms()
        with self.at(end_ms) as transaction:
            time_zone = transaction.shop.time_zone

        last_day = day_of(end_ms, time_zone)
        first_day = last_day - timedelta(days=DAYS)
        opening_ms = day_start_ms(first_day, time_zone) + _DELIVERY_HOUR * _HOUR_MS
        with self.at(opening_ms) as transaction:
            self._register_people(transaction)
            self._create_products(transaction, opening_ms, end_ms)
            self._restock(transaction)

        for number in range(DAYS + 1):
            day = first_day + timedelta(days=number)
            day_ms = day_start_ms(day, time_zone)
            self._work_a_day(day_ms, day.weekday(), end_ms)
            self._talk(day_ms, DAYS - number)

        # Some debts and low stocks remain, so that their pages have something to show.
        with self.at(end_ms) as transaction:
            self._settle_old_debts(transaction)
            self._count_shelves(transaction)
            reports.keep_days(transaction, DAYS + 1)

    @contextmanager
    def at(self, moment_ms: int) -> Iterator[Tx]:
        """A transaction at a moment of the past."""

        def clock_ms() -> int:
            return moment_ms

        with writing(self._connection, clock_ms) as transaction:
            yield transaction

    def _register_people(self, transaction: Tx) -> None:
        """Register Beto and Clara, and call the administrator Ana."""
        # Hashing takes a noticeable time, and all of them have the same password.
        password_hash = PasswordHasher().hash(PASSWORD)
        beto = UserDraft(
            rut="11111111-1",
            name="Beto",
            username="beto",
            password=PASSWORD,
            role=Role.CASHIER,
        )
        clara = UserDraft(
            rut=_CLARA_RUT,
            name="Clara",
            username="clara",
            password=PASSWORD,
        )

        self.beto = _actor(people.register(transaction, SHELL, beto, password_hash))
        people.register(transaction, SHELL, clara, password_hash)
        change = UserChange(name="Ana", password=PASSWORD)
        ana_user = people.change(transaction, SHELL, "1-9", change, password_hash)
        self.ana = _actor(ana_user)

    def _create_products(
        self,
        transaction: Tx,
        opening_ms: int,
        end_ms: int,
    ) -> None:
        # Two that are on, one that is over, and one that is to come.
        next_week_ms = end_ms + _WEEK_MS
        yesterday_ms = end_ms - _DAY_MS
        tomorrow_ms = end_ms + _DAY_MS
        discounts = {
            "Yogur de frutilla 125 g": Discount(
                share_bp=2000,
                from_ms=opening_ms,
                until_ms=next_week_ms,
            ),
            "Detergente 3 L": Discount(
                amount_minor=1000,
                from_ms=opening_ms,
                until_ms=next_week_ms,
            ),
            "Chocolate de leche 100 g": Discount(
                amount_minor=300,
                from_ms=opening_ms,
                until_ms=yesterday_ms,
            ),
            "Helado de lúcuma 1 L": Discount(
                share_bp=1500,
                from_ms=tomorrow_ms,
                until_ms=tomorrow_ms + _WEEK_MS,
            ),
        }

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
            self.products[good.code] = products.create(transaction, SHELL, draft).value

    def _restock(self, transaction: Tx) -> None:
        """Buy what runs low; each supplier brings its own goods."""
        orders: dict[str, list[PurchaseOrderLine]] = {}
        for good in GOODS:
            product = products.look_up(transaction, SHELL, good.code).product
            pack_milli = good.pack * 1000
            if product.stock_milli >= pack_milli * 6 // 10:
                continue

            cost_milli = good.cost_minor * 1000
            line = PurchaseOrderLine(good.code, 2 * pack_milli, cost_milli)
            supplier = SUPPLIERS.get(good.category, WHOLESALER)
            orders.setdefault(supplier, []).append(line)

        for supplier, lines in orders.items():
            invoice_number = self.chance.randrange(10_000, 99_999)
            order = PurchaseOrder(
                supplier=supplier,
                document=f"F-{invoice_number}",
                lines=lines,
            )
            purchases.buy(transaction, self.ana, order)

    def _work_a_day(
        self,
        day_ms: int,
        weekday: int,
        end_ms: int,
    ) -> None:
        """Take what is delivered that day, and sell until its end or ``end_ms``."""
        chance = self.chance
        delivery_ms = day_ms + _DELIVERY_HOUR * _HOUR_MS
        if weekday in _DELIVERY_DAYS and delivery_ms < end_ms:
            with self.at(delivery_ms) as transaction:
                self._restock(transaction)

        sale_count = _SALES_BY_WEEKDAY[weekday] + chance.randrange(-3, 4)
        hours = chance.choices(
            range(len(_SALES_BY_HOUR)),
            weights=_SALES_BY_HOUR,
            k=sale_count,
        )
        moments = []
        for hour in hours:
            hour_ms = day_ms + (_OPENING_HOUR + hour) * _HOUR_MS
            moments.append(hour_ms + chance.randrange(_HOUR_MS))

        for moment_ms in sorted(moments):
            if moment_ms < end_ms:
                with self.at(moment_ms) as transaction:
                    self._sell(transaction)

    def _talk(
        self,
        day_ms: int,
        days_ago: int,
    ) -> None:
        """Post what was said that day."""
        actors = {"ana": self.ana, "beto": self.beto}
        for remark in TALK:
            if remark.days_ago != days_ago:
                continue

            member = Member(alias=remark.alias, actor=actors[remark.alias])
            message = chat.Speaking(
                member=member,
                room=remark.room,
                text=remark.text,
            )
            moment_ms = day_ms + remark.hour * _HOUR_MS
            with self.at(moment_ms) as transaction:
                chat.speak(transaction, [message])

    def _sell(self, transaction: Tx) -> None:
        """Sell somebody a basket; now and then they bring the first of it back."""
        chance = self.chance
        size = chance.choice((1, 1, 2, 2, 3, 3, 4, 5, 8))
        # Each once: a good that is chosen twice is still one line of the sale.
        goods = dict.fromkeys(chance.choices(GOODS, _POPULARITIES, k=size))
        lines = []
        for good in goods:
            if good.is_weighed:
                quantity_milli = chance.randrange(180, 1600, 5)
            else:
                quantity_milli = chance.choice((1, 1, 1, 1, 2, 2, 3, 6)) * 1000
            lines.append(OrderLine(good.code, quantity_milli))

        (seller,) = chance.choices((self.beto, self.ana), weights=(5, 1))
        total_minor = self._total_minor(transaction, lines)
        payments, customer_rut = self._choose_payments(total_minor)
        order = SaleOrder(
            lines=lines,
            payments=payments,
            customer_rut=customer_rut,
        )
        (sold,) = sales.sell(transaction, [sales.Selling(seller, order)])
        if isinstance(sold, Refusal):  # nothing was left, and they go elsewhere
            return

        if chance.random() < _RETURNED_SHARE:
            reason = chance.choice((*_FAULTS, _MISTAKE))
            first_line = lines[0]
            return_order = ReturnOrder(
                lines=[OrderLine(first_line.code, first_line.quantity_milli)],
                reason=reason,
                restock=reason == _MISTAKE,
            )
            returns.take_back(transaction, seller, sold.value.id, return_order)

    def _choose_payments(
        self, total_minor: int
    ) -> tuple[list[Payment] | None, str | None]:
        """Return how somebody pays, and their RUT where it goes on their account.

        Payments of None are cash without change.
        """
        chance = self.chance
        (way,) = chance.choices(list(_WAYS_TO_PAY), list(_WAYS_TO_PAY.values()))

        if way == "note":
            amounts = []
            for note_minor in (1000, 5000, 10_000, 20_000):
                note_count = math.ceil(total_minor / note_minor)
                amounts.append(note_minor * note_count)
            return [Payment(Method.CASH, chance.choice(amounts))], None

        if way == "mixed" and total_minor > 4000:
            by_card = Payment(Method.DEBIT, total_minor - 2000)
            in_cash = Payment(Method.CASH, 2000)
            return [by_card, in_cash], None

        if way == "owed":
            # Clara buys on account more often.
            customer_rut = chance.choice((_CLARA_RUT, _CLARA_RUT, _NEIGHBOUR_RUT))
            return [Payment(Method.OWED, total_minor)], customer_rut

        if way in {"debit", "credit", "transfer"}:
            return [Payment(Method[way.upper()], total_minor)], None
        return None, None

    def _total_minor(
        self,
        transaction: Tx,
        lines: list[OrderLine],
    ) -> int:
        """Return what the lines cost at this moment, discounts included."""
        total_minor = 0
        for line in lines:
            product = self.products[line.code]
            price_minor = product.final_price(transaction.now_ms)
            quantity_milli = line.quantity_milli or 0
            total_minor += amount(quantity_milli, price_minor)
        return total_minor

    def _settle_old_debts(self, transaction: Tx) -> None:
        """Pay all but the last four debts, and half of the very last."""
        page = sales.listed(transaction, SHELL, Window(limit=50), owed=True)
        unpaid_sales = page.items  # the newest first

        for sale in unpaid_sales[4:]:
            payment = Payment(Method.TRANSFER, sale.owed_minor)
            sales.settle(transaction, self.beto, sale.id, [payment])

        if unpaid_sales:
            newest = unpaid_sales[0]
            half_minor = newest.owed_minor // 2
            payment = Payment(Method.CASH, half_minor)
            sales.settle(transaction, self.beto, newest.id, [payment])

    def _count_shelves(self, transaction: Tx) -> None:
        """Correct some stocks, so that products run low."""
        counted_milli = {
            "Mantequilla 250 g": 3000,
            "Aceite maravilla 900 ml": 4000,
            "Pan integral": 2350,
        }
        codes = {good.name: good.code for good in GOODS}

        for name, left_milli in counted_milli.items():
            count = ProductChange(stock_milli=left_milli, reason="Conteo de la tarde")
            products.change(transaction, self.ana, codes[name], count)


def fill(database: Database) -> None:
    """Fill an empty shop whose first administrator is there."""
    with database.connect() as connection:
        _Story(connection).fill_shop()


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id,
        rut=user.rut,
        name=user.name,
        role=user.role,
        origin="demo",
    )

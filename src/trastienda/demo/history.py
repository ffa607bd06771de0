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
from trastienda.domain.sales import OrderLine, Sale, SaleOrder
from trastienda.operations.clock import now_ms
from trastienda.storage import dialects
from trastienda.storage.dialects import Engine
from trastienda.storage.transactions import Tx, writing

PASSWORD = "trastienda"  # noqa: S105 - of a shop that lives as long as its process
LOGINS = (("Administrador", "ana"), ("Cajero", "beto"), ("Cliente", "clara"))

DAYS = 28
_SEED = 7
_HOUR_MS = 3_600_000
_SALES_BY_WEEKDAY = (20, 19, 20, 22, 28, 32, 14)
"""From Monday: more towards the weekend, a short Sunday."""
_OPENS, _RHYTHM = 8, (3, 4, 4, 5, 8, 9, 6, 3, 3, 5, 9, 12, 8)
"""From eight in the morning on, how busy each hour is: lunch, and above all the way home."""
_CLARA_RUT, _NEIGHBOUR_RUT = "22222222-2", "12345678-5"


class _Story:
    """The shop as it fills up: who works in it, what stands on its shelves."""

    def __init__(self, engine: Engine, connection: dialects.Connection) -> None:
        self.engine = engine
        self.chance = random.Random(_SEED)  # noqa: S311 - the same shop each time
        self._connection = connection
        self.products: dict[str, Product] = {}
        self.sellers: list[Actor] = []

    @contextmanager
    def at(self, moment_ms: int) -> Iterator[Tx]:
        """A transaction of then."""
        with writing(self._connection, lambda: moment_ms) as tx:
            yield tx


def fill(engine: Engine) -> None:
    """Fill an empty shop whose first administrator is there."""
    with dialects.connect(engine) as connection:
        story = _Story(engine, connection)
        end_ms = now_ms()
        with story.at(end_ms) as tx:
            zone = tx.shop.zone
        first = day_of(end_ms, zone) - timedelta(days=DAYS)
        opening_ms = day_start_ms(first, zone) + 7 * _HOUR_MS
        with story.at(opening_ms) as tx:
            story.sellers = _people(tx)
            _products(tx, story, opening_ms, end_ms)
            _deliver(tx, story)
        for number in range(DAYS + 1):
            day_ms = day_start_ms(first + timedelta(days=number), zone)
            _one_day(story, day_ms, (first.weekday() + number) % 7, end_ms)
            _talk(story, day_ms, DAYS - number)
        with story.at(end_ms) as tx:
            _last_hour(tx, story)
            reports.keep_days(tx, DAYS + 1)


def _people(tx: Tx) -> list[Actor]:
    password_hash = PasswordHasher().hash(PASSWORD)
    beto = UserDraft(
        rut="11111111-1",
        name="Beto",
        username="beto",
        password=PASSWORD,
        role=Role.CASHIER,
    )
    clara = UserDraft(rut=_CLARA_RUT, name="Clara", username="clara", password=PASSWORD)
    staff = [people.register(tx, SHELL, beto, password_hash)]
    people.register(tx, SHELL, clara, password_hash)
    ana = people.get(tx, SHELL, "1-9")
    staff.append(people.change(tx, SHELL, ana.rut, UserChange(name="Ana")))
    return [_actor(user) for user in staff]


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id, rut=user.rut, name=user.name, role=user.role, origin="demo"
    )


def _discounts(opening_ms: int, end_ms: int) -> dict[str, Discount]:
    """One by share and one by amount that are on, one that is over, one that is yet to come."""
    week_ms = 7 * 24 * _HOUR_MS
    return {
        "Yogur de frutilla 125 g": Discount(
            share_bp=2000, from_ms=opening_ms, until_ms=end_ms + week_ms
        ),
        "Detergente 3 L": Discount(
            amount_minor=1000, from_ms=opening_ms, until_ms=end_ms + week_ms
        ),
        "Chocolate de leche 100 g": Discount(
            amount_minor=300, from_ms=opening_ms, until_ms=end_ms - 24 * _HOUR_MS
        ),
        "Helado de lúcuma 1 L": Discount(
            share_bp=1500,
            from_ms=end_ms + 24 * _HOUR_MS,
            until_ms=end_ms + 24 * _HOUR_MS + week_ms,
        ),
    }


def _products(tx: Tx, story: _Story, opening_ms: int, end_ms: int) -> None:
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
        story.products[good.code] = products.create(tx, SHELL, draft).value


def _deliver(tx: Tx, story: _Story) -> None:
    """Suppliers fill up what runs low: each brings its own goods."""
    wanted: dict[str, list[PurchaseOrderLine]] = {}
    for good in GOODS:
        left_milli = products.look_up(tx, SHELL, good.code).product.stock_milli
        if left_milli < good.pack * 600:
            line = PurchaseOrderLine(good.code, good.pack * 2000, good.cost_minor)
            wanted.setdefault(SUPPLIERS.get(good.category, WHOLESALER), []).append(line)
    for supplier, lines in wanted.items():
        document = f"F-{story.chance.randrange(10_000, 99_999)}"
        purchases.buy(
            tx,
            story.sellers[1],
            PurchaseOrder(supplier=supplier, document=document, lines=lines),
        )


def _one_day(story: _Story, day_ms: int, weekday: int, end_ms: int) -> None:
    chance = story.chance
    if weekday in {0, 3} and day_ms + 7 * _HOUR_MS < end_ms:
        with story.at(day_ms + 7 * _HOUR_MS) as tx:
            _deliver(tx, story)
    hours = chance.choices(
        range(len(_RHYTHM)),
        weights=_RHYTHM,
        k=_SALES_BY_WEEKDAY[weekday] + chance.randrange(-3, 4),
    )
    moments = sorted(
        day_ms + (_OPENS + hour) * _HOUR_MS + chance.randrange(_HOUR_MS)
        for hour in hours
    )
    for moment_ms in moments:
        if moment_ms < end_ms:
            with story.at(moment_ms) as tx:
                _sell(tx, story)


def _talk(story: _Story, day_ms: int, days_ago: int) -> None:
    """Have said what was said that day."""
    by_name = {"beto": story.sellers[0], "ana": story.sellers[1]}
    for ago, hour, alias, room, text in TALK:
        if ago == days_ago:
            with story.at(day_ms + hour * _HOUR_MS) as tx:
                member = Member(alias=alias, actor=by_name[alias])
                chat.speak(tx, [chat.Speaking(member=member, room=room, text=text)])


def _sell(tx: Tx, story: _Story) -> Sale | None:
    chance = story.chance
    basket = dict.fromkeys(
        chance.choices(GOODS, _PULLS, k=chance.choice((1, 1, 2, 2, 3, 3, 4, 5, 8)))
    )
    lines = [OrderLine(good.code, _quantity(good, chance)) for good in basket]
    seller = chance.choices(story.sellers, weights=(5, 1))[0]
    total_minor = sum(
        amount(
            line.quantity_milli or 0, story.products[line.code].final_price(tx.now_ms)
        )
        for line in lines
    )
    payments, customer = _payments(chance, total_minor)
    order = SaleOrder(lines=lines, payments=payments, customer_rut=customer)
    sold = sales.sell(tx, [sales.Selling(seller, order)])[0]
    if isinstance(
        sold, Refusal
    ):  # the shelf was empty, and the neighbour goes elsewhere
        return None
    if chance.random() < 0.012:
        back = [OrderLine(lines[0].code, lines[0].quantity_milli)]
        reason = chance.choice(("Venía abierto", "Vencido", "Se equivocó de producto"))
        order_back = ReturnOrder(
            lines=back, reason=reason, restock=reason.startswith("Se")
        )
        returns.take_back(tx, seller, sold.value.id, order_back)
    return sold.value


_PULLS = [good.pull for good in GOODS]


def _quantity(good: Good, chance: random.Random) -> int:
    if good.weighed:
        return chance.randrange(180, 1600, 5)
    return chance.choice((1, 1, 1, 1, 2, 2, 3, 6)) * 1000


def _payments(
    chance: random.Random, total_minor: int
) -> tuple[list[Payment] | None, str | None]:
    """Return how somebody pays, and who it is where it goes on their account."""
    way = chance.choices(
        ("exact", "note", "debit", "credit", "transfer", "mixed", "owed"),
        (14, 28, 34, 9, 6, 4, 3),
    )[0]
    if way == "note":
        notes = [
            step * -(-total_minor // step) for step in (1000, 5000, 10_000, 20_000)
        ]
        return [Payment(Method.CASH, chance.choice(notes))], None
    if way == "mixed" and total_minor > 4000:
        return [
            Payment(Method.DEBIT, total_minor - 2000),
            Payment(Method.CASH, 2000),
        ], None
    if way == "owed":
        return [Payment(Method.OWED, total_minor)], chance.choice(
            (_CLARA_RUT, _CLARA_RUT, _NEIGHBOUR_RUT)
        )
    methods = {
        "debit": Method.DEBIT,
        "credit": Method.CREDIT,
        "transfer": Method.TRANSFER,
    }
    return ([Payment(methods[way], total_minor)] if way in methods else None), None


def _last_hour(tx: Tx, story: _Story) -> None:
    """Old debts are paid but for the last few, the shelves are counted, and one product runs low."""
    beto = story.sellers[0]
    owed = sales.listed(tx, SHELL, Window(limit=50), owed=True).items
    for sale in owed[4:]:
        sales.settle(tx, beto, sale.id, [Payment(Method.TRANSFER, sale.owed_minor)])
    if owed:
        sales.settle(
            tx, beto, owed[0].id, [Payment(Method.CASH, owed[0].owed_minor // 2)]
        )
    for name, left_milli in (
        ("Mantequilla 250 g", 3000),
        ("Aceite maravilla 900 ml", 4000),
        ("Pan integral", 2350),
    ):
        good = next(one for one in GOODS if one.name == name)
        count = ProductChange(stock_milli=left_milli, reason="Conteo de la tarde")
        products.change(tx, story.sellers[1], good.code, count)

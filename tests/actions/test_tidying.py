"""What the shop tidies by itself: discounts that are over, old announcements, old
sessions; each once.
"""

from functools import partial

import sqlalchemy as sa
from tests.harness.books import OPENING_DAY_MS, PASSWORD_HASH, TestShop, ticking
from tests.harness.past import BREAD, MILK

from trastienda.actions import audit, products, sessions, tidying, verification
from trastienda.actions.tidying import Retention
from trastienda.domain.audit import Action
from trastienda.domain.events import Event, Kind, LowStock
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.domain.products import Discount, Product, ProductChange, ProductDraft
from trastienda.domain.sessions import UNUSED_DAYS, Origin
from trastienda.storage import journal, schema

DAY_MS = 24 * 3600 * 1000
MONTH = Retention(journal_days=30, message_days=0, address_days=0)
FOR_EVER = Retention(journal_days=10_000, message_days=0, address_days=0)


def events_after(one: TestShop, n: int) -> list[Event]:
    return list(one.look(lambda snapshot: journal.after(snapshot.connection, n, 1000)))


def last_n(one: TestShop) -> int:
    return one.look(lambda snapshot: snapshot.n)


def discounted(one: TestShop, code: str, until_ms: int) -> Product:
    discount = Discount(
        share_bp=2000, from_ms=OPENING_DAY_MS - DAY_MS, until_ms=until_ms
    )
    draft = ProductDraft(
        code=code, name="Pan", price_minor=1000, stock_milli=10_000, discount=discount
    )
    return one.do(partial(products.create, actor=one.ana, draft=draft)).value


class TestExpiredDiscounts:
    def test_are_removed_noted_and_announced_once(self, books: TestShop) -> None:
        discounted(books, BREAD, OPENING_DAY_MS + 1)
        discounted(books, MILK, OPENING_DAY_MS + 10 * DAY_MS)
        before = last_n(books)
        assert [
            books.do(
                lambda transaction: tidying.remove_expired_discounts(transaction, 10)
            )
            for _ in range(2)
        ] == [1, 0]
        told = events_after(books, before)
        assert [event.kind for event in told] == [
            Kind.PRODUCT,
            Kind.DISCOUNT_EXPIRED,
            Kind.MESSAGE,
        ]
        assert isinstance(told[0].subject, Product)
        assert told[0].subject.discount is None
        row = books.look(
            lambda snapshot: audit.listed(snapshot, SHELL, Window(limit=1))
        ).items[0][0]
        assert row.action == Action.DISCOUNTS_EXPIRED
        assert BREAD in row.detail
        assert MILK not in row.detail
        assert books.look(verification.verify) is None

    def test_some_at_a_time(self, books: TestShop) -> None:
        for code in (BREAD, MILK):
            discounted(books, code, OPENING_DAY_MS + 1)
        assert [
            books.do(
                lambda transaction: tidying.remove_expired_discounts(transaction, 1)
            )
            for _ in range(3)
        ] == [1, 1, 0]

    def test_the_price_looks_at_the_dates_whatever_the_task_did(
        self, books: TestShop
    ) -> None:
        made = discounted(books, BREAD, OPENING_DAY_MS + DAY_MS)
        assert made.final_price(OPENING_DAY_MS) == 800
        books.clock = ticking(OPENING_DAY_MS + 2 * DAY_MS)
        found = books.look(
            lambda snapshot: products.look_up(snapshot, books.beto, BREAD)
        ).product
        assert found.discount is not None
        assert found.final_price(OPENING_DAY_MS + 2 * DAY_MS) == 1000

    def test_a_clock_that_was_ahead_costs_nobody_a_discount(
        self, books: TestShop
    ) -> None:
        end_ms = OPENING_DAY_MS + DAY_MS
        discount = discounted(books, BREAD, end_ms).discount
        ahead_ms = end_ms + 40 * DAY_MS
        books.clock = ticking(ahead_ms)
        assert tidy(books) == 1
        told = look_up(books)
        assert told.shown_at(ahead_ms).discount is None
        assert told.final_price(ahead_ms) == 1000

        # Right again: it applies at once, and is announced as it is at the next tidying.
        books.clock = ticking(OPENING_DAY_MS)
        assert look_up(books).shown_at(OPENING_DAY_MS).discount == discount
        assert look_up(books).final_price(OPENING_DAY_MS) == 800
        before = last_n(books)
        assert [tidy(books), tidy(books)] == [0, 0]
        (event,) = events_after(books, before)
        assert event.kind == Kind.PRODUCT
        assert isinstance(event.subject, Product)
        assert event.subject.discount == discount

        # And in its time it ends as any other.
        before = last_n(books)
        books.clock = ticking(end_ms)
        assert [tidy(books), tidy(books)] == [1, 0]
        kinds = [event.kind for event in events_after(books, before)]
        assert Kind.DISCOUNT_EXPIRED in kinds
        assert books.look(verification.verify) is None

    def test_a_discount_given_after_one_that_was_over_is_a_new_one(
        self, books: TestShop
    ) -> None:
        discounted(books, BREAD, OPENING_DAY_MS + 1)
        assert tidy(books) == 1
        end_ms = OPENING_DAY_MS + 3 * DAY_MS
        later = Discount(amount_minor=100, from_ms=OPENING_DAY_MS, until_ms=end_ms)
        change = ProductChange(discount=later)
        books.do(partial(products.change, actor=books.ana, code=BREAD, wanted=change))
        assert look_up(books).shown_at(end_ms).discount == later
        books.clock = ticking(end_ms)
        assert tidy(books) == 1
        assert look_up(books).shown_at(end_ms).discount is None


def tidy(one: TestShop) -> int:
    """Take discounts that are over off the shelves; return how many there were."""
    return one.do(lambda transaction: tidying.remove_expired_discounts(transaction, 10))


def look_up(one: TestShop) -> Product:
    """The bread as it is kept."""
    pick = one.look(lambda snapshot: products.look_up(snapshot, one.beto, BREAD))
    return pick.product


class TestADayOfATask:
    def test_is_taken_once_whoever_comes(self, books: TestShop) -> None:
        assert [
            books.do(lambda transaction: tidying.take_day(transaction, "tidy"))
            for _ in range(3)
        ] == [True, False, False]
        assert books.do(lambda transaction: tidying.take_day(transaction, "another"))

    def test_begins_with_the_shops_own_midnight(self, books: TestShop) -> None:
        books.clock = ticking(
            OPENING_DAY_MS - OPENING_DAY_MS % DAY_MS + 3 * 3600_000 - 1, 0
        )  # 23:59 in Chile
        assert books.do(lambda transaction: tidying.take_day(transaction, "tidy"))
        books.clock = ticking(
            OPENING_DAY_MS - OPENING_DAY_MS % DAY_MS + 3 * 3600_000, 0
        )
        assert books.do(lambda transaction: tidying.take_day(transaction, "tidy"))
        assert not books.do(lambda transaction: tidying.take_day(transaction, "tidy"))


class TestForgetting:
    def test_old_announcements_go_some_at_a_time_and_the_last_one_stays(
        self, books: TestShop
    ) -> None:
        for code in (BREAD, MILK):
            discounted(books, code, OPENING_DAY_MS + DAY_MS)
        n = last_n(books)
        books.clock = ticking(OPENING_DAY_MS + 40 * DAY_MS)
        gone = [
            books.do(lambda transaction: tidying.forget(transaction, MONTH, 2))
            for _ in range(n)
        ]
        assert sum(gone) == n - 1
        assert max(gone) == 2
        assert [event.n for event in events_after(books, 0)] == [n]
        assert books.look(verification.verify) is None

    def test_young_ones_stay_and_so_does_what_came_after_them(
        self, books: TestShop
    ) -> None:
        n = last_n(books)
        discounted(books, BREAD, OPENING_DAY_MS + DAY_MS)
        books.clock = ticking(
            OPENING_DAY_MS - 90 * DAY_MS
        )  # a clock that was wrong for a while
        discounted(books, MILK, OPENING_DAY_MS + DAY_MS)
        books.clock = ticking(OPENING_DAY_MS + 20 * DAY_MS)
        assert (
            books.do(lambda transaction: tidying.forget(transaction, MONTH, 1000)) == 0
        )
        assert events_after(books, n)[0].n == n + 1

    def test_sessions_long_over_go_with_their_tokens(self, books: TestShop) -> None:
        user_id = books.ana.user_id
        assert user_id is not None
        for number, ends_ms in (
            ("1", OPENING_DAY_MS + DAY_MS),
            ("2", OPENING_DAY_MS + 40 * DAY_MS),
        ):
            books.clock = ticking(ends_ms - UNUSED_DAYS * DAY_MS)
            books.do(
                partial(
                    sessions.begin,
                    user_id=user_id,
                    password_hash=PASSWORD_HASH,
                    session_id=number,
                    token_hash=f"t{number}",
                    came_from=Origin("", ""),
                )
            )
        books.clock = ticking(OPENING_DAY_MS + 32 * DAY_MS)
        books.do(lambda transaction: tidying.forget(transaction, FOR_EVER, 1000))
        with books.database.connect() as connection:
            assert connection.execute(
                sa.select(schema.sessions.c.id)
            ).scalars().all() == ["2"]
            assert connection.execute(
                sa.select(schema.refresh_tokens.c.hash)
            ).scalars().all() == ["t2"]


class TestBelowItsMinimum:
    def test_a_product_is_announced_to_staff_when_it_falls_and_not_again(
        self, books: TestShop
    ) -> None:
        draft = ProductDraft(
            code=BREAD,
            name="Pan",
            price_minor=1000,
            stock_milli=10_000,
            min_stock_milli=5000,
        )
        books.do(partial(products.create, actor=books.ana, draft=draft))
        n = last_n(books)

        def told() -> list[tuple[int, int]]:
            low = [
                one.subject
                for one in events_after(books, n)
                if one.kind is Kind.LOW_STOCK
            ]
            return [
                (one.stock_milli, one.min_stock_milli)
                for one in low
                if isinstance(one, LowStock)
            ]

        books.sell((BREAD, 5000))
        assert told() == []
        books.sell((BREAD, 1000))
        books.sell((BREAD, 1000))
        assert told() == [(4000, 5000)]
        books.do(
            lambda transaction: products.change(
                transaction,
                books.ana,
                BREAD,
                ProductChange(stock_milli=8000, reason="llegó"),
            )
        )
        books.do(
            lambda transaction: products.change(
                transaction,
                books.ana,
                BREAD,
                ProductChange(stock_milli=1000, reason="conteo"),
            )
        )
        assert told() == [(4000, 5000), (1000, 5000)]
        event = next(
            one for one in events_after(books, n) if one.kind is Kind.LOW_STOCK
        )
        assert {role.value for role in event.audience.roles} == {
            "administrator",
            "cashier",
        }


def test_a_clock_well_behind_the_last_registro_is_noticed(books: TestShop) -> None:
    minute_ms = 60 * 1000
    now_ms = books.clock()
    books.clock = lambda: now_ms
    books.do(lambda transaction: audit.note(transaction, books.beto, "caja", ""))
    for behind_min, told in ((-60, None), (0, None), (4, None), (6, now_ms)):
        books.clock = lambda behind=behind_min: now_ms - behind * minute_ms  # type: ignore[misc]
        assert books.look(audit.last_ahead_of_clock) == told

"""What the shop itself tells its staff, in the transaction in which it happens."""

from collections.abc import Sequence
from functools import partial

import pytest
from tests.harness.books import OPENING_DAY_MS, TestShop, sold
from tests.harness.past import APPLE, BREAD, MILK

from trastienda.actions import (
    chat,
    chat_rooms,
    products,
    purchases,
    returns,
    sales,
    tidying,
    verification,
)
from trastienda.domain.chat import HOUSE_KEY, Alert, Message, MessageKind
from trastienda.domain.errors import Forbidden, InsufficientStock
from trastienda.domain.events import Kind
from trastienda.domain.products import Discount, Product, ProductChange, ProductDraft
from trastienda.domain.purchases import PurchaseOrder, PurchaseOrderLine
from trastienda.domain.returns import ReturnOrder
from trastienda.storage import journal
from trastienda.storage.transactions import Tx


def stocked(
    shop: TestShop, code: str, name: str = "Pan", discount: Discount | None = None
) -> Product:
    """Ten of a product of which there should be five."""
    draft = ProductDraft(
        code=code,
        name=name,
        price_minor=1000,
        stock_milli=10_000,
        min_stock_milli=5000,
        discount=discount,
    )
    return shop.do(partial(products.create, actor=shop.ana, draft=draft)).value


def alerts(shop: TestShop) -> list[Message]:
    """All that the shop has told so far."""
    ana = shop.member(shop.ana)
    if not any(
        room.name == "alertas"
        for room in shop.look(lambda snapshot: chat_rooms.list_rooms(snapshot, ana))
    ):
        return []
    found, _ = shop.look(
        lambda snapshot: chat.history(snapshot, ana, "alertas", limit=200)
    )
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert {one.sender for one in found} <= {HOUSE_KEY}
    return found


def left(shop: TestShop) -> list[tuple[str, int]]:
    return [(one.alert.code, one.alert.stock_milli) for one in alerts(shop)]


def count(shop: TestShop, code: str, stock_milli: int) -> None:
    change = ProductChange(stock_milli=stock_milli, reason="conteo")
    shop.do(lambda transaction: products.change(transaction, shop.ana, code, change))


class TestBelowItsMinimum:
    def test_a_sale_that_takes_it_there_is_told_once_with_what_is_left(
        self, books: TestShop
    ) -> None:
        stocked(books, BREAD)
        for quantity_milli in (5000, 1000, 1000):
            books.sell((BREAD, quantity_milli))
        (message,) = alerts(books)
        assert message.alert == Alert(BREAD, "Pan", "un", 4000, 5000)
        assert message.kind is MessageKind.LOW_STOCK
        assert books.look(verification.verify) is None

    def test_a_correction_is_told_too_and_again_after_it_was_filled_up(
        self, books: TestShop
    ) -> None:
        stocked(books, BREAD)
        for stock_milli in (4000, 3000, 5000, 0, 8000):
            count(books, BREAD, stock_milli)
        assert left(books) == [(BREAD, 4000), (BREAD, 0)]

    def test_what_purchases_and_returns_bring_back_tells_nothing_and_arms_it_anew(
        self, books: TestShop
    ) -> None:
        stocked(books, BREAD)
        sale = books.sell((BREAD, 7000))
        order = PurchaseOrder(
            supplier="Panes", lines=[PurchaseOrderLine(BREAD, 1000, 100_000)]
        )
        books.do(lambda transaction: purchases.buy(transaction, books.ana, order))
        books.sell((BREAD, 1000))
        assert left(books) == [(BREAD, 3000)]
        books.do(
            lambda transaction: returns.take_back(
                transaction, books.ana, sale.id, ReturnOrder(reason="no le gustó")
            )
        )
        books.sell((BREAD, 8000))
        assert left(books) == [(BREAD, 3000), (BREAD, 2000)]

    def test_a_set_of_sales_tells_of_each_that_fell_what_all_of_them_left(
        self, books: TestShop
    ) -> None:
        for code, name in ((BREAD, "Pan"), (MILK, "Leche"), (APPLE, "Manzana")):
            stocked(books, code, name)
        orders = [
            [(BREAD, 4000)],
            [(MILK, 6000), (APPLE, 5000)],
            [(BREAD, 11_000)],
            [(BREAD, 3000)],
        ]
        answers = books.do(
            lambda transaction: sales.sell(
                transaction, [books.selling(*order) for order in orders]
            )
        )
        assert isinstance(answers[2], InsufficientStock)
        assert sorted(left(books)) == sorted([(BREAD, 3000), (MILK, 4000)])
        assert books.look(verification.verify) is None

    def test_a_refused_sale_tells_nothing(self, books: TestShop) -> None:
        stocked(books, BREAD)
        stocked(books, MILK, "Leche")
        answers = books.do(
            lambda transaction: sales.sell(
                transaction, [books.selling((BREAD, 6000), (MILK, 11_000))]
            )
        )
        assert isinstance(answers[0], InsufficientStock)
        assert alerts(books) == []

    def test_a_transaction_that_fails_tells_nothing(self, books: TestShop) -> None:
        stocked(books, BREAD)

        def sell_and_fail(transaction: Tx) -> None:
            sold(sales.sell(transaction, [books.selling((BREAD, 6000))])[0])
            assert transaction.events[-1].kind is Kind.MESSAGE
            raise RuntimeError

        with pytest.raises(RuntimeError):
            books.do(sell_and_fail)
        assert alerts(books) == []

    def test_a_new_product_and_a_retired_one_tell_nothing(
        self, books: TestShop
    ) -> None:
        draft = ProductDraft(
            code=BREAD,
            name="Pan",
            price_minor=1000,
            stock_milli=1000,
            min_stock_milli=5000,
        )
        books.do(partial(products.create, actor=books.ana, draft=draft))
        stocked(books, MILK)
        books.do(lambda transaction: products.retire(transaction, books.ana, MILK))
        count(books, MILK, 0)
        assert alerts(books) == []

    def test_is_announced_to_staff_in_the_same_transaction_as_the_sale(
        self, books: TestShop
    ) -> None:
        stocked(books, BREAD)
        n = books.look(lambda snapshot: snapshot.n)
        books.sell((BREAD, 6000))
        events = books.look(lambda snapshot: journal.after(snapshot.connection, n, 100))
        assert [event.kind for event in events] == [
            Kind.SALE,
            Kind.STOCK,
            Kind.LOW_STOCK,
            Kind.NOTIFICATION,
            Kind.MESSAGE,
        ]
        assert len({event.at_ms for event in events}) == 1
        assert events[-1].subject == alerts(books)[0]
        assert sorted(events[-1].audience.roles) == ["administrator", "cashier"]

    def test_a_shop_with_as_many_rooms_as_it_may_have_still_tells(
        self, books: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chat_rooms, "MAX_ROOMS", 1)
        books.say((books.member(books.ana), "caja", "hola"))
        stocked(books, BREAD)
        count(books, BREAD, 1000)
        assert left(books) == [(BREAD, 1000)]


class TestExpiredDiscounts:
    def test_are_told_each_once(self, books: TestShop) -> None:
        over = Discount(share_bp=2000, from_ms=0, until_ms=OPENING_DAY_MS)
        for code, name in ((BREAD, "Pan"), (MILK, "Leche")):
            stocked(books, code, name, over)
        for _ in range(2):
            books.do(
                lambda transaction: tidying.remove_expired_discounts(transaction, 10)
            )
        messages = alerts(books)
        assert [(one.kind, one.alert.name) for one in messages] == [
            (MessageKind.DISCOUNT_EXPIRED, "Pan"),
            (MessageKind.DISCOUNT_EXPIRED, "Leche"),
        ]


class TestAnAlert:
    @pytest.fixture
    def told(self, books: TestShop) -> Sequence[Message]:
        stocked(books, BREAD, "Pan añejo")
        count(books, BREAD, 1000)
        return alerts(books)

    def test_is_found_by_the_name_and_the_code_of_its_product_by_staff(
        self, books: TestShop, told: Sequence[Message]
    ) -> None:
        for asked in ("anejo", BREAD, BREAD[:6]):
            assert (
                books.look(
                    lambda snapshot, a=asked: chat.search(  # type: ignore[misc]
                        snapshot, books.member(books.beto), a
                    )
                )
                == told
            )
        for asked in ("anejo", "stock_milli", "min"):
            assert (
                books.look(
                    lambda snapshot, a=asked: chat.search(  # type: ignore[misc]
                        snapshot, books.member(books.clara), a
                    )
                )
                == []
            )

    def test_is_nobodys_to_edit_and_an_administrators_to_take_back(
        self, books: TestShop, told: Sequence[Message]
    ) -> None:
        ana, beto = books.member(books.ana), books.member(books.beto)
        with pytest.raises(Forbidden):
            books.do(
                lambda transaction: chat.edit(
                    transaction, ana, "alertas", 1, "todo bien"
                )
            )
        with pytest.raises(Forbidden):
            books.do(lambda transaction: chat.delete(transaction, beto, "alertas", 1))
        gone = books.do(lambda transaction: chat.delete(transaction, ana, "alertas", 1))
        assert (gone.seq, gone.text, gone.deleted) == (told[0].seq, "", True)
        assert books.look(lambda snapshot: chat.search(snapshot, ana, "anejo")) == []

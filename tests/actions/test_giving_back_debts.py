"""A customer alone, and the drawer: whatever they buy, pay and give back, no money leaves it."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.books import TestShop
from tests.harness.cast import new_rut
from tests.harness.past import CASH, DEBIT
from tests.harness.self_service import buy, get, give_back

from trastienda.actions import products, sales
from trastienda.actions.verification import verify
from trastienda.domain.errors import ExcessiveReturn, Refusal
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Actor, UserDraft
from trastienda.domain.products import ProductDraft, Unit
from trastienda.domain.sales import Sale

PRODUCTS = ["PESO", "UNIDAD"]

STEPS = st.one_of(
    st.tuples(st.just("buy"), st.sampled_from(PRODUCTS), st.integers(1, 5)),
    st.tuples(st.just("back"), st.sampled_from(PRODUCTS), st.integers(1, 9)),
    st.tuples(
        st.just("pay"),
        st.sampled_from([CASH, DEBIT]),
        st.integers(1, 4000),
    ),
)


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestShop]:
    """A shop with both products, whose customers each try it once; its books are right after it."""
    books = TestShop(tmp_path_factory.mktemp("drawer") / "shop.db")
    for code, unit in (("UNIDAD", Unit.PIECE), ("PESO", Unit.KILOGRAM)):
        draft = ProductDraft(
            code=code, name=code, price_minor=1007, unit=unit, stock_milli=10**9
        )
        books.do(partial(products.create, actor=books.ana, draft=draft))
    yield books
    assert books.look(verify) is None


def new_customer(books: TestShop) -> Actor:
    rut = new_rut()
    draft = UserDraft(rut=rut, name="Clara", username=rut, password="clave-de-nadie")
    return books.register(draft)


def pay(books: TestShop, sale: Sale, payment: Payment) -> None:
    """Pay some of a debt at the counter, where it takes that."""
    with suppress(Refusal):
        books.do(
            lambda transaction: sales.settle(
                transaction, books.beto, sale.id, [payment]
            )
        )


@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_no_money_leaves_the_drawer_for_a_customer_who_gives_back_alone(
    drawer: TestShop, steps: list[tuple[str, str, int]]
) -> None:
    customer = new_customer(drawer)
    bought: list[Sale] = []
    for verb, what, number in steps:
        if verb == "pay":
            for sale in bought[-1:]:
                pay(drawer, sale, Payment(Method(what), number))
            continue
        milli = number * (1000 if what == "UNIDAD" else 333)
        if verb == "buy":
            bought.append(buy(drawer, customer, (what, milli)))
            continue

        before = {sale.id: get(drawer, drawer.ana, sale.id) for sale in bought}
        try:
            back = give_back(drawer, customer, what, milli).value
        except ExcessiveReturn:
            continue
        assert sum(one.lines[0].quantity_milli for one in back) == milli
        for one in back:
            assert one.sale_id is not None
            after = get(drawer, drawer.ana, one.sale_id)
            owed_minor = before[one.sale_id].owed_minor - one.debt_reduced_minor
            assert (one.refund_minor, after.owed_minor) == (0, owed_minor)

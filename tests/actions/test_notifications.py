"""What one user is told, and what the shop tells its administrators by itself."""

from functools import partial

import pytest
from msgspec.structs import replace
from tests.harness.books import OPENING_DAY_MS, TestShop, ticking
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, new_code, new_rut

from trastienda.actions import (
    alerts,
    notifications,
    people,
    products,
    sales,
    tidying,
    verification,
)
from trastienda.actions.tidying import Retention
from trastienda.domain.errors import Forbidden, Invalid, NotFound, Refusal
from trastienda.domain.events import Kind
from trastienda.domain.lists import Window
from trastienda.domain.notifications import (
    PRODUCTS_LISTED,
    UNSEEN_LISTED,
    CopyFault,
    LowProducts,
    Notification,
    Topic,
)
from trastienda.domain.people import HOUSE, Actor, Role, UserDraft
from trastienda.domain.products import ProductDraft
from trastienda.storage import journal

DAY_MS = 24 * 3600 * 1000
RETENTION = Retention(journal_days=10_000, message_days=0, address_days=0)


def notify(shop: TestShop, rut: str, title: str = "Aviso") -> Notification:
    return shop.do(
        lambda transaction: notifications.notify(
            transaction, shop.ana, rut, title, "Algo pasa."
        )
    )


def unseen(shop: TestShop, actor: Actor) -> list[Notification]:
    return shop.look(partial(notifications.unseen, actor=actor))


def see(shop: TestShop, actor: Actor, number: int) -> Notification:
    return shop.do(lambda transaction: notifications.see(transaction, actor, number))


def announced(shop: TestShop) -> list[tuple[Kind, tuple[int, ...]]]:
    """What the journal says of notifications, and to whom."""
    with shop.database.connect() as connection:
        events = journal.after(connection, 0, 10_000)
    kinds = {Kind.NOTIFICATION, Kind.NOTIFICATION_SEEN}
    return [
        (event.kind, event.audience.user_ids) for event in events if event.kind in kinds
    ]


def colleague(shop: TestShop, username: str = "otra") -> Actor:
    """One more administrator."""
    return shop.register(
        UserDraft(
            rut=new_rut(),
            name=username.title(),
            username=username,
            password="otra-clave-larga",
            role=Role.ADMINISTRATOR,
        )
    )


def stocked(shop: TestShop, count: int) -> list[str]:
    """Codes of products of which there are ten, and should be five."""
    codes = [new_code() for _ in range(count)]
    for code in codes:
        draft = ProductDraft(
            code=code,
            name=f"Pan {code}",
            price_minor=1000,
            stock_milli=10_000,
            min_stock_milli=5000,
        )
        shop.do(partial(products.create, actor=shop.ana, draft=draft))
    return codes


def test_it_is_kept_for_its_user_until_they_have_seen_it(books: TestShop) -> None:
    clara_id = books.clara.user_id
    assert clara_id is not None
    first, second = notify(books, CLARA_RUT, "  Uno "), notify(books, CLARA_RUT, "Dos")
    assert (first.title, first.topic) == ("Uno", Topic.WRITTEN)
    assert unseen(books, books.clara) == [first, second]
    assert unseen(books, books.beto) == unseen(books, books.ana) == []

    seen = see(books, books.clara, first.id)
    assert seen == replace(first, seen_at_ms=seen.seen_at_ms)
    assert unseen(books, books.clara) == [second]
    assert see(books, books.clara, first.id) == seen, "twice is no error"
    assert announced(books) == [
        (Kind.NOTIFICATION, (clara_id,)),
        (Kind.NOTIFICATION, (clara_id,)),
        (Kind.NOTIFICATION_SEEN, (clara_id,)),
    ]
    assert books.look(verification.verify) is None


def test_only_its_user_can_have_seen_it(books: TestShop) -> None:
    told = notify(books, CLARA_RUT)
    for actor in (books.ana, books.beto, HOUSE):
        with pytest.raises(NotFound):
            see(books, actor, told.id)
    with pytest.raises(NotFound):
        see(books, books.clara, told.id + 1)
    assert unseen(books, books.clara) == [told]


@pytest.mark.parametrize(
    ("rut", "title", "text", "refusal"),
    [
        (new_rut(), "Uno", "Dos", NotFound),
        ("1-0", "Uno", "Dos", Invalid),
        (CLARA_RUT, "\u200b ", "Dos", Invalid),
        (CLARA_RUT, "x" * 101, "Dos", Invalid),
        (CLARA_RUT, "Uno", "x" * 1001, Invalid),
        (CLARA_RUT, "Uno", "a\nb", Invalid),
    ],
)
def test_what_is_not_fit_is_refused(
    books: TestShop, rut: str, title: str, text: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        books.do(
            lambda transaction: notifications.notify(
                transaction, books.ana, rut, title, text
            )
        )
    assert announced(books) == []


def test_only_administrators_notify(books: TestShop) -> None:
    for actor in (books.beto, books.clara):
        call = partial(notifications.notify, actor=actor, rut=ANA_RUT, title="Uno")
        with pytest.raises(Forbidden):
            books.do(partial(call, text="Dos"))


def test_a_program_sees_none_of_its_makers(books: TestShop) -> None:
    program = replace(books.ana, key_id="llave")
    told = notify(books, ANA_RUT)
    with pytest.raises(Forbidden):
        unseen(books, program)
    with pytest.raises(Forbidden):
        see(books, program, told.id)


def test_of_many_the_last_are_shown_newest_last(books: TestShop) -> None:
    for number in range(UNSEEN_LISTED + 2):
        notify(books, BETO_RUT, f"Aviso {number}")
    titles = [one.title for one in unseen(books, books.beto)]
    assert titles == [f"Aviso {number}" for number in range(2, UNSEEN_LISTED + 2)]


def test_a_list_shows_those_that_wait_or_those_that_were_seen(books: TestShop) -> None:
    told = [notify(books, BETO_RUT, title) for title in ("Uno", "Dos", "Tres")]
    see(books, books.beto, told[1].id)
    for waiting, search, expected in (
        (None, None, ["Tres", "Dos", "Uno"]),
        (True, None, ["Tres", "Uno"]),
        (False, None, ["Dos"]),
        (None, "tres", ["Tres"]),
    ):
        page = books.look(
            partial(
                notifications.listed,
                actor=books.beto,
                window=Window(limit=5, search=search),
                waiting=waiting,
            )
        )
        assert [one.title for one in page.items] == expected


def low(shop: TestShop, actor: Actor) -> list[tuple[list[str], int]]:
    """The codes that somebody was told of, and how many more."""
    named = []
    for one in unseen(shop, actor):
        assert isinstance(one.facts, LowProducts)
        named.append(([alert.code for alert in one.facts.products], one.facts.more))
    return named


def test_a_fall_below_the_minimum_is_told_once_to_each_active_administrator(
    books: TestShop,
) -> None:
    other = colleague(books)
    gone = colleague(books, "fue")
    assert gone.rut is not None
    books.do(partial(people.deactivate, actor=books.ana, rut=gone.rut))
    (code,) = stocked(books, 1)
    for quantity_milli in (5000, 1000, 1000):
        books.sell((code, quantity_milli))

    assert low(books, books.ana) == low(books, other) == [([code], 0)]
    assert unseen(books, books.beto) == unseen(books, gone) == []
    see(books, other, unseen(books, other)[0].id)
    assert low(books, books.ana) == [([code], 0)], "each sees for themselves"
    assert books.look(verification.verify) is None


def test_what_falls_together_is_told_together(books: TestShop) -> None:
    codes = stocked(books, PRODUCTS_LISTED + 3)
    books.do(
        lambda transaction: sales.sell(
            transaction, [books.selling((code, 6000)) for code in codes]
        )
    )
    ((named, more),) = low(books, books.ana)
    assert set(named) < set(codes)
    assert (len(set(named)), more) == (PRODUCTS_LISTED, 3)


def test_a_copy_that_was_not_made_is_told(books: TestShop) -> None:
    books.do(
        lambda transaction: alerts.announce_copy_fault(
            transaction, "el disco está lleno"
        )
    )
    (told,) = unseen(books, books.ana)
    assert told.facts == CopyFault("el disco está lleno")


def test_what_was_seen_goes_after_a_month_and_what_the_shop_noticed_after_a_year(
    books: TestShop,
) -> None:
    seen, waiting = notify(books, ANA_RUT), notify(books, ANA_RUT)
    see(books, books.ana, seen.id)
    books.do(lambda transaction: alerts.announce_copy_fault(transaction, "x"))
    noticed_id = unseen(books, books.ana)[-1].id
    last = notify(books, BETO_RUT)
    see(books, books.beto, last.id)

    def left_after(days: int, retention: Retention = RETENTION) -> set[int]:
        books.clock = ticking(OPENING_DAY_MS + days * DAY_MS)
        while books.do(lambda transaction: tidying.forget(transaction, retention, 1)):
            pass
        return {
            one.id
            for actor in (books.ana, books.beto)
            for one in books.look(
                partial(notifications.listed, actor=actor, window=Window(limit=9))
            ).items
        }

    assert left_after(29) == {seen.id, waiting.id, noticed_id, last.id}
    assert left_after(32) == {waiting.id, noticed_id, last.id}, "the last one stays"
    assert left_after(100) == {waiting.id, noticed_id, last.id}
    assert left_after(367) == {waiting.id, last.id}
    assert notify(books, BETO_RUT).id == last.id + 1


def test_what_the_shop_noticed_goes_with_the_addresses(books: TestShop) -> None:
    books.do(lambda transaction: alerts.announce_copy_fault(transaction, "x"))
    notify(books, ANA_RUT)
    books.clock = ticking(OPENING_DAY_MS + 11 * DAY_MS)
    soon = replace(RETENTION, address_days=10)
    books.do(lambda transaction: tidying.forget(transaction, soon, 10))
    assert [one.topic for one in unseen(books, books.ana)] == [Topic.WRITTEN]

"""Races for the last units, without a server: threads and processes at one database file."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from subprocess import Popen

import pytest
from tests.harness.books import TestShop
from tests.journeys.another_process import beside
from tests.journeys.replaying import replayed

from trastienda.actions import audit, people, products, sales
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.errors import InsufficientStock
from trastienda.domain.lists import Window
from trastienda.domain.people import UserDraft
from trastienda.domain.products import ProductDraft
from trastienda.domain.rut import check_digit
from trastienda.storage.transactions import writing

UNITS = 400
ALL = Window(limit=200)


@pytest.fixture
def last_units(books: TestShop) -> str:
    """A product of which so much is left and no more."""
    draft = ProductDraft(
        code="LAST", name="Lo último", price_minor=990, stock_milli=UNITS * 1000
    )
    books.do(lambda transaction: products.create(transaction, books.ana, draft))
    return draft.code


def begin(one: "Popen[str]") -> None:
    assert one.stdin is not None
    one.stdin.write("go\n")
    one.stdin.flush()


@contextmanager
def two_processes(books: TestShop, code: str) -> Iterator[list["Popen[str]"]]:
    """Two that are about to sell the same units."""
    with ExitStack() as stack:
        both = [
            stack.enter_context(beside("sell-out", books.path, code)) for _ in range(2)
        ]
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        yield both


def assert_sold(books: TestShop, told: list[int]) -> None:
    """Every unit was sold once and each sale told once, and the shop is what its journal says."""
    assert sorted(told) == list(range(1, UNITS + 1))
    assert (
        books.look(
            lambda snapshot: products.look_up(snapshot, books.ana, "LAST")
        ).product.stock_milli
        == 0
    )
    assert_sound(books)


def assert_sound(books: TestShop) -> None:
    heard = books.look(lambda snapshot: replayed(snapshot.connection))
    listed = books.look(
        lambda snapshot: products.listed(snapshot, books.ana, ALL)
    ).items
    assert heard.products == {product.code: product for product in listed}
    assert [sale.folio for sale in heard.sales.values()] == list(
        range(1, len(heard.sales) + 1)
    )
    assert books.look(verify) is None


def test_two_processes_sell_each_of_the_last_units_once(
    books: TestShop, last_units: str
) -> None:
    with two_processes(books, last_units) as both:
        told = []
        for one in both:
            begin(one)
        for one in both:
            said, _ = one.communicate()
            *numbers, end = said.split()
            assert (end, one.returncode) == ("done", 0)
            told += [int(number) for number in numbers]
    assert_sold(books, told)


def test_a_process_that_is_killed_in_the_race_takes_nothing_with_it(
    books: TestShop, last_units: str
) -> None:
    """What it said was sold is sold; what it did not come to say may be, and is not half there."""
    with two_processes(books, last_units) as (victim, other):
        assert victim.stdout is not None
        begin(victim)
        told = [int(victim.stdout.readline())]
        begin(other)
        victim.send_signal(signal.SIGKILL)
        told += [int(line) for line in victim.stdout.read().split() if line != "done"]
        said, _ = other.communicate()
        told += [int(number) for number in said.split()[:-1]]
    assert len(set(told)) == len(told)
    assert set(told) <= set(range(1, UNITS + 1))
    assert_sold(books, list(range(1, UNITS + 1)))


def test_processes_that_write_and_checkpoint_all_the_time_lose_nothing(
    books: TestShop,
) -> None:
    """Each commit is put into the database at once, and one process is killed on the way."""
    shelves = [("A", 300), ("B", 300), ("K", 100_000)]
    told: list[str] = []
    with ExitStack() as stack:
        *steady, victim = [
            stack.enter_context(beside("stock-shelves", books.path, prefix, count, 1))
            for prefix, count in shelves
        ]
        for process in steady:
            said, _ = process.communicate()
            assert process.returncode == 0
            told += said.split()
        assert victim.stdout is not None
        victim.send_signal(signal.SIGKILL)
        told += victim.stdout.read().split()

    everything = Window(limit=100_000)
    listed = books.look(
        lambda snapshot: products.listed(snapshot, books.ana, everything)
    )
    codes = {product.code for product in listed.items}
    assert len(told) > 600
    assert codes >= set(told)
    with books.database.connect() as connection:
        assert connection.damage() is None
    assert books.look(verify) is None


def test_threads_with_transactions_of_their_own_sell_each_of_the_last_units_once(
    books: TestShop, last_units: str
) -> None:
    together = threading.Barrier(6)

    def till(number: int) -> list[int]:
        told: list[int] = []
        with books.database.connect() as connection:
            together.wait()
            while True:
                with writing(connection, books.clock) as transaction:
                    (answer,) = sales.sell(
                        transaction, [books.selling((last_units, 1000))]
                    )
                if isinstance(answer, InsufficientStock):
                    return told
                assert isinstance(answer, Outcome)
                told.append(answer.value.id)

    with ThreadPoolExecutor(6) as pool:
        assert_sold(
            books, [number for told in pool.map(till, range(6)) for number in told]
        )


def test_the_shell_writes_while_two_processes_sell(
    books: TestShop, last_units: str
) -> None:
    """Users, products and sales from three processes: one chain, one line of folios, one
    journal."""
    with (
        two_processes(books, last_units) as both,
        beside("stock-shelves", books.path, "S", 40) as shelves,
    ):
        for one in both:
            begin(one)
        for number in range(5_000_000, 5_000_020):
            draft = UserDraft(
                rut=f"{number}-{check_digit(number)}",
                name="Nueva",
                username=f"n{number}",
                password="clave-nueva",
            )
            books.register(draft)
        said = [one.communicate()[0] for one in (*both, shelves)]
        assert [one.returncode for one in (*both, shelves)] == [0, 0, 0]
    assert len(said[2].split()) == 40
    assert sum(len(lines.split()) - 1 for lines in said[:2]) == UNITS
    assert (
        len(books.look(lambda snapshot: list(people.everybody(snapshot, books.ana))))
        == 23
    )
    rows = books.look(lambda snapshot: audit.listed(snapshot, books.ana, ALL)).items
    assert len(rows) == ALL.limit
    assert_sound(books)

"""The books proven by two processes, which name what one alone would name."""

import threading
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.past import fill

from trastienda.actions.verification import verify
from trastienda.domain.people import SHELL
from trastienda.operations import verification
from trastienda.operations.shop_folder import Location
from trastienda.storage.dialects import open_file

NOTE = {"name": "uno", "text": "dos"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestShop:
    """A shop that takes two processes, however small."""
    monkeypatch.setattr(verification, "ALONE_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    shop = TestShop(tmp_path / "trastienda.db")
    fill(shop)
    return shop


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        ([], None),
        (["UPDATE sales SET change_minor = change_minor + 1 WHERE id = 9"], "sales"),
        (["UPDATE rooms SET last_seq = 99 WHERE id = 1"], "messages"),
        (
            [
                "UPDATE rooms SET last_seq = 99 WHERE id = 1",
                "UPDATE sales SET change_minor = change_minor + 1 WHERE id = 9",
            ],
            "sales",
        ),
        (
            [
                "UPDATE sales SET change_minor = change_minor + 1 WHERE id = 9",
                "UPDATE audit SET hash = 'x' WHERE id = 7",
            ],
            "audit",
        ),
        (["UPDATE audit SET detail = 'x' WHERE action = 'product_created'"], "audit"),
    ],
)
def test_the_first_that_is_broken_is_named(
    shop: TestShop, damage: list[str], table: str | None
) -> None:
    with shop.database.connect() as connection:
        triggers = connection.sql.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).all()
        for name, _ in triggers:
            connection.sql.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in [*damage, *(text for _, text in triggers)]:
            connection.sql.exec_driver_sql(statement)

    steps: list[float] = []
    broken = verification.prove(
        Location(shop.path.parent),
        lambda done, total, check: steps.append(done / total),
    )
    assert broken == shop.look(verify)
    assert (broken and broken.table) == table
    if broken is None:
        assert steps == sorted(steps)
        assert steps[-1] == 1


def test_both_see_one_state_while_the_shop_is_written_to(shop: TestShop) -> None:
    """Else a registro of after the first look would speak of a sale that is not there."""
    is_over = threading.Event()

    def sell_on() -> None:
        while not is_over.is_set():
            shop.do(lambda transaction: transaction.audit(SHELL, "note", NOTE))

    seller = threading.Thread(target=sell_on)
    seller.start()
    try:
        assert verification.prove(Location(shop.path.parent)) is None
    finally:
        is_over.set()
        seller.join()


def test_one_process_does_it_where_the_other_cannot(
    shop: TestShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "TRIES", 0)
    assert verification.prove(Location(shop.path.parent)) is None


def test_a_commit_changes_the_number_that_is_watched(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    shop = TestShop(file)
    with open_file(file).connect() as watch:
        number = watch.change_number()
        assert watch.change_number() == number
        shop.do(lambda transaction: transaction.audit(SHELL, "note", NOTE))
        assert watch.change_number() != number

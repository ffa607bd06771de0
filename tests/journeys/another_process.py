"""Another process at the same shop: ``python -m tests.journeys.another_process WHAT DATABASE
…``, a line for each deed.

It writes straight through storage or through a writer of its own, as a second node or the
shell would.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trastienda.actions import people, products, sales
from trastienda.actions.sales import Selling
from trastienda.domain.errors import InsufficientStock
from trastienda.domain.people import SHELL, Actor
from trastienda.domain.products import ProductDraft
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.live.bus import Bus
from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import Database, open_file, sqlite
from trastienda.storage.transactions import Snapshot, read_snapshot, writing
from trastienda.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
CASHIER = "22222222-2"
TILLS = 8


@contextmanager
def beside(
    what: str, database: Path, *arguments: object
) -> Iterator["subprocess.Popen[str]"]:
    """Run this module as a process of its own; it is ended with the block."""
    command = [
        sys.executable,
        "-m",
        "tests.journeys.another_process",
        what,
        str(database),
        *map(str, arguments),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def tell(line: object) -> None:
    """Say something at once, in one write."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def cashier(snapshot: Snapshot) -> Actor:
    """Beto."""
    user = people.get(snapshot, SHELL, CASHIER)
    return Actor(
        user_id=user.id, rut=user.rut, name=user.name, role=user.role, origin="another"
    )


def stock_shelves(
    database: Database,
    prefix: str,
    count: int,
    checkpoint_pages: int | None = None,
) -> None:
    """Create products, one a transaction; say the code of each once it is committed.

    The log of writes is put into the database after ``checkpoint_pages``, if given.
    """
    if checkpoint_pages is not None:
        sqlite.CHECKPOINT_PAGES = checkpoint_pages
    with database.connect() as connection:
        for number in range(count):
            draft = ProductDraft(
                code=f"{prefix}{number}", name="Cosa", price_minor=100, stock_milli=1000
            )
            with writing(connection, now_ms) as transaction:
                products.create(transaction, SHELL, draft)
            tell(draft.code)


async def sell_out(database: Database, code: str) -> None:
    """Sell one unit at a time at several tills until nothing is left; say the number of each
    sale once it is answered.

    Waits for a line on the standard input before it begins, so that all who compete begin together.
    """
    with (
        database.connect() as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        actor, n = cashier(snapshot), snapshot.n
    writer = Writer(database, Bus(n), now_ms)
    order = SaleOrder(lines=[OrderLine(code, 1000)])

    async def till() -> None:
        try:
            while True:
                outcome = await writer.run_many(sales.sell, Selling(actor, order))
                tell(outcome.value.id)
        except InsufficientStock:
            return

    tell("ready")
    await asyncio.to_thread(sys.stdin.readline)
    try:
        await asyncio.gather(*(till() for _ in range(TILLS)))
    finally:
        await writer.close()
    tell("done")


def main(what: str, path: str, *arguments: str) -> None:
    """Do ``what``."""
    database = open_file(Path(path))
    if what == "stock-shelves":
        stock_shelves(database, arguments[0], *map(int, arguments[1:]))
    else:
        asyncio.run(sell_out(database, arguments[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])

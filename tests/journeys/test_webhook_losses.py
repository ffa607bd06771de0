"""Other systems hear what happens in the shop though shop and receivers are killed, restored,
moved, or left behind."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.receiver import (
    Answering,
    Delivered,
    Receiver,
    change,
    connect,
    shown,
)
from tests.harness.server import free_port
from tests.harness.shell import shell
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

from trastienda.domain.webhooks import HOPELESS_ATTEMPTS, HOPELESS_MS
from trastienda.operations.clock import now_ms
from trastienda.storage import tasks, webhooks
from trastienda.storage.dialects import open_file
from trastienda.storage.transactions import Tx, writing


def test_a_shop_and_a_receiver_that_are_killed_lose_nothing_and_keep_the_order(
    open_shop: OpenShop,
) -> None:
    """Both go away at any moment, and come back at the same port."""
    dice = random.Random(11)
    shop = open_shop(webhooks_private="si")
    port = free_port()
    receiver = Receiver(port=port)
    made = connect(shop, receiver, eventos=["venta"])
    code = shop.code(stock=10_000)
    sold: list[int] = []
    taken: list[Delivered] = []
    for turn in range(6):
        sales = dice.randrange(1, 30)
        sold += [shop.sell((code, 1))["id_venta"] for _ in range(sales)]
        if turn % 2:
            receiver.close()
            taken += receiver.taken
            sold.append(shop.sell((code, 1))["id_venta"])
            receiver = Receiver(port=port)
        time.sleep(dice.random() * 0.05)
        shop.restart(kill=turn != 2)

    def told() -> list[int]:
        by_id = {one.id: one.body["id_venta"] for one in taken + receiver.taken}
        return list(by_id.values())

    eventually(lambda: len(told()) >= len(sold), "everything to be taken")
    receiver.close()
    assert told() == sold
    assert all(one.is_signed_with(made["secreto"]) for one in taken + receiver.taken)
    shop.ana.delete(f"/avisos/{made['id_aviso']}")


def has_tried(shop: RunningShop, made: dict[str, Any]) -> bool:
    return shown(shop, made)["ultimo"] is not None


def test_without_the_setting_nothing_is_sent_to_this_machine(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(webhooks_private="si")
    with Receiver() as receiver:
        numeric = connect(shop, receiver, eventos=["venta"])
        url = receiver.url.replace("127.0.0.1", "localhost")
        body = {"url": url, "clave_actual": PASSWORD, "eventos": ["venta"]}
        named = shop.ana.ok("POST", "/avisos", body)
        shop.settings["webhooks_private"] = "no"
        shop.restart()
        shop.sell((shop.code(), 1))
        for made in (numeric, named):
            eventually(partial(has_tried, shop, made), "the attempt")
            last = shown(shop, made)["ultimo"]
            assert last["estado"] is None
            assert last["respuesta"] == "la dirección no está abierta a internet"
            tried = shop.ana.ok("POST", f"/avisos/{made['id_aviso']}/prueba")
            assert tried["entregado"] is False
        assert receiver.came == []


def start(shop: RunningShop) -> None:
    shop.server = type(shop.server)(
        shop.server.data, cheap_passwords=True, **shop.settings
    )
    for one in shop.by_role.values():
        one.base_url = shop.server.url


def done(*words: str | Path, data: Path) -> None:
    """Run a command about a shop, which does what it is asked."""
    ran = shell(*words, "--data", data, cwd=data.parent)
    assert ran.returncode == 0, ran.stderr


def edited(shop: RunningShop, work: Callable[[Tx], object]) -> None:
    """Do something to the database of a shop that is not served."""
    database = open_file(shop.server.data / "trastienda.db")
    with (
        database.connect() as connection,
        writing(connection, now_ms) as transaction,
    ):
        work(transaction)


def test_who_has_failed_for_days_is_given_up(open_shop: OpenShop) -> None:
    shop = open_shop(webhooks_private="si")
    with Receiver(lambda _: Answering(500)) as receiver:
        made = connect(shop, receiver, eventos=["venta"])
        shop.sell((shop.code(), 1))
        eventually(lambda: shown(shop, made)["ultimo"], "the first failure")
        shop.server.stop()

        def age(transaction: Tx) -> None:
            (webhook,) = webhooks.everything(transaction.connection)
            old = replace(
                webhook.progress,
                attempts=HOPELESS_ATTEMPTS - 1,
                failing_since_ms=now_ms() - HOPELESS_MS,
                next_try_ms=now_ms(),
            )
            webhooks.note_progress(transaction, webhook.id, webhook.version, old)

        edited(shop, age)
        start(shop)
        eventually(lambda: shown(shop, made)["motivo"] == "fallas", "it to be given up")
        done("verify", data=shop.server.data)


def test_after_a_restore_an_address_is_told_of_the_gap_and_goes_on(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    shop = open_shop(webhooks_private="si")
    with Receiver() as receiver:
        connect(shop, receiver, eventos=["venta"])
        code = shop.code()
        shop.sell((code, 1))
        receiver.has(1)
        copy = tmp_path / "copy.db"
        data = shop.server.data
        done("backup", copy, data=data)
        shop.sell((code, 1))  # the copy does not know of it
        lost = receiver.has(2)[-1]
        assert shop.server.stop() == 0
        done("restore", copy, "--force", data=data)
        start(shop)
        gap = receiver.has(3)[-1]
        assert gap["evento"] == "hueco"
        assert gap["n"] > lost["n"] > gap["desde"]
        answer = shop.ana.get("/tienda")
        assert int(answer.headers["Trastienda-N"]) >= gap["n"]
        sale = shop.sell((code, 1))
        told = receiver.has(4)[-1]
        assert told["id_venta"] == sale["id_venta"]
        assert told["n"] > gap["n"]


def test_a_copy_that_is_opened_elsewhere_sends_nothing(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    shop = open_shop(webhooks_private="si")
    with Receiver() as receiver:
        made = connect(shop, receiver)
        copy = tmp_path / "copy.db"
        done("backup", copy, data=shop.server.data)
        receiver.came.clear()
        assert shop.server.stop() == 0
        elsewhere = tmp_path / "elsewhere"
        done("restore", copy, data=elsewhere)
        shop.server.data = elsewhere
        start(shop)
        shop.ana = shop.enter("ana")
        eventually(lambda: shown(shop, made)["motivo"] == "secreto", "it to be off")
        assert receiver.came == []
        tried = shop.ana.ok("POST", f"/avisos/{made['id_aviso']}/prueba")
        assert "secreto" in tried["respuesta"]
        renewed = change(shop, made, secreto_nuevo=True, activo=True)
        assert receiver.has(1)[0]["evento"] == "hueco"
        assert receiver.came[0].is_signed_with(renewed["secreto"])


def test_what_the_journal_has_forgotten_is_a_gap(open_shop: OpenShop) -> None:
    shop = open_shop(webhooks_private="si")
    with Receiver() as receiver:
        made = connect(shop, receiver, eventos=["venta"], activo=False)
        code = shop.code()
        shop.sell((code, 1))
        assert shop.server.stop() == 0

        def forget(transaction: Tx) -> None:
            while tasks.forget_announcements(transaction, now_ms() + 10**9, 1000):
                pass

        edited(shop, forget)
        start(shop)
        change(shop, made, activo=True)
        (gap,) = receiver.has(1)
        assert (gap["evento"], gap["desde"]) == ("hueco", made["entregado"])
        sale = shop.sell((code, 1))
        assert receiver.has(2)[-1]["id_venta"] == sale["id_venta"]


def test_a_shop_that_stops_keeps_how_far_it_got_and_waits_for_no_receiver(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(webhooks_private="si")
    free = threading.Event()

    def hang(_: Delivered) -> Answering:
        free.wait(60)
        return Answering()

    with Receiver() as quick, Receiver(hang) as hanging:
        connect(shop, quick, eventos=["venta"])
        connect(shop, hanging, eventos=["venta"])
        code = shop.code()
        for _ in range(5):
            shop.sell((code, 1))
        quick.has(5)
        eventually(lambda: hanging.came, "the first to hang")
        began_s = time.monotonic()
        shop.restart()
        assert time.monotonic() - began_s < 10
        free.set()
        hanging.has(5)
        shop.sell((code, 1))
        quick.has(6)
        assert len(quick.came) == 6  # nothing came twice
        (_, *rest) = hanging.came
        assert [one.id for one in rest][:5] == [one.id for one in quick.came][:5]


def test_a_shop_without_addresses_loads_nothing_for_them() -> None:
    words = "import sys, trastienda.app.serving; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0

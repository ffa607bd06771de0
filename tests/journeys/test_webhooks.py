"""Other systems hear what happens in the shop: each thing at least once, in order, signed,
however they and the shop fail."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.lines import Program
from tests.harness.receiver import (
    Answering,
    Delivered,
    Receiver,
    change,
    connect,
    shown,
)
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that sends to this machine, too."""
    return open_shop(webhooks_private="si")


@pytest.fixture
def receivers(own: RunningShop) -> Iterator[ExitStack]:
    """Closes receivers at the end, and removes all addresses."""
    with ExitStack() as stack:
        yield stack
        for made in own.ana.ok("GET", "/avisos")["datos"]:
            own.ana.delete(f"/avisos/{made['id_aviso']}")


def numbers(told: list[dict[str, Any]]) -> list[int]:
    return [body["n"] for body in told]


def failing(_: Delivered) -> Answering:
    return Answering(500, b"roto")


def test_what_is_sent_is_what_an_administrator_hears_in_order_and_signed(
    own: RunningShop, receivers: ExitStack
) -> None:
    receiver = receivers.enter_context(Receiver())
    with Program(own.server.chat) as ana:
        ana.log_in("ana")
        made = connect(own, receiver)
        code = own.code(costo=500)
        own.sell((code, 2))
        own.ana.ok("DELETE", f"/product/barcode/{code}")
        told = receiver.has(5)
        ana.ok("usuarios")
        heard = [one for one in ana.events if one["evento"] != "presencia"]
    assert told == heard
    assert numbers(told) == sorted(set(numbers(told)))
    assert told[0]["costo"] == 500
    for delivered in receiver.came:
        assert delivered.is_signed_with(made["secreto"])
        assert delivered.headers["content-type"] == "application/json"
        at_s = int(delivered.headers["webhook-timestamp"])
        assert abs(at_s - time.time()) < 120
        assert "." not in delivered.id
    assert len({delivered.id for delivered in receiver.came}) == len(told)


def test_an_address_hears_what_it_asks_for_and_talk_only_by_name(
    own: RunningShop, receivers: ExitStack
) -> None:
    everything, sales, talk = (receivers.enter_context(Receiver()) for _ in range(3))
    connect(own, everything)
    connect(own, sales, eventos=["venta"])
    connect(own, talk, eventos=["mensaje"])
    code = own.code()
    with Program(own.server.chat) as beto:
        beto.log_in("beto")
        beto.ok("sala", sala="general")
        beto.ok("mensaje", texto="a todos")
        beto.ok("privado", para="clara", texto="a una sola")
        beto.ok("mensaje", texto="otra vez a todos")
    own.sell((code, 1))
    (sale,) = sales.has(1)
    assert sale["evento"] == "venta"
    assert [body["texto"] for body in talk.has(2)] == ["a todos", "otra vez a todos"]
    told = everything.has(4)
    assert {body["evento"] for body in told} == {"producto", "stock", "venta"}


def test_a_receiver_that_fails_gets_the_same_again_and_nothing_before_it(
    own: RunningShop, receivers: ExitStack
) -> None:
    answers = [Answering(500, b"roto"), None, Answering(404, b"no hay")]
    receiver = receivers.enter_context(
        Receiver(lambda _: answers.pop(0) if answers else Answering())
    )
    made = connect(own, receiver, eventos=["venta"])
    code = own.code()
    sold = [own.sell((code, 1))["id_venta"] for _ in range(3)]
    told = receiver.has(3)
    assert [body["id_venta"] for body in told] == sold
    first = receiver.came[0]
    assert [one.id for one in receiver.came[:4]] == [first.id] * 4
    assert [one.content for one in receiver.came[:4]] == [first.content] * 4
    eventually(lambda: shown(own, made)["entregado"] >= told[-1]["n"], "it to be kept")
    last = shown(own, made)["ultimo"]
    assert (last["estado"], last["intento"]) == (204, 1)


def test_what_an_address_last_answered_is_shown(
    own: RunningShop, receivers: ExitStack
) -> None:
    receiver = receivers.enter_context(Receiver(failing))
    made = connect(own, receiver, eventos=["venta"])
    own.sell((own.code(), 1))
    eventually(lambda: shown(own, made)["ultimo"], "the first failure")
    state = shown(own, made)
    assert state["ultimo"]["estado"] == 500
    assert state["ultimo"]["respuesta"] == "roto"
    assert state["ultimo"]["n"] == receiver.came[0].body["n"]
    assert state["pendiente_desde"] < state["proximo_intento"]
    receiver.decide = lambda _: Answering()
    receiver.has(1)
    eventually(lambda: not shown(own, made)["pendiente_desde"], "nothing to wait")
    assert shown(own, made)["proximo_intento"] is None


def test_one_that_hangs_holds_up_neither_the_others_nor_the_shop(
    own: RunningShop, receivers: ExitStack
) -> None:
    free = threading.Event()
    receivers.callback(free.set)

    def hang(_: Delivered) -> Answering:
        free.wait(60)
        return Answering()

    hanging = receivers.enter_context(Receiver(hang))
    quick = receivers.enter_context(Receiver())
    connect(own, hanging, eventos=["venta"])
    connect(own, quick, eventos=["venta"])
    code = own.code()
    own.sell((code, 1))
    eventually(lambda: hanging.came, "the first to hang")
    for _ in range(5):
        own.sell((code, 1))
    assert len(quick.has(6)) == 6
    assert len(hanging.came) == 1


def test_the_pause_that_is_asked_for_is_kept_until_a_test_shows_that_it_works(
    own: RunningShop, receivers: ExitStack
) -> None:
    later = Answering(503, b"", {"Retry-After": "5000"})
    receiver = receivers.enter_context(Receiver(lambda _: later))
    made = connect(own, receiver, eventos=["venta"])
    own.sell((own.code(), 1))
    eventually(lambda: shown(own, made)["proximo_intento"], "the failure")
    left_s = seconds_until(shown(own, made)["proximo_intento"])
    assert 4000 < left_s <= 5000
    receiver.decide = lambda _: Answering()
    own.ana.ok("POST", f"/avisos/{made['id_aviso']}/prueba")
    assert [body["evento"] for body in receiver.has(2)] == ["prueba", "venta"]


def seconds_until(time_text: str) -> float:
    return (datetime.fromisoformat(time_text) - datetime.now(UTC)).total_seconds()


def test_a_redirect_is_a_failure_and_is_not_followed(
    own: RunningShop, receivers: ExitStack
) -> None:
    receiver = receivers.enter_context(Receiver())
    elsewhere = Answering(302, b"", {"Location": f"{receiver.url}/otra"})
    receiver.decide = lambda _: elsewhere
    made = connect(own, receiver, eventos=["venta"])
    own.sell((own.code(), 1))
    eventually(lambda: len(receiver.came) > 1, "the second attempt")
    assert {delivered.path for delivered in receiver.came} == {"/avisos"}
    eventually(lambda: shown(own, made)["ultimo"], "the answer to be kept")
    assert shown(own, made)["ultimo"]["estado"] == 302


def test_who_answers_without_end_is_read_no_further(
    own: RunningShop, receivers: ExitStack
) -> None:
    long = Answering(200, b"x" * 50_000_000)
    receiver = receivers.enter_context(Receiver(lambda _: long))
    made = connect(own, receiver, eventos=["venta"])
    code = own.code()
    for _ in range(3):
        own.sell((code, 1))
    receiver.has(3)
    eventually(lambda: shown(own, made)["ultimo"], "the answer to be kept")
    assert shown(own, made)["ultimo"]["respuesta"] == "x" * 200


def test_who_is_gone_hears_nothing_any_more_and_administrators_hear_of_it(
    own: RunningShop, receivers: ExitStack
) -> None:
    receiver = receivers.enter_context(Receiver(lambda _: Answering(410)))
    other = receivers.enter_context(Receiver())
    made = connect(own, receiver, eventos=["venta"])
    connect(own, other, eventos=["aviso_apagado", "mensaje"])
    code = own.code()
    own.sell((code, 1))
    off, alert = other.has(2)
    origin = f"http://127.0.0.1:{receiver.port}"
    assert off | {"n": 0} == {
        "evento": "aviso_apagado",
        "n": 0,
        "id_aviso": made["id_aviso"],
        "direccion": origin,
        "motivo": "rechazado",
    }
    assert alert["sala"] == "alertas"
    assert origin in alert["texto"]
    state = shown(own, made)
    assert (state["activo"], state["motivo"]) == (False, "rechazado")
    assert state["ultimo"]["estado"] == 410
    (row, *_) = own.ana.ok("GET", "/registros", params={"q": "aviso_apagado"})["datos"]
    assert row["detalle"] == {
        "id_aviso": made["id_aviso"],
        "direccion": origin,
        "motivo": "rechazado",
    }

    own.sell((code, 1))
    receiver.decide = lambda _: Answering()
    assert change(own, made, activo=True)["motivo"] is None
    assert len(receiver.has(2)) == 2
    assert len(receiver.came) == 3


def test_who_is_turned_off_goes_on_later_where_it_stopped(
    own: RunningShop, receivers: ExitStack
) -> None:
    receiver = receivers.enter_context(Receiver())
    made = connect(own, receiver, eventos=["venta"])
    code = own.code()
    own.sell((code, 1))
    receiver.has(1)
    change(own, made, activo=False)
    own.sell((code, 1))
    own.sell((code, 1))
    assert len(receiver.came) == 1
    change(own, made, activo=True)
    assert numbers(receiver.has(3)) == sorted(numbers(receiver.events()))


def test_an_address_that_moves_goes_on_there_and_a_new_secret_signs_beside_the_old(
    own: RunningShop, receivers: ExitStack
) -> None:
    old, new = (receivers.enter_context(Receiver()) for _ in range(2))
    made = connect(own, old, eventos=["venta"])
    code = own.code()
    own.sell((code, 1))
    old.has(1)
    changed = change(own, made, url=new.url, secreto_nuevo=True)
    own.sell((code, 1))
    new.has(1)
    (delivered,) = new.came
    assert len(old.came) == 1
    assert delivered.is_signed_with(made["secreto"])
    assert delivered.is_signed_with(changed["secreto"])
    own.ana.delete(f"/avisos/{made['id_aviso']}")
    own.sell((code, 1))
    quick = receivers.enter_context(Receiver())
    connect(own, quick, eventos=["venta"])
    own.sell((code, 1))
    quick.has(1)
    assert (len(old.came), len(new.came)) == (1, 1)

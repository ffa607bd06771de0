"""``Idempotency-Key``: what comes again under the same key is done once, and answered as
the first time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import new_code, new_rut
from tests.harness.http import Caller, order, refused, unfit
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

Post = tuple[str, dict[str, Any]]


def new_key() -> str:
    return str(uuid4())


def send(caller: Caller, path: str, body: Any, key: str) -> httpx.Response:
    """Post under a key; a ``str`` is sent as it is."""
    content = body if isinstance(body, str) else json.dumps(body)
    return caller.post(
        path,
        content=content,
        headers={"Idempotency-Key": key, "Content-Type": "application/json"},
    )


def is_replay(answer: httpx.Response) -> bool:
    assert answer.is_success, answer.text
    return bool(answer.headers.get("Idempotency-Replayed") == "true")


def a_sale(shop: RunningShop) -> Post:
    return "/ventas-detalle", order((shop.code(), 1))


def a_settling(shop: RunningShop) -> Post:
    sale = shop.sell(
        (shop.code(), 1),
        pagos=[{"medio": "pendiente", "monto": 1000}],
        cliente=new_rut(),
    )
    return f"/ventas/{sale['id_venta']}/pagos", {
        "pagos": [{"medio": "efectivo", "monto": 300}]
    }


def a_return(shop: RunningShop) -> Post:
    code = shop.code()
    sale = shop.sell((code, 5))
    return f"/ventas/{sale['id_venta']}/devoluciones", {
        "motivo": "x",
        **order((code, 1)),
    }


def a_purchase(shop: RunningShop) -> Post:
    return "/compras-detalle", {
        "proveedor": "P",
        "detalle": [{"codigo_barras": shop.code(), "cantidad": 1, "costo": 9}],
    }


def a_product(shop: RunningShop) -> Post:
    return "/product", {
        "codigo_barras": new_code(),
        "nombre": "Cosa",
        "precio": 10,
        "stock": 3,
    }


ALL = [a_sale, a_settling, a_return, a_purchase, a_product]


def state(shop: RunningShop) -> tuple[int, ...]:
    """What any write would move: the number of the last announcement, and of the last registro."""
    rows = shop.ana.get("/registros", params={"limite": 1})
    return int(rows.headers["Trastienda-N"]), rows.json()["datos"][0]["id"]


@pytest.mark.parametrize("make", ALL)
class TestEveryPostThatMovesStockOrMoney:
    """The five of them."""

    def test_a_repeat_is_answered_as_the_first_time(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        (path, body), key = make(shop), new_key()
        first = send(shop.ana, path, body, key)
        assert not is_replay(first)
        before = state(shop)
        for _ in range(3):
            again = send(shop.ana, path, body, key)
            assert is_replay(again)
            assert (again.status_code, again.json()) == (
                first.status_code,
                first.json(),
            )
        assert state(shop) == before

    def test_a_repeat_may_spell_the_same_value_in_another_way(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        (path, body), key = make(shop), new_key()
        first = send(shop.ana, path, body, key)
        text = json.dumps(dict(reversed(body.items())), indent=3, ensure_ascii=True)
        text = text.replace('"cantidad": 1', '"cantidad": 10e-1').replace(
            '"motivo"', '"\\u006dotivo"'
        )
        again = send(shop.ana, path, text, key)
        assert is_replay(again)
        assert again.json() == first.json()

    def test_another_body_under_the_same_key_is_refused(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        (path, body), key = make(shop), new_key()
        is_replay(send(shop.ana, path, body, key))
        before = state(shop)
        other = (
            json.dumps(body)
            .replace('"cantidad": 1', '"cantidad": 2')
            .replace("300", "301")
            .replace("Cosa", "Otra")
        )
        refused(send(shop.ana, path, other, key), 422, "clave_reutilizada")
        assert state(shop) == before
        assert is_replay(send(shop.ana, path, body, key))

    def test_a_request_without_a_key_or_under_another_is_done_again(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        path, body = make(shop)
        is_replay(send(shop.ana, path, body, new_key()))
        if path == "/product":
            refused(send(shop.ana, path, body, new_key()), 409, "ya_existe")
        else:
            assert not is_replay(send(shop.ana, path, body, new_key()))
            assert not is_replay(shop.ana.post(path, json=body))

    def test_simultaneous_repeats_are_done_once(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        (path, body), key = make(shop), new_key()
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda _: send(shop.ana, path, body, key), range(16))
            )
        assert len({answer.text for answer in answers}) == 1
        assert sorted(is_replay(answer) for answer in answers) == [False] + [True] * 15

    def test_a_key_that_is_not_printable_ascii_is_refused(
        self, shop: RunningShop, make: Callable[[RunningShop], Post]
    ) -> None:
        path, body = make(shop)
        before = state(shop)
        for key in ("", "x" * 201):
            unfit(send(shop.ana, path, body, key), "Idempotency-Key")
        for raw in (b"a\tb", b"\xff", "ñ".encode()):
            headers = [(b"Idempotency-Key", raw)]
            unfit(shop.ana.post(path, json=body, headers=headers), "Idempotency-Key")
        assert state(shop) == before


@pytest.mark.parametrize(
    "key", ["x", "x" * 200, "a b", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]
)
def test_any_printable_ascii_text_is_a_key(shop: RunningShop, key: str) -> None:
    path, body = a_sale(shop)
    assert not is_replay(send(shop.beto, path, body, key))
    assert is_replay(send(shop.beto, path, body, key))


def test_a_refusal_leaves_the_key_free(shop: RunningShop) -> None:
    code, key = shop.code(stock=1), new_key()
    refused(
        send(shop.beto, "/ventas-detalle", order((code, 2)), key),
        409,
        "stock_insuficiente",
    )
    refused(
        send(shop.beto, "/ventas-detalle", order((new_code(), 2)), key),
        404,
        "no_encontrado",
    )
    refused(send(shop.beto, "/ventas-detalle", "{", key), 400, "json_ilegible")
    unfit(send(shop.beto, "/ventas-detalle", order(), key), "detalle")
    assert not is_replay(send(shop.beto, "/ventas-detalle", order((code, 1)), key))
    shop.ana.ok("PUT", f"/product/barcode/{code}", {"stock": 9, "motivo": "conteo"})
    refused(
        send(shop.beto, "/ventas-detalle", order((code, 2)), key),
        422,
        "clave_reutilizada",
    )


def test_a_refused_request_may_succeed_later_under_its_key(shop: RunningShop) -> None:
    code, key = shop.code(stock=1), new_key()
    body = order((code, 2))
    refused(send(shop.beto, "/ventas-detalle", body, key), 409, "stock_insuficiente")
    shop.ana.ok("PUT", f"/product/barcode/{code}", {"stock": 9, "motivo": "conteo"})
    assert not is_replay(send(shop.beto, "/ventas-detalle", body, key))
    assert shop.stock(code) == 7


def test_a_key_belongs_to_one_user(shop: RunningShop) -> None:
    (path, body), key = a_sale(shop), new_key()
    of_beto = send(shop.beto, path, body, key)
    of_ana = send(shop.ana, path, body, key)
    assert not is_replay(of_beto)
    assert not is_replay(of_ana)
    assert of_beto.json()["id_venta"] != of_ana.json()["id_venta"]
    assert send(shop.beto, path, body, key).json() == of_beto.json()


def test_a_key_belongs_to_one_route(shop: RunningShop) -> None:
    key = new_key()
    for make in ALL:
        path, body = make(shop)
        assert not is_replay(send(shop.ana, path, body, key))


def test_the_same_body_for_another_sale_is_another_request(shop: RunningShop) -> None:
    key = new_key()
    (path, body), (other, _) = a_settling(shop), a_settling(shop)
    assert not is_replay(send(shop.ana, path, body, key))
    refused(send(shop.ana, other, body, key), 422, "clave_reutilizada")


def test_permission_is_checked_before_the_key(shop: RunningShop) -> None:
    (path, body), key = a_sale(shop), new_key()
    user, caller = shop.somebody("Cajero")
    first = send(caller, path, body, key)
    assert not is_replay(first)
    refused(send(shop.nobody, path, body, key), 401, "no_autenticado")
    refused(send(shop.clara, path, body, key), 403, "sin_permiso")
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cliente"})
    refused(send(caller, path, body, key), 403, "sin_permiso")
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cajero"})
    assert send(caller, path, body, key).json() == first.json()


def test_the_first_answer_is_repeated_whatever_has_changed_since(
    shop: RunningShop,
) -> None:
    code, key = shop.code(nombre="Antes", precio=10), new_key()
    first = send(shop.beto, "/ventas-detalle", order((code, 1)), key)
    back = {"motivo": "x"}
    shop.beto.ok("POST", f"/ventas/{first.json()['id_venta']}/devoluciones", back)
    shop.ana.ok("PUT", f"/product/barcode/{code}", {"nombre": "Después", "precio": 99})
    shop.ana.ok("DELETE", f"/product/barcode/{code}")
    again = send(shop.beto, "/ventas-detalle", order((code, 1)), key)
    assert is_replay(again)
    assert again.json() == first.json()


@pytest.mark.parametrize("kill", [False, True])
def test_a_repeat_is_recognised_after_a_restart_and_a_crash(
    open_shop: OpenShop, kill: bool
) -> None:
    own = open_shop()
    posts = [(make(own), new_key()) for make in ALL]
    first = [send(own.ana, path, body, key) for (path, body), key in posts]
    assert not any(is_replay(answer) for answer in first)
    own.restart(kill=kill)
    again = [send(own.ana, path, body, key) for (path, body), key in posts]
    assert all(is_replay(answer) for answer in again)
    assert [answer.json() for answer in again] == [answer.json() for answer in first]


def test_a_repeat_gets_the_bytes_of_the_first_answer_whatever_has_changed_since(
    open_shop: OpenShop,
) -> None:
    own = open_shop()
    name = f"k{new_rut().replace('-', '')}"
    user = own.add("Rosa", name, tipo="Administrador")
    rosa = own.enter(name)
    firsts = []
    for make in ALL:
        (path, body), key = make(own), new_key()
        first = send(rosa, path, body, key)
        assert not is_replay(first)
        firsts.append((path, body, key, first))

    own.ana.ok("PUT", "/tienda", {"zona_horaria": "Asia/Tokyo"})
    own.ana.ok("PUT", f"/users/{user['rut']}", {"nombre": "Otra"})
    for path, body, key, first in firsts:
        again = send(rosa, path, body, key)
        assert is_replay(again)
        assert again.content == first.content
        assert again.headers.get("ETag") == first.headers.get("ETag")


def test_a_repeat_shows_a_discount_that_is_over_as_it_was(shop: RunningShop) -> None:
    now = datetime.now(UTC)
    path, body = a_product(shop)
    body["descuento"] = {
        "monto": 4,
        "desde": (now - timedelta(days=1)).isoformat(),
        "hasta": (now + timedelta(seconds=2)).isoformat(),
    }
    key = new_key()
    first = send(shop.ana, path, body, key)
    assert first.json()["precio_final"] == 6

    code = body["codigo_barras"]
    eventually(lambda: price(shop, code) == 10, "the discount is over")
    assert send(shop.ana, path, body, key).content == first.content


def price(shop: RunningShop, code: str) -> Any:
    """What a product costs now."""
    return shop.ana.ok("GET", f"/product/barcode/{code}")["precio_final"]

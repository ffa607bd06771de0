"""Lost answers: calls are repeated where that is safe, and errors say what may have been done."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.clients.bad_line import BUSY, BadLine, Canned, Fault
from tests.clients.conftest import QUICK, Connect
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import (
    ConnectionLost,
    InsufficientStock,
    Retry,
    Unavailable,
    UnexpectedAnswer,
)

SELLING = ("POST", "/ventas-detalle")
LOST: tuple[Fault | Canned, ...] = (
    Fault.BEFORE,
    Fault.AFTER,
    Canned(502),
    Canned(504),
    Canned(200),
)


def sales_of(shop: RunningShop, code: str) -> list[Any]:
    return shop.ana.all("/ventas", q=code)


def keys(line: BadLine) -> set[str | None]:
    return {request.key for request in line.requests(*SELLING)}


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_a_lost_answer_never_doubles_a_sale(
    as_beto: Any, line: BadLine, shop: RunningShop, fault: Fault
) -> None:
    code = shop.code(stock=10)
    line.lose(*SELLING, Fault.AFTER, fault, Fault.AFTER)
    sale = as_beto.sell([(code, 3)])
    assert [sold["id_venta"] for sold in sales_of(shop, code)] == [sale.id_venta]
    assert shop.stock(code) == 7
    assert len(line.requests(*SELLING)) == 4
    assert len(keys(line)) == 1


def test_a_call_that_times_out_is_repeated(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url, timeout_s=1.0)
    client.log_in("beto", PASSWORD)
    code = shop.code(stock=10)
    line.lose(*SELLING, Fault.STALLED)
    sale = client.sell([(code, 1)])
    assert [sold["id_venta"] for sold in sales_of(shop, code)] == [sale.id_venta]


def test_calls_that_move_stock_or_money_are_done_once(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url)
    client.log_in("ana", PASSWORD)
    code = new_code()
    line.lose("POST", "/product", Fault.AFTER)
    client.create_product(code, "Cosa", 1000, stock=10)
    line.lose("POST", "/compras-detalle", Fault.AFTER)
    client.buy("Lechera", [(code, 5, 600)])
    sale = client.sell([(code, 2)], {"pendiente": 2000}, cliente=CLARA_RUT)
    line.lose("POST", f"/ventas/{sale.id_venta}/pagos", Fault.AFTER)
    assert client.settle(sale.id_venta, {"efectivo": 500}).pendiente == 1500
    line.lose("POST", f"/ventas/{sale.id_venta}/devoluciones", Fault.AFTER)
    client.take_back(sale.id_venta, "sobra", [(code, 1)])
    assert shop.stock(code) == 14
    assert client.sale(sale.id_venta).pendiente == 500
    assert len(list(client.returns(q=code))) == 1


def test_a_call_given_up_may_be_done_and_can_be_repeated_by_its_key(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url, retry=Retry(attempts=1))
    client.log_in("beto", PASSWORD)
    code = shop.code(stock=10)
    line.lose(*SELLING, Fault.AFTER)
    with pytest.raises(ConnectionLost, match="no se sabe si hizo lo pedido") as caught:
        client.sell([(code, 1)])
    assert caught.value.maybe_done
    sale = client.sell([(code, 1)], key=caught.value.key)
    assert [sold["id_venta"] for sold in sales_of(shop, code)] == [sale.id_venta]


def test_an_own_key_makes_one_sale_over_many_runs(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    code = shop.code(stock=10)
    sales = [as_beto.sell([(code, 1)], key=f"pedido {code}") for _ in range(2)]
    assert sales[0] == sales[1]
    assert keys(line) == {f"pedido {code}"}


def test_the_number_of_attempts_is_limited(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    line.lose(*SELLING, *[Fault.AFTER] * 9)
    with pytest.raises(ConnectionLost):
        as_beto.sell([(shop.code(), 1)])
    assert len(line.requests(*SELLING)) == QUICK.attempts


def test_no_repeat_begins_after_the_total_time(connect: Connect, line: BadLine) -> None:
    client = connect(
        line.url, retry=Retry(attempts=1000, total_s=0.5, first_s=0.2, most_s=0.2)
    )
    line.lose("GET", "/tienda", *[Fault.BEFORE] * 1000)
    with pytest.raises(ConnectionLost):
        client.details()
    assert 1 <= len(line.requests("GET", "/tienda")) <= 5


def test_without_a_connection_nothing_was_done(connect: Connect) -> None:
    client = connect("http://127.0.0.1:1", retry=Retry(attempts=2, first_s=0.01))
    with pytest.raises(ConnectionLost, match="No hay conexión") as caught:
        client.sell([("7804567000014", 1)])
    assert not caught.value.maybe_done
    assert caught.value.__cause__ is not None


KEYLESS: dict[str, Callable[[Any, str], object]] = {
    "POST /registros": lambda client, code: client.write_note("nota", code),
    "POST /register": lambda client, code: client.register(
        rut=new_rut(), nombre="P", usuario=f"u{code}", clave=PASSWORD
    ),
    "PUT count": lambda client, code: client.change_product(
        code, stock=5, motivo="conteo"
    ),
    "PUT if_match": lambda client, code: client.change_product(
        code, precio=5, if_match=client.product(code).revision
    ),
    "DELETE if_match": lambda client, code: client.retire_product(
        code, if_match=client.product(code).revision
    ),
    "PUT password": lambda client, code: client.change_user(BETO_RUT, clave="corta"),
}


@pytest.mark.parametrize("name", KEYLESS)
def test_unsafe_calls_are_not_repeated_once_they_may_have_arrived(
    connect: Connect, line: BadLine, shop: RunningShop, name: str
) -> None:
    client = connect(line.url)
    client.log_in("ana", PASSWORD)
    code = shop.code()
    paths = {
        "registros": "/registros",
        "register": "/register",
        "password": f"/users/{BETO_RUT}",
    }
    path = next(
        (path for word, path in paths.items() if word in name),
        f"/product/barcode/{code}",
    )
    method = name.partition(" ")[0]
    line.lose(method, path, Canned(503, BUSY.body, BUSY.media), Fault.AFTER)
    with pytest.raises(ConnectionLost) as caught:
        KEYLESS[name](client, code)
    assert caught.value.maybe_done
    # The first one was repeated: a busy shop has done nothing.
    assert len(line.requests(method, path)) == 2


def test_calls_that_set_the_same_values_are_repeated(
    connect: Connect, line: BadLine, shop: RunningShop
) -> None:
    client = connect(line.url)
    client.log_in("ana", PASSWORD)
    code = shop.code()
    path = f"/product/barcode/{code}"
    line.lose("PUT", path, Fault.AFTER, Fault.BEFORE)
    assert client.change_product(code, precio=1500).precio == 1500
    line.lose("DELETE", path, Fault.AFTER)
    assert client.retire_product(code).estado == "Inactivo"
    line.lose("GET", path, Fault.AFTER, Canned(502), BUSY)
    assert client.product(code).precio == 1500


def test_retry_after_is_respected(as_beto: Any, line: BadLine) -> None:
    line.lose("GET", "/tienda", BUSY._replace(headers={"Retry-After": "1"}))
    began = time.monotonic()
    as_beto.details()
    assert time.monotonic() - began >= 1
    date = BUSY._replace(headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})
    line.lose("GET", "/tienda", date)
    as_beto.details()


def test_a_refusal_after_a_lost_answer_is_certain(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    line.lose(*SELLING, Fault.BEFORE)
    with pytest.raises(InsufficientStock) as caught:
        as_beto.sell([(shop.code(stock=1), 2)])
    assert not caught.value.maybe_done


def test_a_busy_shop_after_a_lost_answer_may_have_done_it(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    line.lose(*SELLING, Fault.AFTER, *[BUSY] * 9)
    with pytest.raises(Unavailable) as caught:
        as_beto.sell([(shop.code(), 1)])
    assert caught.value.maybe_done
    assert caught.value.key in keys(line)


def test_the_login_page_of_a_network_is_an_unexpected_answer(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    line.lose(*SELLING, *[Canned(200, "<html>Acepte las condiciones")] * 9)
    with pytest.raises(UnexpectedAnswer, match="Acepte las condiciones") as caught:
        as_beto.sell([(shop.code(), 1)])
    assert caught.value.maybe_done
    assert len(line.requests(*SELLING)) == QUICK.attempts


def test_a_lost_page_of_a_list_is_fetched_again(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    name = f"Perdida {new_code()}"
    codes = [shop.code(nombre=name) for _ in range(3)]
    line.lose("GET", "/products", Fault.AFTER, Fault.BEFORE)
    assert [
        product.codigo_barras for product in as_beto.products(name, page_size=1)
    ] == codes[::-1]

"""The inventory port: looking, buying, giving back; a purchase there is a sale like any other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.lines import Person, Program
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenProgram

from trastienda.domain.self_service import Buyers
from trastienda.wire.lines import sentences

BUYERS = 10


@pytest.fixture
def buyer(shop: RunningShop) -> str:
    """The user name of a new Cliente."""
    name = f"i{new_rut().replace('-', '')}"
    shop.add("Alguien", name)
    return name


def typing(shop: RunningShop, username: str | None = None) -> Person:
    """Somebody who types at the inventory port, past its greeting."""
    one = Person(shop.server.inventory)
    assert one.line().startswith("Inventario de ")
    if username is not None:
        one.send(f"entrar {username} {PASSWORD}")
        assert one.line().startswith("Hola, ")
    return one


def test_looking_needs_no_login_and_buying_does(shop: RunningShop) -> None:
    code = shop.code(nombre="Té de la puna", precio=1990)
    with typing(shop) as one:
        assert one.asks(f"ver {code}") == [f"{code}  Té de la puna  $1.990  quedan 100"]
        assert one.asks("VER te de la puna") == [
            f"{code}  Té de la puna  $1.990  quedan 100"
        ]
        assert one.asks(f"/ver {code}", f"stock {code}") == [
            f"{code}  Té de la puna  $1.990  quedan 100",
            f"Té de la puna ({code}): quedan 100",
        ]
        for word in ("comprar", "devolver"):
            (answer,) = one.asks(f"{word} {code}")
            assert answer.endswith("(no_autenticado)")
            assert "entrar USUARIO CLAVE" in answer
        assert one.asks("ver nada de esto") == ["No hay productos así."]
        one.send("salir")
        assert one.to_the_end() == ["Hasta luego."]


def test_a_number_behind_a_scanned_symbol_is_a_quantity(
    shop: RunningShop, buyer: str
) -> None:
    code = shop.code()
    symbol = f"(01){code.zfill(14)}(10)L1"
    with typing(shop, buyer) as one:
        one.asks(f"comprar {symbol} 2")
        assert shop.stock(code) == 98
        one.asks(f"comprar {symbol}")
        assert shop.stock(code) == 97
        one.asks(f"devolver {symbol} 3")
        assert shop.stock(code) == 100


def test_a_name_is_understood_however_it_is_written(
    shop: RunningShop, buyer: str
) -> None:
    code = shop.code(nombre="Bili-Cola Única 1,5 L", precio=1990)
    with typing(shop, buyer) as one:
        for words in ("bilicola", "bilicola 1.5", "bili cola 1,5", "BILI-COLA unica"):
            (answer,) = one.asks(f"ver {words}")
            assert answer.startswith(f"{code}  Bili-Cola Única 1,5 L"), words
        said = one.asks("comprar bilicola unica 1.5 l 2")
        assert said[1].endswith("Bili-Cola Única 1,5 L  $3.980")
        assert shop.stock(code) == 98


def test_a_buyer_sees_number_lines_and_total(shop: RunningShop, buyer: str) -> None:
    code = shop.code(nombre=f"Queso {new_code()}", unidad="kg", precio=10_000, stock=5)
    name = shop.ana.ok("GET", f"/product/barcode/{code}")["nombre"]
    with typing(shop, buyer) as one:
        said = one.asks(f"comprar {name} 0,350")
        assert said[0].startswith("Compra ")
        assert "folio" in said[0]
        assert said[1].endswith(f"{name}  $3.500")
        assert said[-1] == "Total $3.500 (queda pendiente de pago)"
        assert shop.stock(code) == 4.65
        assert one.asks(f"devolver {code} 0,35")[-1] == "La deuda baja en $3.500."
        assert shop.stock(code) == 5
        assert one.asks(f"devolver {code}")[-1].endswith("(devolucion_excesiva)")
        assert one.asks(f"comprar {code} 6")[-1].endswith("(stock_insuficiente)")
        assert one.asks(f"comprar {new_code()}")[-1].endswith("(no_encontrado)")
        assert one.asks("comprar")[-1].endswith("(datos_invalidos)")


@pytest.mark.parametrize("cantidad", [0, -1, 0.0001, 1.5, 10**30, "2", True])
def test_a_bad_quantity_is_refused_and_changes_nothing(
    shop: RunningShop, counter: OpenProgram, cantidad: object
) -> None:
    code, one = shop.code(), counter("clara")
    for word in ("comprar", "devolver"):
        assert (
            one.refused(word, codigo_barras=code, cantidad=cantidad)
            == "datos_invalidos"
        )
    assert shop.stock(code) == 100


def test_a_purchase_of_a_customer_is_owed_until_staff_collect_it(
    shop: RunningShop, counter: OpenProgram
) -> None:
    code = shop.code(precio=1990)
    sale = counter("clara").ok("comprar", codigo_barras=code, cantidad=2)
    assert (sale["vendedor"], sale["cliente"]) == (None, CLARA_RUT)
    assert sale["pagos"] == [{"medio": "pendiente", "monto": 3980}]
    receipt = shop.clara.ok("GET", f"/boleta/{sale['id_venta']}")
    assert (receipt["folio"], receipt["total"]) == (sale["folio"], 3980)
    assert shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")["total"] == 3980
    (last,) = shop.ana.ok("GET", "/registros", params={"limite": 1})["datos"]
    assert str(sale["folio"]) in str(last["detalle"]) or str(sale["id_venta"]) in str(
        last["detalle"]
    )
    assert last["origen"].startswith("inventario 127.0.0.1")
    moves = shop.ana.ok("GET", f"/product/barcode/{code}/movimientos")["datos"]
    assert moves[0]["saldo"] == 98
    paid = shop.beto.ok(
        "POST",
        f"/ventas/{sale['id_venta']}/pagos",
        {"pagos": [{"medio": "efectivo", "monto": 3980}]},
    )
    assert all(it["medio"] != "pendiente" for it in paid["pagos"])


def test_staff_sell_for_cash(shop: RunningShop, counter: OpenProgram) -> None:
    sale = counter("beto").ok("comprar", codigo_barras=shop.code(precio=1990))
    assert (sale["vendedor"]["nombre"], sale["cliente"]) == ("Beto", None)
    assert [it["medio"] for it in sale["pagos"]] == ["efectivo"]


def test_a_repeated_key_buys_and_gives_back_once(
    shop: RunningShop, counter: OpenProgram
) -> None:
    code, key = shop.code(), new_code()
    one = counter("clara")
    first = one.ok("comprar", codigo_barras=code, cantidad=3, idempotencia=key)
    again = counter("clara").ok(
        "comprar", cantidad=3.0, codigo_barras=code, idempotencia=key
    )
    assert again["id_venta"] == first["id_venta"]
    assert (
        one.refused("comprar", codigo_barras=code, cantidad=4, idempotencia=key)
        == "clave_reutilizada"
    )
    assert (
        counter("beto").ok("comprar", codigo_barras=code, idempotencia=key)["id_venta"]
        != first["id_venta"]
    )
    assert shop.stock(code) == 96
    back = one.ok("devolver", codigo_barras=code, cantidad=2, idempotencia=key)
    shop.restart(kill=True)
    again = counter("clara").ok(
        "devolver", codigo_barras=code, cantidad=2, idempotencia=key
    )
    assert again["devoluciones"] == back["devoluciones"]
    assert (
        counter("clara").refused("devolver", codigo_barras=code, idempotencia=key)
        == "clave_reutilizada"
    )
    assert shop.stock(code) == 98


def test_a_repeat_is_answered_as_the_first_time_in_another_time_zone(
    open_shop: OpenShop, counter: OpenProgram
) -> None:
    own = open_shop()
    code, key = own.code(), new_code()
    one = counter("clara", at=own.server)
    first = one.ok("comprar", codigo_barras=code, cantidad=3, idempotencia=key)
    back = one.ok("devolver", codigo_barras=code, cantidad=2, idempotencia=key)

    own.ana.ok("PUT", "/tienda", {"zona_horaria": "Asia/Tokyo"})
    repeats = {"codigo_barras": code, "idempotencia": key}
    assert one.ok("comprar", cantidad=3, **repeats)["fecha"] == first["fecha"]
    again = one.ok("devolver", cantidad=2, **repeats)
    assert again["devoluciones"] == back["devoluciones"]


def test_a_refused_request_leaves_its_key_free(
    shop: RunningShop, counter: OpenProgram
) -> None:
    code, key, one = shop.code(stock=1), new_code(), counter("clara")
    assert (
        one.refused("comprar", codigo_barras=code, cantidad=2, idempotencia=key)
        == "stock_insuficiente"
    )
    one.ok("comprar", codigo_barras=code, cantidad=1, idempotencia=key)


def test_one_of_many_racing_buyers_gets_the_last_unit(
    shop: RunningShop, counter: OpenProgram
) -> None:
    crowd = [counter("clara" if it % 2 else "beto") for it in range(BUYERS)]
    for _ in range(5):
        code = shop.code(stock=1)
        with ThreadPoolExecutor(BUYERS) as pool:
            answers = list(
                pool.map(
                    lambda one, code=code: one.ask("comprar", codigo_barras=code), crowd
                )
            )
        assert sum(it["ok"] for it in answers) == 1
        assert {it["codigo"] for it in answers if not it["ok"]} == {
            "stock_insuficiente"
        }
        assert shop.stock(code) == 0


def test_only_what_the_user_bought_is_given_back(
    shop: RunningShop, counter: OpenProgram, buyer: str
) -> None:
    code = shop.code()
    counter("clara").ok("comprar", codigo_barras=code)
    assert (
        counter(buyer).refused("devolver", codigo_barras=code) == "devolucion_excesiva"
    )
    assert counter("clara").ok("devolver", codigo_barras=code)["devoluciones"]


def test_buying_by_line_may_be_for_staff_only(open_shop: OpenShop) -> None:
    shop = open_shop(line_buyers="personal")
    code = shop.code()
    with (
        Program(shop.server.inventory, prompt=False) as clara,
        Program(shop.server.chat) as beto,
    ):
        clara.log_in("clara").ok("ver")
        for word in ("comprar", "devolver"):
            assert clara.refused(word, codigo_barras=code) == "sin_permiso"
        assert beto.log_in("beto").ok("comprar", codigo_barras=code)["folio"]
        assert beto.ok("devolver", codigo_barras=code)["devoluciones"]


def test_who_registered_alone_buys_once_staff_have_confirmed_who_they_are(
    shop: RunningShop, counter: OpenProgram
) -> None:
    code, rut = shop.code(), new_rut()
    body = {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD}
    shop.nobody.ok("POST", "/register", body)
    stranger = counter(rut)
    for word in ("comprar", "devolver"):
        answer = stranger.ask(word, codigo_barras=code)
        assert answer["codigo"] == "sin_permiso"
        assert "confirmar" in answer["detail"]
    offered = {command["accion"] for command in stranger.ok("ayuda")["comandos"]}
    assert offered.isdisjoint({"comprar", "devolver"})
    stranger.send("ayuda")
    stranger.ok("ping")
    assert stranger.words[-1] == sentences.NO_BUYING[Buyers.CONFIRMED]
    assert (shop.stock(code), shop.clara.all("/ventas", cliente=rut)) == (100, [])

    shop.beto.ok("PUT", f"/users/{rut}", {"verificado": True})
    assert stranger.ok("comprar", codigo_barras=code)["cliente"] == rut
    assert stranger.ok("devolver", codigo_barras=code)["devoluciones"]


def test_anybody_with_an_account_may_buy_where_the_shop_says_so(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(line_buyers="todos")
    code, rut = shop.code(), new_rut()
    body = {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD}
    shop.nobody.ok("POST", "/register", body)
    with Program(shop.server.inventory, prompt=False) as stranger:
        assert stranger.log_in(rut).ok("comprar", codigo_barras=code)["cliente"] == rut


def test_what_was_paid_for_goes_back_at_the_counter(
    shop: RunningShop, counter: OpenProgram
) -> None:
    code = shop.code()
    clara = counter("clara")
    sale = clara.ok("comprar", codigo_barras=code, cantidad=3)
    paid = {"pagos": [{"medio": "debito", "monto": 2500}]}
    shop.beto.ok("POST", f"/ventas/{sale['id_venta']}/pagos", paid)
    answer = clara.ask("devolver", codigo_barras=code)
    assert answer["codigo"] == "devolucion_excesiva"
    assert "caja" in answer["detail"]
    assert answer["excesos"] == [{"codigo_barras": code, "pedido": 1, "disponible": 0}]
    assert shop.stock(code) == 97

"""A RUT that a stranger took comes free for its holder: ``POST /users/{rut}/liberacion``."""

from typing import Any

from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import Caller, refused
from tests.harness.lines import Program
from tests.harness.shop import RunningShop


def form(rut: str, username: str | None = None) -> dict[str, Any]:
    """A registration; the user name is the RUT unless one is given."""
    return {
        "rut": rut,
        "nombre": "Clara",
        "usuario": username or rut,
        "clave": PASSWORD,
    }


def stranger(shop: RunningShop, rut: str) -> Caller:
    """Somebody who registers under a RUT that is not theirs."""
    shop.nobody.ok("POST", "/register", form(rut))
    return shop.enter(rut)


def test_staff_give_a_rut_free_and_its_holder_registers(shop: RunningShop) -> None:
    for by in (shop.ana, shop.beto):
        rut = new_rut()
        thief = stranger(shop, rut)
        refused(shop.nobody.post("/register", json=form(rut)), 409, "ya_existe")

        released = by.ok("POST", f"/users/{rut}/liberacion")
        assert released["rut"] == released["usuario"]
        assert released["rut"].startswith("libre:")
        assert released["estado"] == "Inactivo"
        refused(thief.get("/products"), 401, "no_autenticado")
        for username in (rut, released["usuario"]):
            refused(shop.login(username), 401, "credenciales_invalidas")
        refused(shop.ana.get(f"/users/{rut}"), 404, "no_encontrado")

        holder = shop.ana.ok("POST", "/register", form(rut))
        assert (holder["rut"], holder["usuario"]) == (rut, rut)
        assert holder["verificado"] is True
        assert shop.enter(rut).ok("GET", f"/users/{rut}") == holder
        listed = [user["rut"] for user in shop.ana.all("/users")]
        assert {rut, released["rut"]} <= set(listed)


def test_nobody_can_take_the_mark_of_an_account_before_it(shop: RunningShop) -> None:
    first_rut, rut = new_rut(), new_rut()
    for taken in (first_rut, rut):
        shop.nobody.ok("POST", "/register", form(taken))
    first = shop.ana.ok("POST", f"/users/{first_rut}/liberacion")
    number = int(first["rut"].removeprefix("libre:")) + 1

    for name in (f"libre-{number}", f"libre.{number}", f"libre{number}"):
        answer = shop.nobody.post("/register", json=form(new_rut(), name))
        refused(answer, 422, "datos_invalidos")
    mark = f"libre:{number}"
    answer = shop.ana.post("/register", json=form(new_rut(), mark))
    refused(answer, 422, "datos_invalidos")

    # An Administrador gives any name that may be one, and it is not in the way.
    shop.ana.ok("POST", "/register", form(new_rut(), f"libre-{number}"))
    assert shop.beto.ok("POST", f"/users/{rut}/liberacion")["rut"] == mark


def test_it_leaves_a_registro_and_ends_the_account_at_the_lines(
    shop: RunningShop,
) -> None:
    rut = new_rut()
    shop.nobody.ok("POST", "/register", form(rut))
    with (
        Program(shop.server.inventory, prompt=False) as thief,
        Program(shop.server.chat) as ana,
        Program(shop.server.chat) as beto,
    ):
        thief.log_in(rut)
        ana.log_in("ana")
        beto.log_in("beto")
        ana.told()
        shop.beto.ok("POST", f"/users/{rut}/liberacion")
        assert (
            thief.to_the_end()[-1] == '{"evento":"cierre","motivo":"sesion_terminada"}'
        )
        events = [one for one in ana.told() if one["evento"] != "presencia"]
        assert [one["evento"] for one in events] == ["rut_liberado", "usuario"]
        assert (events[0]["rut"], events[1]["estado"]) == (rut, "Inactivo")
        told = {one["evento"] for one in beto.told()}
        assert told.isdisjoint({"rut_liberado", "usuario"})

    (registro,) = shop.ana.ok("GET", "/registros", params={"limite": 1})["datos"]
    assert (registro["accion"], registro["quien"]["nombre"]) == ("rut_liberado", "Beto")
    assert registro["detalle"]["rut"] == rut
    assert registro["detalle"]["usuario"] == rut


def test_the_rut_of_whom_the_shop_knows_is_not_given_free(shop: RunningShop) -> None:
    answer = shop.ana.post(f"/users/{CLARA_RUT}/liberacion")
    refused(answer, 409, "rut_confirmado")
    refused(shop.ana.post(f"/users/{BETO_RUT}/liberacion"), 409, "rut_confirmado")
    refused(shop.beto.post(f"/users/{CLARA_RUT}/liberacion"), 409, "rut_confirmado")
    refused(shop.beto.post(f"/users/{ANA_RUT}/liberacion"), 403, "sin_permiso")
    refused(shop.clara.post(f"/users/{CLARA_RUT}/liberacion"), 403, "sin_permiso")
    refused(shop.ana.post("/users/44444444-4/liberacion"), 404, "no_encontrado")

    rut = new_rut()
    shop.ana.ok("POST", "/register", form(rut))
    refused(shop.ana.post(f"/users/{rut}/liberacion"), 409, "rut_confirmado")
    shop.ana.ok("PUT", f"/users/{rut}", {"verificado": False})
    shop.ana.ok("POST", f"/users/{rut}/liberacion")


def test_what_a_stranger_bought_stays_and_is_shown_to_the_holder(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(line_buyers="todos")
    rut, code = new_rut(), shop.code()
    shop.nobody.ok("POST", "/register", form(rut))
    with Program(shop.server.inventory, prompt=False) as thief:
        sale = thief.log_in(rut).ok("comprar", codigo_barras=code, cantidad=3)
    shop.beto.ok("POST", f"/users/{rut}/liberacion")
    shop.ana.ok("POST", "/register", form(rut))

    # It was done in the holder's name: they see it, and the counter takes it back.
    holder, path = shop.enter(rut), f"/ventas/{sale['id_venta']}"
    assert [one["id_venta"] for one in holder.all("/ventas")] == [sale["id_venta"]]
    shop.beto.ok("POST", f"{path}/devoluciones", {"motivo": "no fue ella"})
    assert holder.ok("GET", path)["pendiente"] == 0
    assert shop.stock(code) == 100

"""Every route by everybody who may call it, cell by cell, and what stands in their lists.

The tables are written by hand, and no route may be missing from them.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.contract.role_rows import (
    ADMINISTRATOR,
    ALL,
    STAFF,
    Row,
    by_person,
    by_sale,
    notified,
    on,
)
from tests.contract.role_scene import KNOWN, SALES, UNKNOWN, Scene, form, purchased
from tests.contract.test_routes import BY_NAME
from tests.harness import api_keys, receiver
from tests.harness.cast import (
    BETO_RUT,
    CLARA_RUT,
    PASSWORD,
    new_code,
    new_rut,
)
from tests.harness.http import Caller, order, refused

from trastienda.servers.http.streaming import EVENT_STREAM

WEBHOOK = "/avisos/{id_aviso}"
FACTOR = "/users/{rut}/segundo-factor"
PRODUCT = "/product/barcode/{codigo_barras}"
CODE: Callable[[Scene], tuple[str, Any]] = lambda scene: (  # noqa: E731
    f"/product/barcode/{scene.code}",
    None,
)
ROWS = [
    Row(f"GET {PRODUCT}", CODE, ALL),
    Row(
        f"GET {PRODUCT}",
        lambda scene: (f"/product/barcode/{scene.retired}", None),
        (404, 404, 200, 200),
    ),
    Row(
        f"PUT {PRODUCT}",
        lambda scene: (f"/product/barcode/{scene.code}", {"nombre": "Cosa"}),
        ADMINISTRATOR,
    ),
    Row(
        f"DELETE {PRODUCT}",
        lambda scene: (f"/product/barcode/{scene.shop.code()}", None),
        ADMINISTRATOR,
    ),
    Row(
        f"GET {PRODUCT}/movimientos",
        lambda scene: (f"/product/barcode/{scene.code}/movimientos", None),
        STAFF,
    ),
    Row(
        "POST /product",
        lambda scene: (
            "/product",
            {"codigo_barras": new_code(), "nombre": "Cosa", "precio": 1},
        ),
        (403, 403, 403, 201),
    ),
    Row("GET /products", on("/products"), ALL),
    Row("GET /categorias", on("/categorias"), ALL),
    Row(
        "POST /ventas-detalle",
        lambda scene: ("/ventas-detalle", order((scene.code, 1))),
        (403, 403, 201, 201),
    ),
    Row("GET /ventas", on("/ventas"), ALL),
    *by_sale("GET /ventas/{id_venta}", "/ventas/{}"),
    *by_sale("GET /boleta/{id_venta}", "/boleta/{}"),
    Row("GET /boletas", on("/boletas"), ALL),
    Row("GET /devoluciones", on("/devoluciones"), ALL),
    Row(
        "POST /ventas/{id_venta}/pagos",
        lambda scene: (
            f"/ventas/{scene.debt()}/pagos",
            {"pagos": [{"medio": "debito", "monto": 1}]},
        ),
        STAFF,
    ),
    Row(
        "POST /ventas/{id_venta}/devoluciones",
        lambda scene: (f"/ventas/{scene.debt()}/devoluciones", {"motivo": "todo"}),
        (403, 403, 201, 201),
    ),
    Row(
        "POST /boleta/{id_venta}/imprimir",
        lambda scene: (f"/boleta/{scene.sales['by Ana, paid']}/imprimir", None),
        (403, 403, 409, 409),
    ),
    Row("GET /impresora", on("/impresora"), STAFF),
    Row(
        "POST /compras-detalle",
        lambda scene: ("/compras-detalle", purchased(scene)),
        (403, 403, 403, 201),
    ),
    Row("GET /compras", on("/compras"), ADMINISTRATOR),
    Row(
        "GET /compras/{id_compra}",
        lambda scene: (f"/compras/{scene.purchase()}", None),
        ADMINISTRATOR,
    ),
    Row("POST /register", lambda scene: ("/register", form(new_rut())), (201,) * 4),
    Row(
        "POST /register",
        lambda scene: ("/register", form(new_rut(), tipo="Cajero")),
        (403, 403, 403, 201),
    ),
    Row("GET /users", on("/users"), ADMINISTRATOR),
    *by_person(
        "GET /users/{rut}",
        None,
        {
            "sin verificar": (200, 403, 200, 200),
            "Cliente": (403, 200, 200, 200),
            "Cajero": (403, 403, 200, 200),
            "Administrador": (403, 403, 403, 200),
        },
    ),
    *by_person(
        "PUT /users/{rut}",
        {"nombre": "Alguien"},
        {
            "sin verificar": (200, 403, 403, 200),
            "Cliente": (403, 200, 403, 200),
            "Cajero": (403, 403, 200, 200),
            "Administrador": (403, 403, 403, 200),
        },
    ),
    *by_person(
        "PUT /users/{rut}",
        {"clave": "otra-clave-larga"},
        {
            "Cliente": (403, 422, 403, None),
            "Cajero": (403, 403, 422, None),
            "Administrador": (403, 403, 403, 422),
        },
    ),
    Row(
        "PUT /users/{rut}",
        lambda scene: (f"/users/{scene.new_stranger()}", {"verificado": True}),
        STAFF,
    ),
    Row(
        "PUT /users/{rut}",
        lambda scene: (f"/users/{scene.new_stranger()}", {"clave": "otra-clave-larga"}),
        ADMINISTRATOR,
    ),
    Row(
        "PUT /users/{rut}",
        lambda scene: (f"/users/{scene.new_stranger()}", {"tipo": "Cajero"}),
        ADMINISTRATOR,
    ),
    Row(
        "DELETE /users/{rut}",
        lambda scene: (f"/users/{scene.new_stranger()}", None),
        ADMINISTRATOR,
    ),
    Row(
        "POST /users/{rut}/liberacion",
        lambda scene: (f"/users/{scene.new_stranger()}/liberacion", None),
        STAFF,
    ),
    Row(
        "POST /users/{rut}/liberacion",
        on(f"/users/{CLARA_RUT}/liberacion"),
        (403, 403, 409, 409),
    ),
    *by_person(
        f"GET {FACTOR}",
        None,
        {
            "sin verificar": (200, 403, 403, 200),
            "Cliente": (403, 200, 403, 200),
            "Cajero": (403, 403, 200, 200),
            "Administrador": (403, 403, 403, 200),
        },
        "/segundo-factor",
    ),
    *by_person(
        f"POST {FACTOR}",
        {"clave_actual": PASSWORD},
        {
            "Cliente": (403, 403, 403, 403),
            "Cajero": (403, 403, 201, 403),
            "Administrador": (403, 403, 403, 201),
        },
        "/segundo-factor",
    ),
    *by_person(
        f"PUT {FACTOR}",
        {"codigo": "ninguno"},
        {
            "Cliente": (403, 403, 403, 403),
            "Cajero": (403, 403, 422, 403),
            "Administrador": (403, 403, 403, 422),
        },
        "/segundo-factor",
    ),
    *by_person(
        f"DELETE {FACTOR}",
        {},
        {
            "Cliente": (403, 422, 403, 404),
            "Cajero": (403, 403, 422, 404),
            "Administrador": (403, 403, 403, 422),
        },
        "/segundo-factor",
    ),
    Row(
        f"DELETE {FACTOR}",
        lambda scene: (f"/users/{scene.guarded_cashier()}/segundo-factor", None),
        (403, 403, 403, 204),
    ),
    Row("GET /sesiones", on("/sesiones"), ALL),
    Row("GET /sesiones", on(f"/sesiones?rut={BETO_RUT}"), STAFF),
    Row(
        "DELETE /sesiones/{id_sesion}",
        lambda scene: (f"/sesiones/{scene.new_session()}", None),
        (404, 404, 404, 204),
    ),
    Row("DELETE /sesiones", on("/sesiones"), (204,) * 4),
    Row("DELETE /sesiones", on(f"/sesiones?rut={BETO_RUT}"), (403, 403, 204, None)),
    Row(
        "POST /llaves",
        lambda scene: ("/llaves", api_keys.draft("Cajero")),
        (403, 403, 403, 201),
    ),
    Row("GET /llaves", on("/llaves"), ADMINISTRATOR),
    Row(
        "DELETE /llaves/{id_llave}",
        lambda scene: (f"/llaves/{scene.api_key()}", None),
        (403, 403, 403, 204),
    ),
    Row(
        "POST /avisos",
        lambda scene: (
            "/avisos",
            receiver.draft(f"https://8.8.8.8/{new_rut()}", activo=False),
        ),
        (403, 403, 403, 201),
    ),
    Row("GET /avisos", on("/avisos"), ADMINISTRATOR),
    Row(
        f"GET {WEBHOOK}",
        lambda scene: (f"/avisos/{scene.webhook()}", None),
        ADMINISTRATOR,
    ),
    Row(
        f"PUT {WEBHOOK}",
        lambda scene: (
            f"/avisos/{scene.webhook()}",
            {"clave_actual": PASSWORD, "eventos": ["venta"]},
        ),
        ADMINISTRATOR,
    ),
    Row(
        f"DELETE {WEBHOOK}",
        lambda scene: (f"/avisos/{scene.webhook()}", None),
        (403, 403, 403, 204),
    ),
    Row(f"POST {WEBHOOK}/prueba", on("/avisos/nada/prueba"), (403, 403, 403, 404)),
    Row(
        "POST /notificaciones",
        on("/notificaciones", {"rut": CLARA_RUT, "titulo": "Aviso", "texto": "Algo."}),
        (403, 403, 403, 201),
    ),
    Row("GET /notificaciones", on("/notificaciones"), ALL),
    *[
        Row(
            "POST /notificaciones/{id_notificacion}/visto",
            notified(whose),
            tuple(200 if who == whose else 404 for who in KNOWN),
        )
        for whose in KNOWN
    ],
    Row("GET /reportes/resumen", on("/reportes/resumen"), ADMINISTRATOR),
    Row("GET /tienda", on("/tienda"), ALL),
    Row("GET /eventos", on("/eventos"), ALL),
    Row("PUT /tienda", on("/tienda", {"giro": "Almacén"}), ADMINISTRATOR),
    Row("GET /registros", on("/registros"), ADMINISTRATOR),
    Row(
        "POST /registros",
        on("/registros", {"accion": "nota", "detalle": ""}),
        (403, 403, 201, 201),
    ),
]
OPEN = {name for name, route in BY_NAME.items() if route.permission is None} - {
    "POST /register"
}
"""What anybody may call, with whatever token: it is tried by the tests of each of these."""


def answered(caller: Caller, method: str, path: str, body: Any) -> httpx.Response:
    """Call, and read what is answered, unless it goes on without an end."""
    request = caller.build_request(method, path, json=body)
    answer = caller.send(request, stream=True)
    if answer.headers.get("content-type") != EVENT_STREAM:
        answer.read()
    answer.close()
    return answer


@pytest.fixture(scope="module")
def scene(open_shop: OpenShop) -> Scene:
    return Scene(open_shop(), open_shop())


def test_no_route_is_missing_from_the_table() -> None:
    assert {row.route for row in ROWS} == set(BY_NAME) - OPEN


def test_every_cell_of_the_table_is_as_declared(scene: Scene) -> None:
    strays = []
    for row in ROWS:
        method = row.route.partition(" ")[0]
        for who, expected in zip(KNOWN, row.statuses, strict=True):
            if expected is None:
                continue
            path, body = row.call(scene)
            answer = answered(scene.callers[who], method, path, body)
            if answer.status_code != expected:
                strays.append((method, path, body, who, answer.status_code, expected))
            elif expected in {403, 404}:
                code = "sin_permiso" if expected == 403 else "no_encontrado"
                refused(answer, expected, code)
    assert strays == []


def test_a_token_that_is_not_of_this_shop_opens_nothing(scene: Scene) -> None:
    for row in ROWS:
        path, body = row.call(scene)
        method = row.route.partition(" ")[0]
        for who in UNKNOWN:
            answer = scene.callers[who].request(method, path, json=body)
            refused(answer, 401, "no_autenticado")
        if row.route != "POST /register":
            answer = scene.callers["nadie"].request(method, path, json=body)
            refused(answer, 401, "no_autenticado")


@pytest.mark.parametrize("who", KNOWN)
def test_a_list_of_sales_holds_what_is_declared(scene: Scene, who: str) -> None:
    caller = scene.callers[who]
    declared = {
        scene.sales[name] for name, (*_, listed) in SALES.items() if who in listed
    }
    owed = {scene.sales[name] for name, how in SALES.items() if how[2]}
    mine = set(scene.sales.values())
    for path, query, numbers in (
        ("/ventas", {}, declared),
        ("/boletas", {}, declared),
        ("/devoluciones", {}, declared),
        ("/ventas", {"pendientes": "si"}, declared & owed),
        ("/ventas", {"pendientes": "no"}, declared - owed),
    ):
        rows = caller.all(path, **query)
        assert {row["id_venta"] for row in rows} & mine == numbers, (path, query)


@pytest.mark.parametrize("who", KNOWN)
def test_costs_and_retired_products_are_for_the_staff(scene: Scene, who: str) -> None:
    is_staff = who in {"Cajero", "Administrador"}
    products = {
        one["codigo_barras"]: one for one in scene.callers[who].all("/products")
    }
    assert (scene.retired in products) == is_staff
    assert ("costo" in products[scene.code]) == is_staff

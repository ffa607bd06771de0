"""Every route by every role: who is let in, decided before anything else of the call is looked at."""

import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused
from tests.harness.routes import filled
from tests.harness.shop import RunningShop

from trastienda.domain.people import Permission
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route

ANYBODY = {"Administrador", "Cajero", "Cliente"}
STAFF = {"Administrador", "Cajero"}
ADMINISTRADOR = {"Administrador"}

WHO = {
    "GET /product/barcode/{codigo_barras}": ANYBODY,
    "PUT /product/barcode/{codigo_barras}": ADMINISTRADOR,
    "DELETE /product/barcode/{codigo_barras}": ADMINISTRADOR,
    "GET /product/barcode/{codigo_barras}/movimientos": STAFF,
    "POST /product": ADMINISTRADOR,
    "GET /products": ANYBODY,
    "POST /ventas-detalle": STAFF,
    "GET /ventas": ANYBODY,
    "GET /ventas/{id_venta}": ANYBODY,
    "POST /ventas/{id_venta}/pagos": STAFF,
    "POST /ventas/{id_venta}/devoluciones": STAFF,
    "GET /devoluciones": ANYBODY,
    "GET /boleta/{id_venta}": ANYBODY,
    "GET /boletas": ANYBODY,
    "POST /boleta/{id_venta}/imprimir": STAFF,
    "GET /impresora": STAFF,
    "POST /compras-detalle": ADMINISTRADOR,
    "GET /compras": ADMINISTRADOR,
    "GET /compras/{id_compra}": ADMINISTRADOR,
    "GET /users": ADMINISTRADOR,
    "GET /users/{rut}": ANYBODY,
    "PUT /users/{rut}": ANYBODY,
    "DELETE /users/{rut}": ADMINISTRADOR,
    "GET /reportes/resumen": ADMINISTRADOR,
    "GET /tienda": ANYBODY,
    "PUT /tienda": ADMINISTRADOR,
    "GET /registros": ADMINISTRADOR,
    "POST /registros": STAFF,
}
"""Who may call what, as the contract says it."""

OPEN = {
    "POST /register",
    "POST /login",
    "POST /token/refresco",
    "POST /logout",
    "GET /salud",
    "GET /listo",
    "GET /metrics",
    "GET /certificado",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs/{archivo}",
    "GET /app/",
    "GET /",
}
"""What needs no token: each decides by itself."""

BY_NAME = {f"{route.method} {route.path}": route for route in ROUTES}
CALLS = [
    (name, role) for name in WHO for role in ("Administrador", "Cajero", "Cliente")
]


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop()


def path_to_nothing(route: Route) -> str:
    """The path with parameters that name nothing in the shop."""
    return filled(
        route, lambda parameter: "999999" if parameter.is_number else "44444444-4"
    )


def test_every_route_is_in_one_of_the_two_tables() -> None:
    assert set(BY_NAME) == WHO.keys() | OPEN
    assert not WHO.keys() & OPEN
    assert {name for name, route in BY_NAME.items() if route.permission is None} == OPEN


def test_every_permission_is_asked_for_somewhere() -> None:
    by_line_alone = {Permission.BUY}
    assert {route.permission for route in ROUTES} - {None} == set(
        Permission
    ) - by_line_alone


def test_every_route_is_listed_once() -> None:
    assert len(BY_NAME) == len(ROUTES)


@pytest.mark.parametrize("name", WHO)
def test_without_a_token_nobody_is_let_in(own: RunningShop, name: str) -> None:
    route = BY_NAME[name]
    for caller in (own.nobody, own.caller("basura")):
        for content in (b"{", b"{}", b" " * 500_000):
            answer = caller.request(
                route.method, path_to_nothing(route), content=content, params={"x": "1"}
            )
            refused(answer, 401, "no_autenticado")


@pytest.mark.parametrize(
    ("name", "role"), CALLS, ids=[f"{name} {role}" for name, role in CALLS]
)
def test_a_role_is_let_in_or_kept_out_before_its_call_is_looked_at(
    own: RunningShop, name: str, role: str
) -> None:
    route, caller = BY_NAME[name], own.by_role[role]
    answer = caller.request(
        route.method,
        path_to_nothing(route),
        params={"x": "1"},
        content=b"{",
        headers={"Content-Type": "text/plain", "Idempotency-Key": ""},
    )
    if role in WHO[name]:
        assert answer.status_code not in {401, 403}, answer.text
    else:
        refused(answer, 403, "sin_permiso")


@pytest.mark.parametrize("name", sorted(name for name in WHO if "{" in name))
def test_what_is_not_there_is_hidden_from_who_may_not_know(
    own: RunningShop, name: str
) -> None:
    route = BY_NAME[name]
    bodies: dict[str, dict[str, object]] = {
        "devoluciones": {"motivo": "x"},
        "pagos": {"pagos": []},
    }
    body = bodies.get(name.rpartition("/")[2], {})
    for role in WHO[name]:
        sent = None if route.body is None else body
        answer = own.by_role[role].request(
            route.method, path_to_nothing(route), json=sent
        )
        if role == "Cliente" and route.path == "/users/{rut}":
            refused(answer, 403, "sin_permiso")
        else:
            refused(answer, 404, "no_encontrado")

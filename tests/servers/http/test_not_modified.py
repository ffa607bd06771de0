"""Whoever has what an answer would say is answered 304, and nobody else."""

from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.http import Caller, order
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"
OF_STATES = (
    "/products",
    "/categorias",
    "/tienda",
    "/ventas",
    "/devoluciones",
    "/compras",
)


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop()


def ask(who: Caller, path: str, etag: str) -> Any:
    return who.get(path, headers={"If-None-Match": etag})


@pytest.mark.parametrize("path", OF_STATES)
def test_a_list_that_has_not_changed_is_not_read_again(
    own: RunningShop, path: str
) -> None:
    first = own.ana.get(path)
    again = ask(own.ana, path, f'"other", {first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "trastienda-n", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert own.ana.head(path).headers["etag"] == first.headers["etag"]
    assert ask(own.ana, path, "*").status_code == 200
    assert ask(own.ana, path, 'W/"1.0..0123456789abcdef"').status_code == 200


def test_a_copy_is_good_for_whoever_asked_and_for_the_same_question(
    own: RunningShop,
) -> None:
    own.product(categoria="Lácteos")
    etag = own.ana.get("/products").headers["etag"]
    assert ask(own.ana, "/products", etag).status_code == 304
    for path in ("/products?limite=3", "/categorias"):
        assert ask(own.ana, path, etag).status_code == 200
    for who in (own.beto, own.clara):
        assert ask(who, "/products", etag).status_code == 200
    assert ask(own.nobody, "/products", etag).status_code == 401
    assert own.ana.get("/products?x=1").status_code == 422


def test_after_whatever_is_done_a_copy_is_right_or_refused(own: RunningShop) -> None:
    """Each call changes something that some list shows to somebody."""
    ana, beto = own.ana, own.beto
    code, loose = own.code(), own.code(stock=0)
    pay = [{"medio": "pendiente", "monto": 1000}]
    line = {"codigo_barras": code, "cantidad": 3, "costo": 690}
    calls: list[tuple[Caller, str, str, Any]] = [
        (ana, "PUT", BY_CODE.format(code), {"precio": 1200, "categoria": "Té"}),
        (beto, "POST", "/ventas-detalle", order((code, 1))),
        (ana, "POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]}),
        (ana, "PUT", BY_CODE.format(code), {"stock": 50, "motivo": "conteo"}),
        (ana, "PUT", "/tienda", {"giro": "Almacén"}),
        (ana, "PUT", "/tienda", {"zona_horaria": "Pacific/Easter"}),
        (ana, "DELETE", BY_CODE.format(loose) + "?definitivo=si", None),
        (ana, "DELETE", BY_CODE.format(code), None),
    ]
    copies: dict[tuple[str, str], tuple[str, bytes]] = {}

    def check() -> None:
        for role, who in own.by_role.items():
            for path in OF_STATES if who.token else ():
                fresh = who.get(path)
                if fresh.is_error:
                    continue
                etag, content = copies.get((role, path), ("", b""))
                if ask(who, path, etag).status_code == 304:
                    assert content == fresh.content
                copies[role, path] = fresh.headers["etag"], fresh.content

    check()
    for who, method, path, body in calls:
        who.ok(method, path, body)
        check()
    sale = own.sell((own.code(), 1), pagos=pay, cliente="33333333-3")["id_venta"]
    check()
    pagos = {"pagos": [{"medio": "efectivo", "monto": 1000}]}
    own.ana.ok("POST", f"/ventas/{sale}/pagos", pagos)
    check()
    own.beto.ok("POST", f"/ventas/{sale}/devoluciones", {"motivo": "fallado"})
    check()
    assert ask(ana, "/ventas", copies["Administrador", "/ventas"][0]).status_code == 304


def test_a_copy_is_good_until_a_discount_begins_or_ends(own: RunningShop) -> None:
    span = {"desde": "2020-01-01T00:00:00Z", "hasta": "2100-01-01T00:00:00Z"}
    own.product(descuento={**span, "porcentaje": 10})
    etag = own.ana.get("/products").headers["etag"]
    began, ends = ".1577836800000.", ".4102444800000."
    assert began + ends[1:] in etag
    assert ask(own.ana, "/products", etag).status_code == 304

    # A copy that was good until yesterday, and one from a clock that was ahead.
    for other in (etag.replace(ends[1:], began[1:]), etag.replace(began, ends)):
        assert other != etag
        assert ask(own.ana, "/products", other).status_code == 200


def test_a_product_that_has_not_changed_is_not_sent_again(own: RunningShop) -> None:
    code = own.code()
    path = BY_CODE.format(code)
    first = own.ana.get(path)
    etag = first.headers["etag"]
    again = ask(own.ana, path, etag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert ask(own.clara, path, etag).status_code == 200  # who is not shown the cost
    own.sell((code, 1))
    assert ask(own.ana, path, etag).status_code == 200


def test_another_product_by_the_same_code_is_another_answer(own: RunningShop) -> None:
    code = own.code(precio=1000)
    path = BY_CODE.format(code)
    etag = own.ana.get(path).headers["etag"]
    own.ana.ok("DELETE", path + "?definitivo=si")
    own.product(codigo_barras=code, precio=100)
    assert ask(own.ana, path, etag).json()["precio"] == 100


def test_what_was_read_is_a_version_to_change(own: RunningShop) -> None:
    path = BY_CODE.format(own.code())
    seen = {"If-Match": own.beto.get(path).headers["etag"]}
    assert own.ana.put(path, json={"precio": 5}, headers=seen).status_code == 200
    assert own.ana.put(path, json={"precio": 6}, headers=seen).status_code == 412

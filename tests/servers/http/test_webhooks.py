"""``/avisos``: who makes addresses, what they may be, and what is told of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness import api_keys
from tests.harness.cast import ANA_RUT, PASSWORD
from tests.harness.clients import client
from tests.harness.http import refused, unfit
from tests.harness.receiver import Answering, Receiver, connect, draft, shown
from tests.harness.second_factors import set_up
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import NotFound
from trastienda.domain.webhooks import MAX_WEBHOOKS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def url_of(number: int) -> str:
    return f"https://8.8.8.8/{number}"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose addresses may be on this machine."""
    return open_shop(webhooks_private="si")


def silent(shop: RunningShop, number: int, **more: Any) -> dict[str, Any]:
    """An address to which nothing is sent."""
    body = draft(url_of(number), activo=False, **more)
    made: dict[str, Any] = shop.ana.ok("POST", "/avisos", body)
    return made


def test_a_secret_is_told_once_and_listed_no_more(shop: RunningShop) -> None:
    made = silent(shop, 1, eventos=["venta", "mensaje"])
    secret = made.pop("secreto")
    assert secret.startswith("whsec_")
    assert made == shown(shop, made)
    assert made in shop.ana.ok("GET", "/avisos")["datos"]
    assert secret not in shop.ana.get("/avisos").text
    assert made["eventos"] == ["venta", "mensaje"]
    assert (made["activo"], made["motivo"]) == (False, "pedido")
    assert made["creador"]["rut"] == ANA_RUT
    assert made["ultimo"] is made["pendiente_desde"] is made["proximo_intento"] is None
    shop.ana.delete(f"/avisos/{made['id_aviso']}")
    refused(shop.ana.get(f"/avisos/{made['id_aviso']}"), 404, "no_encontrado")
    refused(shop.ana.delete(f"/avisos/{made['id_aviso']}"), 404, "no_encontrado")


def test_what_is_not_fit_is_named(shop: RunningShop) -> None:
    body = draft(url_of(2))
    for change, field in (
        ({"url": "http://8.8.8.8/"}, "url"),
        ({"url": "https://ana:x@sistema.cl/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://127.1/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": "https://[::ffff:127.0.0.1]:5000/"}, "url"),
        ({"eventos": []}, "eventos"),
        ({"eventos": ["venta", "nada"]}, "eventos[1]"),
        ({"clave_actual": "no-es-la-clave"}, "clave_actual"),
        ({"secreto": "x"}, "secreto"),
    ):
        unfit(shop.ana.post("/avisos", json=body | change), field)
    made = silent(shop, 2)
    path = f"/avisos/{made['id_aviso']}"
    changes: list[tuple[dict[str, Any], str]] = [
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"eventos": ["nada"]}, "eventos[0]"),
        ({"clave_actual": "no-es-la-clave"}, "clave_actual"),
    ]
    for given, field in changes:
        body = {"clave_actual": PASSWORD} | given
        unfit(shop.ana.put(path, json=body), field)
    unfit(shop.ana.put(path, json={"activo": True}), "clave_actual")
    shop.ana.delete(path)


def test_a_name_that_leads_nowhere_yet_is_taken(shop: RunningShop) -> None:
    body = draft("https://nadie.invalid/", activo=False)
    made = shop.ana.ok("POST", "/avisos", body)
    tried = shop.ana.ok("POST", f"/avisos/{made['id_aviso']}/prueba")
    assert tried == {
        "entregado": False,
        "estado": None,
        "respuesta": "no existe ese nombre",
    }
    shop.ana.delete(f"/avisos/{made['id_aviso']}")


def test_making_and_changing_take_a_code_of_a_second_factor(shop: RunningShop) -> None:
    user, caller = shop.somebody("Administrador")
    phone, _ = set_up(caller, user["rut"])
    body = draft(url_of(3), activo=False)
    unfit(caller.post("/avisos", json=body), "codigo")
    made = caller.ok("POST", "/avisos", body | {"codigo": phone.code()})
    change = {"clave_actual": PASSWORD, "eventos": ["venta"]}
    unfit(caller.put(f"/avisos/{made['id_aviso']}", json=change), "codigo")
    change["codigo"] = phone.code(1)
    changed = caller.ok("PUT", f"/avisos/{made['id_aviso']}", change)
    assert changed["eventos"] == ["venta"]
    shop.ana.delete(f"/avisos/{made['id_aviso']}")


def test_no_program_reaches_them_with_its_key(shop: RunningShop) -> None:
    program = api_keys.program(shop)
    made = silent(shop, 4)
    path = f"/avisos/{made['id_aviso']}"
    for method, where, body in (
        ("GET", "/avisos", None),
        ("POST", "/avisos", draft(url_of(5))),
        ("GET", path, None),
        ("PUT", path, {"clave_actual": PASSWORD, "activo": True}),
        ("POST", f"{path}/prueba", None),
        ("DELETE", path, None),
    ):
        refused(program.request(method, where, json=body), 403, "sin_permiso")
    shop.ana.delete(path)


def test_an_address_is_told_once(shop: RunningShop) -> None:
    first, second = silent(shop, 6), silent(shop, 7)
    same = draft(first["url"].replace("https", "HTTPS"))
    refused(shop.ana.post("/avisos", json=same), 409, "ya_existe")
    change = {"clave_actual": PASSWORD, "url": first["url"]}
    path = f"/avisos/{second['id_aviso']}"
    refused(shop.ana.put(path, json=change), 409, "ya_existe")
    for made in (first, second):
        shop.ana.delete(f"/avisos/{made['id_aviso']}")


def test_a_shop_has_so_many_addresses_and_no_more(own: RunningShop) -> None:
    made = [silent(own, number) for number in range(MAX_WEBHOOKS)]
    body = draft(url_of(MAX_WEBHOOKS))
    refused(own.ana.post("/avisos", json=body), 409, "demasiados_avisos")
    for one in made:
        own.ana.delete(f"/avisos/{one['id_aviso']}")
    assert own.ana.ok("GET", "/avisos")["datos"] == []


def test_registros_say_what_became_of_an_address_without_its_path(
    shop: RunningShop,
) -> None:
    made = silent(shop, 8, eventos=["venta"])
    path = f"/avisos/{made['id_aviso']}"
    change = {"clave_actual": PASSWORD, "eventos": ["stock"], "url": url_of(9)}
    shop.ana.ok("PUT", path, change | {"secreto_nuevo": True})
    shop.ana.delete(path)
    rows = [
        row
        for row in shop.ana.ok("GET", "/registros", params={"q": "aviso"})["datos"]
        if row["detalle"].get("id_aviso") == made["id_aviso"]
    ]
    assert [(row["accion"], row["detalle"]) for row in rows] == [
        (
            "aviso_retirado",
            {"id_aviso": made["id_aviso"], "direccion": "https://8.8.8.8"},
        ),
        (
            "aviso_cambiado",
            {
                "id_aviso": made["id_aviso"],
                "cambios": {"direccion": "https://8.8.8.8", "eventos": ["stock"]},
            },
        ),
        (
            "aviso_creado",
            {
                "id_aviso": made["id_aviso"],
                "direccion": "https://8.8.8.8",
                "eventos": ["venta"],
                "estado": "Inactivo",
            },
        ),
    ]
    assert all(row["quien"]["rut"] == ANA_RUT for row in rows)


def test_changing_nothing_leaves_no_registro(shop: RunningShop) -> None:
    made = silent(shop, 10)
    path = f"/avisos/{made['id_aviso']}"
    before, *_ = shop.ana.ok("GET", "/registros")["datos"]
    change = {"clave_actual": PASSWORD, "activo": False, "url": made["url"]}
    changed = shop.ana.ok("PUT", path, change)
    after, *_ = shop.ana.ok("GET", "/registros")["datos"]
    assert before == after
    assert "secreto" not in changed
    shop.ana.delete(path)


def test_the_shops_own_client_makes_tries_changes_and_removes(own: RunningShop) -> None:
    with Receiver() as receiver, client(own.server, "ana") as ana:
        made = ana.make_webhook(receiver.url, PASSWORD, eventos=["venta"])
        tried = ana.test_webhook(made.id_aviso)
        assert (tried.entregado, tried.estado) == (True, 204)
        (delivered,) = receiver.came
        assert delivered.body == {"evento": "prueba"}
        assert delivered.is_signed_with(str(made.secreto))
        assert delivered.headers["user-agent"].startswith("Trastienda/")
        changed = ana.change_webhook(
            made.id_aviso, PASSWORD, eventos=None, activo=False, secreto_nuevo=True
        )
        assert changed.secreto not in {made.secreto, None}
        assert (changed.eventos, changed.activo) == (None, False)
        assert [one.id_aviso for one in ana.webhooks()] == [made.id_aviso]
        assert ana.webhook(made.id_aviso).motivo == "pedido"
        ana.remove_webhook(made.id_aviso)
        with pytest.raises(NotFound):
            ana.webhook(made.id_aviso)


def test_the_examples_of_the_page_run(own: RunningShop) -> None:
    examples = _FENCED.findall(PAGE.read_text("utf-8"))
    making, verifying = examples
    with client(own.server, "ana") as ana, Receiver() as receiver:
        known: dict[str, Any] = {"shop": ana}
        exec(making.replace('"trastienda"', repr(PASSWORD)), known)
        exec(verifying, known)
        is_from_the_shop = known["is_from_the_shop"]
        made = ana.change_webhook(
            known["made"].id_aviso, PASSWORD, url=receiver.url, secreto_nuevo=True
        )
        assert ana.test_webhook(made.id_aviso).entregado
        ((headers, body, _),) = receiver.came
        assert is_from_the_shop(headers, body, made.secreto)
        assert not is_from_the_shop(headers, body + b" ", made.secreto)
        assert not is_from_the_shop(headers, body, known["made"].secreto)
        late = dict(headers) | {"webhook-timestamp": "1"}
        assert not is_from_the_shop(late, body, made.secreto)
        other = dict(headers) | {"webhook-id": "x"}
        assert not is_from_the_shop(other, body, made.secreto)
        ana.remove_webhook(made.id_aviso)


def test_a_test_says_what_was_answered(own: RunningShop) -> None:
    with Receiver(lambda _: Answering(503, b"vuelvo\x1b[31m\r\npronto")) as receiver:
        made = connect(own, receiver, activo=False)
        path = f"/avisos/{made['id_aviso']}"
        tried = own.ana.ok("POST", f"{path}/prueba")
        assert tried == {
            "entregado": False,
            "estado": 503,
            "respuesta": "vuelvo [31m pronto",
        }
    tried = own.ana.ok("POST", f"{path}/prueba")
    assert tried["respuesta"] == "no se pudo conectar"
    own.ana.delete(path)

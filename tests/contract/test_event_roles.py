"""Every event of Socket.IO by everybody who may come there, and what each of them hears.

The tables are written by hand, and no event may be missing from them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.contract.event_scene import Scene
from tests.harness.cast import CLARA_RUT, new_code, new_number, new_rut
from tests.harness.lines import Program
from tests.harness.screens import bare
from tests.harness.shop import RunningShop

from trastienda.actions.alerts import announce_copy_fault, announce_webhook_off
from trastienda.actions.tidying import remove_expired_discounts
from trastienda.domain.webhooks import Off
from trastienda.servers.socketio.events import EVENTS
from trastienda.wire import announcements, event_names

OUTSIDE = ("nadie", "desactivado")
"""Whoever is not let in: without a token, and with one of an account that is no more."""
INSIDE = ("sin verificar", "Cliente", "Cajero", "Administrador", "programa")
"""Those with an account, the first of whom registered alone; and a program with a key."""
OK = "ok"
USER = (OK,) * 5
MEMBER = (*(OK,) * 4, "sin_permiso")
OWN = (*("no_encontrado",) * 4, "sin_permiso")
"""There is no such message, of nobody's."""
NOTE = {"rut": CLARA_RUT, "titulo": "Hola", "texto": "Llegó el pan"}
STAFF_ONLY = (*("sin_permiso",) * 2, OK, OK, "sin_permiso")

SENT: dict[str, list[tuple[Callable[[Scene], dict[str, Any]], tuple[str, ...]]]] = {
    "escanear": [
        (lambda scene: {"codigo_barras": scene.code}, USER),
        (
            lambda scene: {"codigo_barras": scene.retired},
            (*("no_encontrado",) * 2, *(OK,) * 3),
        ),
    ],
    "vincular": [(lambda scene: {}, USER)],
    "reanudar": [(lambda scene: {"desde": 10**9}, USER)],
    "notificar": [(lambda scene: NOTE, (*("sin_permiso",) * 3, OK, OK))],
    "visto": [(lambda scene: {"id": 10**6}, (*("no_encontrado",) * 4, "sin_permiso"))],
    "entrar_sala": [
        (lambda scene: {"sala": "general"}, MEMBER),
        (lambda scene: {"sala": "equipo"}, STAFF_ONLY),
    ],
    "salir_sala": [(lambda scene: {"sala": "general"}, MEMBER)],
    "mensaje": [
        (lambda scene: {"sala": "general", "texto": "hola"}, MEMBER),
        (lambda scene: {"sala": "equipo", "texto": "hola"}, STAFF_ONLY),
        (lambda scene: {"para": scene.listener, "texto": "hola"}, MEMBER),
    ],
    "editar": [
        (lambda scene: {"sala": "general", "seq": 10**6, "texto": "adiós"}, OWN),
    ],
    "borrar": [
        (lambda scene: {"sala": "general", "seq": 10**6}, OWN),
        (
            lambda scene: {"sala": "general", "seq": scene.said()},
            (*("sin_permiso",) * 3, OK, "sin_permiso"),
        ),
    ],
    "historial": [
        (lambda scene: {"sala": "general"}, MEMBER),
        (lambda scene: {"sala": "equipo"}, STAFF_ONLY),
    ],
    "buscar": [(lambda scene: {"q": "hola"}, MEMBER)],
    "escribiendo": [(lambda scene: {"sala": "general"}, MEMBER)],
    "leido": [(lambda scene: {"sala": "general", "seq": 1}, MEMBER)],
    "salas": [(lambda scene: {}, MEMBER)],
    "usuarios": [(lambda scene: {}, MEMBER)],
}
"""What each event is sent with, and what each of INSIDE gets: that it is done, or a code."""


@pytest.fixture(scope="module")
def scene(shop: RunningShop) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(shop, stack)


def test_no_event_is_missing_from_the_tables() -> None:
    assert list(SENT) == [event.word for event in EVENTS]
    heard = {name for _, ears in HEARD.values() for name in ears}
    assert heard == set(event_names.NAMES.values())


@pytest.mark.parametrize("who", INSIDE)
def test_every_event_is_done_or_refused_as_declared(scene: Scene, who: str) -> None:
    screen = scene.screen(who)
    strays: list[Any] = []
    for name, rows in SENT.items():
        for number, (arguments, answers) in enumerate(rows):
            answer = screen.send(name, **arguments(scene))
            got = OK if answer["ok"] else answer["codigo"]
            expected = answers[INSIDE.index(who)]
            if got != expected:
                strays.append((name, number, got, expected))
    assert strays == []


@pytest.mark.parametrize("who", OUTSIDE)
def test_whoever_is_not_let_in_is_told_so_and_nothing_else(
    scene: Scene, who: str
) -> None:
    shop = scene.shop
    auth = {} if who == "nadie" else {"token": scene.deactivated.token}
    with bare(shop.server.url) as one:
        one.send("40" + json.dumps(auth))
        refused = str(one.recv())
        assert json.loads(refused.removeprefix("44"))["data"]["codigo"] == (
            "no_autenticado"
        )
        for name, rows in SENT.items():
            arguments, _ = rows[0]
            one.send("427" + json.dumps([name, arguments(scene)]))
        scene.shop.product(codigo_barras=new_code())
        # The next that is heard is the answer to this, so there was none to those.
        one.send("40" + json.dumps({"token": shop.beto.token}))
        assert str(one.recv()).startswith('40{"sid"')


ALL = set(INSIDE)
ADMINISTRATORS = {"Administrador", "programa"}
STAFF = {"Cajero", *ADMINISTRATORS}
STOCK = {"stock": ALL}


def _owed(scene: Scene) -> Any:
    pagos = [{"medio": "pendiente", "monto": 1000}]
    return scene.shop.sell(
        (scene.code, 1), by=scene.shop.ana, cliente=new_rut(), pagos=pagos
    )


def _give_back(scene: Scene, **how: Any) -> None:
    """Sell, let everybody hear it, and take it back."""
    sale = scene.shop.sell((scene.code, 1), **how)
    scene.shop.ana.ok(
        "POST", f"/ventas/{sale['id_venta']}/devoluciones", {"motivo": "Cambio"}
    )


def _change_retired(scene: Scene) -> Any:
    path = f"/product/barcode/{scene.retired}"
    return scene.shop.ana.ok("PUT", path, {"nombre": f"Cosa {new_number()}"})


def _delete(scene: Scene, *, retire: bool = False) -> None:
    code = scene.shop.code(stock=0)
    path = f"/product/barcode/{code}"
    if retire:
        scene.shop.ana.ok("DELETE", path)
    scene.shop.ana.ok("DELETE", f"{path}?definitivo=si")


def _discount(scene: Scene) -> None:
    times = {"desde": "2020-01-01T00:00:00Z", "hasta": "2020-01-02T00:00:00Z"}
    scene.shop.product(descuento={"porcentaje": 10} | times)
    scene.in_the_books(lambda transaction: remove_expired_discounts(transaction, 100))


def _buy(scene: Scene) -> Any:
    line = {"codigo_barras": scene.code, "cantidad": 1, "costo": new_number()}
    body = {"proveedor": "P", "detalle": [line]}
    return scene.shop.ana.ok("POST", "/compras-detalle", body)


def _change_page(scene: Scene) -> None:
    for trade in ("Almacén", None):
        scene.shop.ana.ok("PUT", "/tienda", {"giro": trade})


def _notify(scene: Scene) -> Any:
    body = {"rut": CLARA_RUT, "titulo": "Su pedido", "texto": "Llegó."}
    return scene.shop.ana.ok("POST", "/notificaciones", body)


def _see(scene: Scene) -> None:
    path = f"/notificaciones/{_notify(scene)['id']}/visto"
    scene.shop.clara.ok("POST", path)


def _say(scene: Scene, who: str, **fields: str) -> None:
    with Program(scene.shop.server.chat) as program:
        program.log_in(who).ok("privado" if "para" in fields else "mensaje", **fields)


HEARD: dict[str, tuple[Callable[[Scene], Any], dict[str, set[str]]]] = {
    "a new product": (
        lambda scene: scene.shop.product(costo=700),
        {"producto": ALL, **STOCK},
    ),
    "a product that is retired": (
        lambda scene: scene.shop.ana.ok(
            "DELETE", f"/product/barcode/{scene.shop.code(costo=700)}"
        ),
        {"producto": ALL, **STOCK},
    ),
    "a change of a retired product": (_change_retired, {"producto": STAFF}),
    "a product that is deleted": (
        _delete,
        {"producto": ALL, "producto_eliminado": ALL},
    ),
    "a retired product that is deleted": (
        lambda scene: _delete(scene, retire=True),
        {"producto": ALL, "producto_eliminado": STAFF},
    ),
    "a discount that is over": (
        _discount,
        {"producto": ALL, "descuento_vencido": ALL, "mensaje": STAFF, **STOCK},
    ),
    "a product that falls below its minimum": (
        lambda scene: scene.shop.sell(
            (scene.shop.code(stock=10, stock_minimo=10), 1), by=scene.shop.ana
        ),
        {
            "producto": ALL,
            "stock_bajo": STAFF,
            "notificacion": {"Administrador"},
            "mensaje": STAFF,
            "venta": ADMINISTRATORS,
            **STOCK,
        },
    ),
    "a sale of Ana's": (
        lambda scene: scene.shop.sell((scene.code, 1), by=scene.shop.ana),
        {"venta": ADMINISTRATORS, **STOCK},
    ),
    "a sale of Beto's": (
        lambda scene: scene.shop.sell((scene.code, 1)),
        {"venta": STAFF, **STOCK},
    ),
    "a sale that is owed": (_owed, {"venta": STAFF, **STOCK}),
    "a sale to Clara": (
        lambda scene: scene.shop.sell(
            (scene.code, 1), by=scene.shop.ana, cliente=CLARA_RUT
        ),
        {"venta": {"Cliente", *ADMINISTRATORS}, **STOCK},
    ),
    "a sale to the RUT of whoever registered alone": (
        lambda scene: scene.shop.sell(
            (scene.code, 1), by=scene.shop.ana, cliente=scene.stranger
        ),
        {"venta": ADMINISTRATORS, **STOCK},
    ),
    "a return to Ana": (
        lambda scene: _give_back(scene, by=scene.shop.ana),
        {"venta": ADMINISTRATORS, "devolucion": ADMINISTRATORS, **STOCK},
    ),
    "a return of Beto's": (_give_back, {"venta": STAFF, "devolucion": STAFF, **STOCK}),
    "a return of Clara's": (
        lambda scene: _give_back(scene, by=scene.shop.ana, cliente=CLARA_RUT),
        {
            "venta": {"Cliente", *ADMINISTRATORS},
            "devolucion": {"Cliente", *ADMINISTRATORS},
            **STOCK,
        },
    ),
    "a purchase": (_buy, {"producto": ALL, "compra": ADMINISTRATORS, **STOCK}),
    "somebody who registers": (Scene.new_stranger, {"usuario": ADMINISTRATORS}),
    "a change of one's own account": (
        lambda scene: scene.callers["sin verificar"].ok(
            "PUT", f"/users/{scene.stranger}", {"nombre": f"Clara {new_number()}"}
        ),
        {"usuario": {"sin verificar", *ADMINISTRATORS}},
    ),
    "a RUT that is confirmed, and again is not": (
        lambda scene: [
            scene.shop.ana.ok("PUT", f"/users/{scene.stranger}", {"verificado": now})
            for now in (True, False)
        ],
        {"usuario": {"sin verificar", *ADMINISTRATORS}, "hueco": {"sin verificar"}},
    ),
    "a RUT that is given free": (
        lambda scene: scene.shop.ana.ok(
            "POST", f"/users/{scene.new_stranger()[0]}/liberacion"
        ),
        {"usuario": ADMINISTRATORS, "rut_liberado": ADMINISTRATORS},
    ),
    "a copy that cannot be made": (
        lambda scene: scene.in_the_books(
            lambda transaction: announce_copy_fault(transaction, "Sin espacio")
        ),
        {
            "copia_fallida": ADMINISTRATORS,
            "mensaje": STAFF,
            "notificacion": {"Administrador"},
        },
    ),
    "an address that takes nothing": (
        lambda scene: scene.in_the_books(
            lambda transaction: announce_webhook_off(
                transaction, "a", "https://a.example", next(iter(Off))
            )
        ),
        {"aviso_apagado": ADMINISTRATORS, "mensaje": STAFF},
    ),
    "a change of the shop's page": (_change_page, {"tienda": ALL}),
    "a notification to Clara": (_notify, {"notificacion": {"Cliente"}}),
    "a notification that Clara has seen": (
        _see,
        {"notificacion": {"Cliente"}, "notificacion_vista": {"Cliente"}},
    ),
    "something said in general": (lambda scene: scene.said(), {"mensaje": ALL}),
    "something said among staff": (
        lambda scene: _say(scene, "ana", sala="equipo", texto="Falta pan"),
        {"mensaje": STAFF},
    ),
    "something said to Beto alone": (
        lambda scene: _say(scene, "clara", para="beto", texto="¿Queda miel?"),
        {"mensaje": {"Cliente", "Cajero"}},
    ),
}
"""What happens, and who hears which announcements of it."""

OF_THE_MOMENT = set(announcements.OF_THE_MOMENT) | {"disconnect"}


def test_each_hears_what_they_may_read_and_nothing_else(scene: Scene) -> None:
    screens = {who: scene.screen(who) for who in INSIDE}
    marker = screens["Administrador"]
    strays: list[Any] = []
    for what, (happen, heard) in HEARD.items():
        for screen in screens.values():
            screen.heard.clear()
        happen(scene)
        last = scene.shop.code()  # what other processes commit comes before it
        marker.wait_for("stock", lambda body, last=last: body["codigo_barras"] == last)  # type: ignore[misc]
        for who, screen in screens.items():
            screen.send("escanear", codigo_barras=scene.code)
            told = [
                (name, body)
                for name, body in screen.heard
                if name not in OF_THE_MOMENT and body.get("codigo_barras") != last
            ]
            expected = {name for name, ears in heard.items() if who in ears}
            if {name for name, _ in told} != expected:
                strays.append((what, who, told, expected))
            knows_costs = any("costo" in json.dumps(body) for _, body in told)
            if knows_costs and who not in STAFF:
                strays.append((what, who, told, {"no cost"}))
            numbers = screen.numbers()
            if numbers != sorted(set(numbers)):
                strays.append((what, who, numbers, set()))
    assert strays == []

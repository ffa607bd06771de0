"""A look over HTTP at a number, and the announcements after it, are a look now: for everybody,
whatever is done, and however often lines are cut and the server is killed between."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import order
from tests.harness.lines import Program
from tests.harness.shop import RunningShop
from tests.harness.tiers import storm, tier
from tests.journeys.views import View

ONE_OF = st.integers(0, 10**6)
"""Picks one of what there is."""
WHO = st.sampled_from(["ana", "beto", "clara"])


class ScreensMachine(RuleBasedStateMachine):
    """A shop at work, and three who keep copies of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.shop = RunningShop(Path(self.folder.name) / "data")
        shop = self.shop
        self.views = {
            "ana": View(shop, shop.ana, ANA_RUT, "Administrador"),
            "beto": View(shop, shop.beto, BETO_RUT, "Cajero"),
            "clara": View(shop, shop.clara, CLARA_RUT, "Cliente"),
        }
        self.codes: list[str] = []
        self.sales: list[Any] = []
        self.ruts: list[str] = []
        self.said: list[tuple[str, int]] = []
        self.notified: list[int] = []

    def has_codes(self) -> bool:
        return bool(self.codes)

    def has_sales(self) -> bool:
        return bool(self.sales)

    def put(self, code: str, **change: Any) -> None:
        path = f"/product/barcode/{code}"
        assert self.shop.ana.put(path, json=change).status_code == 200

    # What is done

    @rule(stock=st.integers(0, 20), least=st.integers(0, 20))
    def create(self, stock: int, least: int) -> None:
        self.codes.append(self.shop.code(stock=stock, stock_minimo=least, costo=700))

    @precondition(has_codes)
    @rule(which=ONE_OF, precio=st.integers(10, 5000))
    def reprice(self, which: int, precio: int) -> None:
        self.put(self.codes[which % len(self.codes)], precio=precio)

    @precondition(has_codes)
    @rule(which=ONE_OF, stock=st.integers(0, 20))
    def count(self, which: int, stock: int) -> None:
        self.put(self.codes[which % len(self.codes)], stock=stock, motivo="Conteo")

    @precondition(has_codes)
    @rule(which=ONE_OF, active=st.booleans())
    def retire_or_bring_back(self, which: int, active: bool) -> None:
        estado = "Activo" if active else "Inactivo"
        self.put(self.codes[which % len(self.codes)], estado=estado)

    @rule(retired=st.booleans())
    def make_and_delete(self, retired: bool) -> None:
        path = f"/product/barcode/{self.shop.code(stock=3)}"
        if retired:
            self.shop.ana.ok("DELETE", path)
        self.shop.ana.ok("DELETE", f"{path}?definitivo=si")

    @precondition(has_codes)
    @rule(
        which=ONE_OF,
        by_ana=st.booleans(),
        to_clara=st.booleans(),
        owed=st.booleans(),
    )
    def sell(self, which: int, by_ana: bool, to_clara: bool, owed: bool) -> None:
        code = self.codes[which % len(self.codes)]
        price = self.shop.ana.ok("GET", f"/product/barcode/{code}")["precio_final"]
        more: dict[str, Any] = {}
        if to_clara or owed:
            more["cliente"] = CLARA_RUT if to_clara else new_rut()
        if owed:
            more["pagos"] = [{"medio": "pendiente", "monto": price}]
        who = self.shop.ana if by_ana else self.shop.beto
        answer = who.post("/ventas-detalle", json=order((code, 1), **more))
        if answer.is_success:
            self.sales.append(answer.json())
        else:
            assert answer.status_code == 409, answer.text

    @precondition(has_sales)
    @rule(which=ONE_OF)
    def give_back(self, which: int) -> None:
        sale = self.sales[which % len(self.sales)]
        path = f"/ventas/{sale['id_venta']}/devoluciones"
        answer = self.shop.beto.post(path, json={"motivo": "Cambio"})
        assert answer.status_code in {201, 409}, answer.text

    @precondition(has_sales)
    @rule(which=ONE_OF)
    def settle(self, which: int) -> None:
        sale = self.sales[which % len(self.sales)]
        owed = self.shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")["pendiente"]
        body = {"pagos": [{"medio": "debito", "monto": owed or 1}]}
        answer = self.shop.ana.post(f"/ventas/{sale['id_venta']}/pagos", json=body)
        assert answer.is_success or not owed, answer.text

    @precondition(has_codes)
    @rule(which=ONE_OF, costo=st.integers(1, 900))
    def buy(self, which: int, costo: int) -> None:
        code = self.codes[which % len(self.codes)]
        line = {"codigo_barras": code, "cantidad": 2, "costo": costo}
        body = {"proveedor": "P", "detalle": [line]}
        answer = self.shop.ana.post("/compras-detalle", json=body)
        assert answer.status_code in {201, 409}, answer.text

    @rule()
    def register(self) -> None:
        rut = new_rut()
        body = {"rut": rut, "nombre": "N", "usuario": rut, "clave": PASSWORD}
        self.shop.nobody.ok("POST", "/register", body)
        self.ruts.append(rut)

    @rule(trade=st.sampled_from(["Almacén", "Botillería", None]))
    def change_page(self, trade: str | None) -> None:
        self.shop.ana.ok("PUT", "/tienda", {"giro": trade})

    @rule(who=WHO, name=st.sampled_from(["Uno", "Dos", "Tres"]))
    def rename(self, who: str, name: str) -> None:
        view = self.views[who]
        self.shop.ana.ok("PUT", f"/users/{view.rut}", {"nombre": name})

    @precondition(lambda self: self.ruts)
    @rule()
    def release(self) -> None:
        self.shop.ana.ok("POST", f"/users/{self.ruts.pop()}/liberacion")

    @rule(sala=st.sampled_from(["general", "equipo"]))
    def say(self, sala: str) -> None:
        with Program(self.shop.server.chat) as ana:
            seq = ana.log_in("ana").ok("mensaje", sala=sala, texto="hola")["seq"]
        self.said.append((sala, seq))

    @precondition(lambda self: self.said)
    @rule(which=ONE_OF, texto=st.sampled_from(["adiós", ""]))
    def edit_or_take_back(self, which: int, texto: str) -> None:
        sala, seq = self.said[which % len(self.said)]
        fields = {"sala": sala, "seq": seq} | ({"texto": texto} if texto else {})
        with Program(self.shop.server.chat) as ana:
            ana.log_in("ana").ask("editar" if texto else "borrar", **fields)

    @rule()
    def notify(self) -> None:
        body = {"rut": CLARA_RUT, "titulo": "Pedido", "texto": "Llegó"}
        self.notified.append(self.shop.ana.ok("POST", "/notificaciones", body)["id"])

    @precondition(lambda self: self.notified)
    @rule()
    def see(self) -> None:
        path = f"/notificaciones/{self.notified.pop()}/visto"
        self.shop.clara.ok("POST", path)

    # Who listens

    @rule(who=WHO, transport=st.sampled_from(["websocket", "polling"]))
    def come_back(self, who: str, transport: str) -> None:
        self.views[who].listen(transport)

    @rule(who=WHO)
    def leave(self, who: str) -> None:
        self.views[who].leave()

    @rule(who=WHO)
    def look_anew(self, who: str) -> None:
        self.views[who].leave()
        self.views[who].look()

    @rule(kill=st.booleans())
    def restart(self, kill: bool) -> None:
        self.shop.restart(kill=kill)
        for view in self.views.values():
            view.leave()

    @rule(who=WHO)
    def compare(self, who: str) -> None:
        self.settle_down(self.views[who])

    def settle_down(self, view: View) -> None:
        if view.screen is None:
            view.listen("websocket")
        assert view.screen is not None
        view.screen.ok("salas")
        view.hear()
        _, fresh = view.fresh()
        for kind, rows in fresh.items():
            assert view.known[kind] == rows, (view.tipo, kind)

    def teardown(self) -> None:
        try:
            for view in self.views.values():
                self.settle_down(view)
        finally:
            for view in self.views.values():
                if view.screen is not None:
                    view.screen.close()
            self.shop.close()
            self.folder.cleanup()


ScreensMachine.TestCase.settings = settings(
    max_examples=tier(4, full=60),
    stateful_step_count=tier(40, full=80),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)


TestScreensStateMachine = storm(pytest.mark.timeout(1800)(ScreensMachine.TestCase))

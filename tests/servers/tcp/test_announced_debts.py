"""Sales on which money is owed, as every cashier hears of them: a list that was read once and what
is announced since are the list read anew."""

from typing import Any

from tests.harness.cast import PASSWORD, new_rut
from tests.harness.http import Caller
from tests.harness.lines import Program
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenProgram


class Till:
    """What a program shows to a cashier: it read the lists once, and has listened since."""

    def __init__(self, caller: Caller, program: Program, rut: str) -> None:
        self.caller = caller
        self.program = program
        self.rut = rut
        self.sales = {one["id_venta"]: one for one in caller.all("/ventas")}
        self.returns = {
            one["id_devolucion"]: one for one in caller.all("/devoluciones")
        }

    def listen(self) -> list[str]:
        """Take in what was announced, and return its names."""
        names = []
        for event in self.program.told():
            name = event.pop("evento")
            del event["n"]
            if name == "venta":
                self._take_sale(event)
            elif name == "devolucion":
                self.returns[event["id_devolucion"]] = event
            if name in {"venta", "devolucion"}:
                names.append(name)
        return names

    def _take_sale(self, sale: dict[str, Any]) -> None:
        number = sale["id_venta"]
        seller = sale["vendedor"] or {}
        if sale["pendiente"] or seller.get("rut") == self.rut:
            self.sales[number] = sale
            return
        self.sales.pop(number, None)
        for one in list(self.returns.values()):
            if one["id_venta"] == number:
                del self.returns[one["id_devolucion"]]

    def check(self) -> None:
        """Expect the lists to be as they are read anew."""
        assert {
            one["id_venta"]: one for one in self.caller.all("/ventas")
        } == self.sales
        returns = self.caller.all("/devoluciones")
        assert {one["id_devolucion"]: one for one in returns} == self.returns


def test_a_cashier_lists_and_hears_of_every_sale_on_which_money_is_owed(
    shop: RunningShop, program: OpenProgram
) -> None:
    user, caller = shop.somebody("Cajero")
    listener = program().log_in(user["usuario"], PASSWORD)
    till = Till(caller, listener, user["rut"])
    code = shop.code(stock=100)

    def owe(**more: Any) -> str:
        payment = {"medio": "pendiente", "monto": 3000}
        sale = shop.sell((code, 3), pagos=[payment], cliente=new_rut(), **more)
        return f"/ventas/{sale['id_venta']}"

    shop.sell((code, 1))
    assert till.listen() == []

    path = owe()
    assert till.listen() == ["venta"]
    assert int(path.rpartition("/")[2]) in till.sales
    till.check()

    line = {"codigo_barras": code, "cantidad": 1}
    back = {"motivo": "sobra", "detalle": [line]}
    shop.beto.ok("POST", f"{path}/devoluciones", back)
    assert till.listen() == ["venta", "devolucion"]
    till.check()

    shop.beto.ok(
        "POST", f"{path}/pagos", {"pagos": [{"medio": "debito", "monto": 500}]}
    )
    assert till.listen() == ["venta"]
    till.check()

    shop.beto.ok(
        "POST", f"{path}/pagos", {"pagos": [{"medio": "debito", "monto": 1500}]}
    )
    assert till.listen() == ["venta"]
    assert int(path.rpartition("/")[2]) not in till.sales
    till.check()

    shop.beto.ok("POST", f"{path}/devoluciones", {"motivo": "todo"})
    assert till.listen() == []
    till.check()

    whole = owe()
    shop.beto.ok("POST", f"{whole}/devoluciones", {"motivo": "todo"})
    assert till.listen() == ["venta", "venta"]
    till.check()

    own = shop.sell((code, 1), by=caller)
    till.listen()
    assert own["id_venta"] in till.sales
    till.check()


def test_what_a_customer_owes_is_in_every_list_of_a_cashier(shop: RunningShop) -> None:
    code = shop.code(stock=100)
    payment = {"medio": "pendiente", "monto": 1000}
    debtor = new_rut()
    sale = shop.sell((code, 1), by=shop.ana, pagos=[payment], cliente=debtor)
    paid = shop.sell((code, 1), by=shop.ana, cliente=debtor)
    for path in ("/ventas", "/boletas"):
        for query in ({}, {"pendientes": "si"}) if path == "/ventas" else ({},):
            numbers = [one["id_venta"] for one in shop.beto.all(path, **query)]
            assert sale["id_venta"] in numbers
            assert paid["id_venta"] not in numbers
            assert len(numbers) == len(set(numbers))
            small = [one["id_venta"] for one in shop.beto.all(path, limite=2, **query)]
            assert small == numbers

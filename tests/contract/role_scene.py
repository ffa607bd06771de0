"""A shop with one of everything, and everybody who may come to it."""

from typing import Any

from tests.harness import api_keys, receiver
from tests.harness.cast import (
    ANA_RUT,
    BETO_RUT,
    CLARA_RUT,
    PASSWORD,
    new_rut,
)
from tests.harness.http import Caller
from tests.harness.login import claims_of, forged
from tests.harness.second_factors import set_up
from tests.harness.shop import RunningShop

KNOWN = ("sin verificar", "Cliente", "Cajero", "Administrador")
"""Those whom the shop knows. The first registered alone; nobody has confirmed who they are."""
UNKNOWN = ("desactivado", "vencido", "de otra tienda", "basura")
"""Those whose token is no longer, or never was, one of this shop."""

SALES: dict[str, tuple[str, str | None, bool, set[str]]] = {
    "by Beto, paid": ("Cajero", None, False, {"Cajero", "Administrador"}),
    "by Beto, owed": ("Cajero", None, True, {"Cajero", "Administrador"}),
    "by another, paid": ("otro", None, False, {"Administrador"}),
    "by another, owed": ("otro", None, True, {"Cajero", "Administrador"}),
    "by Ana, paid": ("Administrador", None, False, {"Administrador"}),
    "to Clara, paid": ("otro", "Cliente", False, {"Cliente", "Administrador"}),
    "to Clara, owed": ("otro", "Cliente", True, {"Cliente", "Cajero", "Administrador"}),
    "to a stranger's RUT, paid": ("otro", "sin verificar", False, {"Administrador"}),
    "to a stranger's RUT, owed": (
        "otro",
        "sin verificar",
        True,
        {"Cajero", "Administrador"},
    ),
}
"""Sales: who sold them, to whom, whether money is owed on them, and in whose lists they stand."""


class Scene:
    """A shop with one of everything, and everybody who may come to it."""

    def __init__(self, shop: RunningShop, other: RunningShop) -> None:
        self.shop = shop
        self.code = shop.code(stock=10_000, costo=100)
        self.retired = shop.code()
        shop.ana.ok("DELETE", f"/product/barcode/{self.retired}")
        self.stranger_rut = new_rut()
        _, self.other_cashier = shop.somebody("Cajero")
        gone, gone_caller = shop.somebody("Administrador")
        shop.ana.ok("DELETE", f"/users/{gone['rut']}")
        self.callers = {
            "sin verificar": self.stranger(self.stranger_rut),
            "Cliente": shop.clara,
            "Cajero": shop.beto,
            "Administrador": shop.ana,
            "nadie": shop.nobody,
            "desactivado": gone_caller,
            "vencido": shop.caller(
                forged(shop, str(shop.ana.token), exp=1_700_000_000)
            ),
            "de otra tienda": shop.caller(other.ana.token),
            "basura": shop.caller("basura"),
        }
        self.ruts = {
            "sin verificar": self.stranger_rut,
            "Cliente": CLARA_RUT,
            "Cajero": BETO_RUT,
            "Administrador": ANA_RUT,
        }
        self.sales = {name: self.sell(*how[:3]) for name, how in SALES.items()}

    def stranger(self, rut: str) -> Caller:
        """Somebody who registers alone."""
        self.shop.nobody.ok("POST", "/register", form(rut))
        return self.shop.enter(rut)

    def new_stranger(self) -> str:
        """The RUT of one more."""
        rut = new_rut()
        self.shop.nobody.ok("POST", "/register", form(rut))
        return rut

    def guarded_cashier(self) -> str:
        """The RUT of one more Cajero, who has a second factor."""
        user, caller = self.shop.somebody("Cajero")
        set_up(caller, user["rut"])
        return str(user["rut"])

    def new_session(self) -> str:
        """The id of a session of one more."""
        token = self.stranger(new_rut()).token
        return str(claims_of(str(token))["sid"])

    def sell(self, by: str, customer: str | None, owed: bool) -> int:
        """Sell three things and take one of them back; return the sale's number."""
        seller = self.callers.get(by, self.other_cashier)
        rut = None if customer is None else self.ruts[customer]
        more: dict[str, Any] = {}
        if owed or rut is not None:
            more["cliente"] = rut or new_rut()
        if owed:
            more["pagos"] = [{"medio": "pendiente", "monto": 3000}]
        sale = self.shop.sell((self.code, 3), by=seller, **more)
        line = {"codigo_barras": self.code, "cantidad": 1}
        back = {"detalle": [line], "motivo": "sobra"}
        self.shop.ana.ok("POST", f"/ventas/{sale['id_venta']}/devoluciones", back)
        return int(sale["id_venta"])

    def debt(self) -> int:
        """One more sale on which money is owed."""
        return self.sell("otro", None, owed=True)

    def purchase(self) -> int:
        """A purchase."""
        bought = self.shop.ana.ok("POST", "/compras-detalle", purchased(self))
        return int(bought["id_compra"])

    def notification(self, whose: str) -> int:
        """The number of one more notification to somebody."""
        body = {"rut": self.ruts[whose], "titulo": "Aviso", "texto": "Algo pasa."}
        return int(self.shop.ana.ok("POST", "/notificaciones", body)["id"])

    def api_key(self) -> str:
        """The id of a key of a program."""
        return str(api_keys.make(self.shop, "Cajero")["id_llave"])

    def webhook(self) -> str:
        """The id of an address to which nothing is sent."""
        body = receiver.draft(f"https://8.8.8.8/{new_rut()}", activo=False)
        return str(self.shop.ana.ok("POST", "/avisos", body)["id_aviso"])


def form(rut: str, **more: Any) -> dict[str, Any]:
    return {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD} | more


def purchased(scene: Scene) -> dict[str, Any]:
    line = {"codigo_barras": scene.code, "cantidad": 1, "costo": 1}
    return {"proveedor": "P", "detalle": [line]}

"""What a program knows of a shop: a look over HTTP, and the announcements after it."""

from typing import Any

from tests.harness.http import Caller
from tests.harness.screens import Heard, Screen
from tests.harness.shop import RunningShop

Known = dict[str, dict[Any, Any]]
"""The objects of each kind, by what tells them apart."""
ROOMS = ("general", "equipo")


class View:
    """What one of the cast knows, and how far it reaches."""

    def __init__(self, shop: RunningShop, who: Caller, rut: str, tipo: str) -> None:
        self.shop = shop
        self.who = who
        self.rut = rut
        self.tipo = tipo
        self.screen: Screen | None = None
        self.n = 0
        self.known: Known = {}
        self.look()

    @property
    def is_staff(self) -> bool:
        return self.tipo != "Cliente"

    def fresh(self) -> tuple[int, Known]:
        """Everything as it is now, and the number that it reaches."""
        get = self.who.ok
        products = self.who.get("/products?limite=1")
        known: Known = {
            "products": {
                row["codigo_barras"]: row for row in self.who.all("/products")
            },
            "sales": {row["id_venta"]: row for row in self.who.all("/ventas")},
            "returns": {
                row["id_devolucion"]: row for row in self.who.all("/devoluciones")
            },
            "users": {self.rut: get("GET", f"/users/{self.rut}")},
            "notifications": {
                row["id"]: row for row in self.who.all("/notificaciones")
            },
            "messages": self._rooms(),
            "page": {"tienda": get("GET", "/tienda")},
        }
        if self.tipo == "Administrador":
            known["users"] = {row["rut"]: row for row in self.who.all("/users")}
            purchases = self.who.all("/compras")
            known["purchases"] = {row["id_compra"]: row for row in purchases}
        return int(products.headers["Trastienda-N"]), known

    def _rooms(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        with Screen.of(self.shop, self.who, live=False) as screen:
            for room in ROOMS if self.is_staff else ROOMS[:1]:
                page = screen.ok("historial", sala=room, limite=200)
                assert not page["hay_mas"]
                found |= {(room, row["seq"]): row for row in page["mensajes"]}
        return found

    def look(self) -> None:
        """Look at everything anew."""
        self.n, self.known = self.fresh()

    def listen(self, transport: str) -> None:
        """Connect, and catch up."""
        self.leave()
        self.screen = Screen.of(
            self.shop, self.who, live=False, transports=(transport,)
        )
        answer = self.screen.ok("reanudar", desde=self.n)
        assert "hueco" not in answer
        self.hear()
        self.n = max(self.n, answer["n"])

    def leave(self) -> None:
        """Hang up, with what was heard until then."""
        if self.screen is not None:
            self.screen.close()
            self.hear()
            self.screen = None

    def hear(self) -> None:
        """Take in what has come."""
        assert self.screen is not None
        heard, self.screen.heard = self.screen.heard, []
        for one in heard:
            self._take(one)

    def _take(self, heard: Heard) -> None:
        name, body = heard
        if not isinstance(body, dict) or "n" not in body:
            return
        fields = dict(body)
        n = fields.pop("n")
        assert n > self.n, (heard, self.n)
        self.n = n
        getattr(self, f"_hear_{name}")(fields)

    def _hear_stock(self, fields: Any) -> None:
        product = self.known["products"].get(fields["codigo_barras"])
        if product is not None:
            product["stock"] = fields["stock"]

    def _hear_producto(self, fields: Any) -> None:
        code = fields["codigo_barras"]
        if self.is_staff or fields["estado"] == "Activo":
            self.known["products"][code] = fields
        else:
            assert list(fields) == ["codigo_barras", "estado"]
            self.known["products"].pop(code, None)

    def _hear_producto_eliminado(self, fields: Any) -> None:
        self.known["products"].pop(fields["codigo_barras"])

    def _hear_stock_bajo(self, fields: Any) -> None:
        assert self.is_staff

    def _hear_venta(self, fields: Any) -> None:
        seller = fields["vendedor"] or {}
        sale = fields["id_venta"]
        is_theirs = seller.get("rut") == self.rut or fields["pendiente"]
        if self.tipo != "Cajero" or is_theirs:
            self.known["sales"][sale] = fields
            return
        self.known["sales"].pop(sale, None)
        self.known["returns"] = {
            number: row
            for number, row in self.known["returns"].items()
            if row["id_venta"] != sale
        }

    def _hear_devolucion(self, fields: Any) -> None:
        self.known["returns"][fields["id_devolucion"]] = fields

    def _hear_compra(self, fields: Any) -> None:
        self.known["purchases"][fields["id_compra"]] = fields

    def _hear_usuario(self, fields: Any) -> None:
        self.known["users"][fields["rut"]] = fields

    def _hear_rut_liberado(self, fields: Any) -> None:
        del self.known["users"][fields["rut"]]

    def _hear_tienda(self, fields: Any) -> None:
        self.known["page"] = {"tienda": fields}

    def _hear_mensaje(self, fields: Any) -> None:
        room = fields["sala"]
        if room in ROOMS:
            self.known["messages"][room, fields["seq"]] = fields

    def _hear_notificacion(self, fields: Any) -> None:
        fields.setdefault("visto", None)
        self.known["notifications"][fields["id"]] = fields

    def _hear_notificacion_vista(self, fields: Any) -> None:
        self.known["notifications"][fields["id"]]["visto"] = fields["visto"]

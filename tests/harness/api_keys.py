"""Keys of programs, as Ana makes them."""

from typing import Any

from tests.harness.cast import PASSWORD, new_number
from tests.harness.http import Caller
from tests.harness.shop import RunningShop


def draft(tipo: str = "Administrador", **more: Any) -> dict[str, Any]:
    """A key to be made, as one of the cast sends it."""
    name = f"Sitio {new_number()}"
    return {"nombre": name, "tipo": tipo, "clave_actual": PASSWORD} | more


def make(
    shop: RunningShop,
    tipo: str = "Administrador",
    by: Caller | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A new key, as Ana makes it."""
    body = draft(tipo, **more)
    made: dict[str, Any] = (by or shop.ana).ok("POST", "/llaves", body)
    return made


def program(shop: RunningShop, tipo: str = "Administrador", **more: Any) -> Caller:
    """A program that calls with a new key."""
    return shop.caller(make(shop, tipo, **more)["llave"])


def listed(shop: RunningShop, key: dict[str, Any]) -> dict[str, Any]:
    """A key as it stands in the list."""
    rows = shop.ana.ok("GET", "/llaves")["datos"]
    (row,) = [row for row in rows if row["id_llave"] == key["id_llave"]]
    return dict(row)

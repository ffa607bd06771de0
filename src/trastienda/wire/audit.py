"""The audit trail on the wire."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.audit import Action, AuditRow, canonical
from trastienda.domain.people import Person
from trastienda.wire.people import Persona, person_out
from trastienda.wire.values import time_out


class RegistroNuevo(Struct, forbid_unknown_fields=True):
    """Un registro que el personal agrega."""

    accion: str
    detalle: str


class RegistroEscrito(Struct):
    """Un registro: ``hash`` es SHA-256 de ``hash_anterior`` seguido de ``canonico``."""

    id: int
    fecha: str
    quien: Persona | None
    origen: str
    accion: str
    detalle: Any
    canonico: str
    hash_anterior: str
    hash: str


ACTIONS = {
    Action.SHOP_CREATED: "tienda_creada",
    Action.SHOP_CHANGED: "tienda_cambiada",
    Action.USER_REGISTERED: "usuario_registrado",
    Action.USER_CHANGED: "usuario_cambiado",
    Action.USER_DEACTIVATED: "usuario_desactivado",
    Action.PRODUCT_CREATED: "producto_creado",
    Action.PRODUCT_CHANGED: "producto_cambiado",
    Action.PRODUCT_RETIRED: "producto_retirado",
    Action.STOCK_CORRECTED: "stock_corregido",
    Action.SALE: "venta",
    Action.SALE_IMPORTED: "venta_importada",
    Action.PAYMENT: "pago",
    Action.RETURN: "devolucion",
    Action.RETURN_IMPORTED: "devolucion_importada",
    Action.PURCHASE: "compra",
}
"""What was done, in Spanish; a note carries the name that its writer gave it."""

_KEYS = {
    "sale": "id_venta",
    "return": "id_devolucion",
    "purchase": "id_compra",
    "product": "id_producto",
    "code": "codigo_barras",
    "name": "nombre",
    "supplier": "proveedor",
    "before": "antes",
    "after": "despues",
    "reason": "motivo",
    "opening": "apertura",
    "role": "tipo",
    "username": "usuario",
    "changes": "cambios",
    "password": "clave",
    "payments": "pagos",
    "change": "vuelto",
    "rounding": "ajuste_redondeo",
    "owed": "pendiente",
    "call": "abono",
    "number": "numero_origen",
}

decode_note = msgspec.json.Decoder(RegistroNuevo)


def row_out(row: AuditRow, person: Person | None, zone: ZoneInfo) -> RegistroEscrito:
    """Return a row of the trail as it is shown."""
    detail = msgspec.json.decode(row.detail)
    if row.action == Action.NOTE:
        action, shown = detail["name"], detail["text"]
    else:
        action = ACTIONS[Action(row.action)]
        shown = {_KEYS.get(key, key): value for key, value in detail.items()}
    content = canonical(row.id, row.at_ms, row.user_id, row.action, row.origin, row.detail)
    return RegistroEscrito(
        row.id,
        time_out(row.at_ms, zone),
        person_out(person),
        row.origin,
        action,
        shown,
        content.decode(),
        row.previous_hash,
        row.hash,
    )

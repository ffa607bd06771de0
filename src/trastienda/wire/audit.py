"""The audit trail on the wire."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.audit import Action, AuditRow, canonical
from trastienda.domain.payments import Method
from trastienda.domain.people import Person, Role
from trastienda.wire import bodies
from trastienda.wire.people import TIPOS, Persona, person_out
from trastienda.wire.sales import MEDIOS
from trastienda.wire.values import percent_out, quantity_out, time_out


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
    Action.SHOP_RESTORED: "tienda_restaurada",
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
    Action.DISCOUNTS_EXPIRED: "descuentos_vencidos",
    Action.MESSAGE_DELETED: "mensaje_borrado",
    Action.MEMBER_KICKED: "expulsion",
    Action.MEMBER_MUTED: "silencio",
    Action.MEMBER_BANNED: "bloqueo",
    Action.MEMBER_UNBANNED: "desbloqueo",
}
"""What was done, in Spanish; a note carries the name that its writer gave it."""

_KEYS = {
    "active": "estado",
    "address": "direccion",
    "addresses": "direcciones",
    "amount_minor": "monto",
    "business": "giro",
    "cash_rounding": "redondeo_efectivo",
    "category": "categoria",
    "code_digits": "digitos_codigo",
    "cost_minor": "costo",
    "country": "pais",
    "currency": "moneda",
    "discount": "descuento",
    "email": "correo",
    "exempt": "exento",
    "from_ms": "desde",
    "half_down": "mitad_abajo",
    "holds": "contiene",
    "in_house": "interno",
    "labels": "etiquetas",
    "min_stock_milli": "stock_minimo",
    "prefix": "prefijo",
    "price_minor": "precio",
    "share_bp": "porcentaje",
    "step_minor": "multiplo",
    "timezone": "zona_horaria",
    "unit": "unidad",
    "until_ms": "hasta",
    "vat_bp": "iva",
    "verified": "verificado",
    "sale": "id_venta",
    "return": "id_devolucion",
    "purchase": "id_compra",
    "product": "id_producto",
    "code": "codigo_barras",
    "codes": "codigos",
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
    "known_n": "n_de_la_copia",
    "alias": "alias",
    "room": "sala",
    "seq": "seq",
}
_VALUES: dict[str, Callable[[Any], Any]] = {
    "active": lambda active: "Activo" if active else "Inactivo",
    "after": quantity_out,
    "before": quantity_out,
    "holds": lambda held: "peso" if held == "weight" else "precio",
    "min_stock_milli": quantity_out,
    "payments": lambda payments: [
        {"medio": MEDIOS[Method(method)], "monto": amount}
        for method, amount in payments
    ],
    "role": lambda role: TIPOS[Role(role)],
    "share_bp": lambda bp: None if bp is None else percent_out(bp),
    "vat_bp": percent_out,
}
"""What is kept in the units and words of the house, and shown in those of the wire."""

_IN_CANONICO_ALONE = {"version"}
"""The form of a fingerprint: it serves whoever proves the books, not whoever reads them."""

_NOTE = msgspec.json.Decoder(RegistroNuevo)


def decode_note(body: bytes) -> RegistroNuevo:
    """Decode a row to be added; raise UnreadableError or Invalid."""
    return bodies.decode(_NOTE, body)


def _shown(value: Any, time_zone: ZoneInfo) -> Any:
    if isinstance(value, list):
        return [_shown(one, time_zone) for one in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for key, inner in value.items():
        if key in _IN_CANONICO_ALONE:
            continue
        if key in {"from_ms", "until_ms"}:
            told: Any = time_out(inner, time_zone)
        else:
            told = _VALUES[key](inner) if key in _VALUES else _shown(inner, time_zone)
        shown[_KEYS.get(key, key)] = told
    return shown


def actions_named(search: str) -> list[Action]:
    """Return the actions whose Spanish name holds ``search``."""
    return [
        action for action, name in ACTIONS.items() if search.strip().casefold() in name
    ]


def row_out(
    row: AuditRow, person: Person | None, time_zone: ZoneInfo
) -> RegistroEscrito:
    """Return a row of the trail as it is shown."""
    detail = msgspec.json.decode(row.detail)
    if row.action == Action.NOTE:
        action, shown = detail["name"], detail["text"]
    else:
        action = ACTIONS[Action(row.action)]
        shown = _shown(detail, time_zone)
    content = canonical(
        row.id, row.at_ms, row.user_id, row.action, row.origin, row.detail
    )
    return RegistroEscrito(
        row.id,
        time_out(row.at_ms, time_zone),
        person_out(person),
        row.origin,
        action,
        shown,
        content.decode(),
        row.previous_hash,
        row.hash,
    )

"""The audit trail on the wire."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.audit import Action, AuditRow
from trastienda.domain.events import Kind
from trastienda.domain.payments import Method
from trastienda.domain.people import Person, Role
from trastienda.domain.webhooks import Off
from trastienda.wire import bodies
from trastienda.wire.event_names import MOTIVOS, NAMES
from trastienda.wire.names import FIELDS
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
    Action.RUT_RELEASED: "rut_liberado",
    Action.SESSIONS_ENDED: "sesiones_cerradas",
    Action.KEY_MADE: "llave_creada",
    Action.KEY_WITHDRAWN: "llave_retirada",
    Action.WEBHOOK_MADE: "aviso_creado",
    Action.WEBHOOK_CHANGED: "aviso_cambiado",
    Action.WEBHOOK_STOPPED: "aviso_apagado",
    Action.WEBHOOK_REMOVED: "aviso_retirado",
    Action.SECOND_FACTOR_ADDED: "segundo_factor_activado",
    Action.SECOND_FACTOR_REMOVED: "segundo_factor_quitado",
    Action.PRODUCT_CREATED: "producto_creado",
    Action.PRODUCT_CHANGED: "producto_cambiado",
    Action.PRODUCT_RETIRED: "producto_retirado",
    Action.PRODUCT_DELETED: "producto_eliminado",
    Action.IMPORT_UNDONE: "importacion_deshecha",
    Action.STOCK_CORRECTED: "stock_corregido",
    Action.SALE: "venta",
    Action.SALE_IMPORTED: "venta_importada",
    Action.PAYMENT: "pago",
    Action.RETURN: "devolucion",
    Action.RETURN_IMPORTED: "devolucion_importada",
    Action.PURCHASE: "compra",
    Action.DISCOUNTS_EXPIRED: "descuentos_vencidos",
    Action.MESSAGE_DELETED: "mensaje_borrado",
    Action.ROOM_ARCHIVED: "sala_archivada",
    Action.ROOM_REOPENED: "sala_desarchivada",
    Action.MEMBER_KICKED: "expulsion",
    Action.MEMBER_MUTED: "silencio",
    Action.MEMBER_BANNED: "bloqueo",
    Action.MEMBER_UNBANNED: "desbloqueo",
    Action.NOTIFIED: "notificacion",
}
"""What was done, in Spanish; a note carries the name that its writer gave it."""

DETAIL_WORDS = {
    "addresses": "direcciones",
    "after": "despues",
    "before": "antes",
    "call": "abono",
    "changes": "cambios",
    "codes": "codigos",
    "file": "archivo",
    "key": "id_llave",
    "known_n": "n_de_la_copia",
    "mark": "queda_como",
    "notification": "id_notificacion",
    "number": "numero_origen",
    "opening": "apertura",
    "owed": "pendiente",
    "product": "id_producto",
    "products": "productos",
    "purchase": "id_compra",
    "return": "id_devolucion",
    "rounding": "ajuste_redondeo",
    "sale": "id_venta",
    "session": "id_sesion",
    "share_bp": "porcentaje",
    "webhook": "id_aviso",
    "why": "motivo",
}
"""What details alone have; their other words are those of :data:`names.FIELDS`."""

_UNIT = re.compile("_(minor|milli|bp|ms)$")
"""In the trail a name ends with its unit, on the wire it does not."""

_VALUES: dict[str, Callable[[Any], Any]] = {
    "active": lambda active: "Activo" if active else "Inactivo",
    "after": quantity_out,
    "before": quantity_out,
    "events": lambda kinds: kinds and [NAMES[Kind(kind)] for kind in kinds],
    "holds": lambda held: "peso" if held == "weight" else "precio",
    "min_stock_milli": quantity_out,
    "payments": lambda payments: [
        {"medio": MEDIOS[Method(method)], "monto": amount}
        for method, amount in payments
    ],
    "role": lambda role: TIPOS[Role(role)],
    "share_bp": lambda share_bp: None if share_bp is None else percent_out(share_bp),
    "vat_bp": percent_out,
    "why": lambda reason: MOTIVOS[Off(reason)],
}
"""What is kept in the units and words of the house, and shown in those of the wire."""

_IN_CANONICO_ALONE = {"sealed", "version"}
"""The form of a fingerprint, and a seal of what is not shown: for those who prove the
books, not who read them."""

_NOTE = msgspec.json.Decoder(RegistroNuevo)


def decode_note(body: bytes) -> RegistroNuevo:
    """Decode a row to be added; raise UnreadableError or Invalid."""
    return bodies.decode(_NOTE, body)


@lru_cache(maxsize=256)
def _detail_word(key: str) -> str:
    word = DETAIL_WORDS.get(key)
    if word is not None:
        return word

    key_without_unit = _UNIT.sub("", key)
    return FIELDS.get(key_without_unit, key)


def _detail_out(
    value: Any,
    time_zone: ZoneInfo,
) -> Any:
    """Return a detail, or what is inside one, in the words and units of the wire."""
    if isinstance(value, list):
        return [_detail_out(element, time_zone) for element in value]
    if not isinstance(value, dict):
        return value

    detalle = {}
    for key, inner in value.items():
        if key in _IN_CANONICO_ALONE:
            continue

        if key in {"from_ms", "until_ms"}:
            shown_value: Any = time_out(inner, time_zone)
        elif key in _VALUES:
            shown_value = _VALUES[key](inner)
        else:
            shown_value = _detail_out(inner, time_zone)
        detalle[_detail_word(key)] = shown_value

    return detalle


def actions_named(search: str) -> list[Action]:
    """Return the actions whose Spanish name holds ``search``."""
    searched = search.strip().casefold()
    return [action for action, name in ACTIONS.items() if searched in name]


def row_out(
    audit_row: AuditRow,
    person: Person | None,
    time_zone: ZoneInfo,
) -> RegistroEscrito:
    """Return a row of the trail as it is shown."""
    detail = msgspec.json.decode(audit_row.detail)
    if audit_row.action == Action.NOTE:
        accion = detail["name"]
        detalle = detail["text"]
    else:
        accion = ACTIONS[Action(audit_row.action)]
        detalle = _detail_out(detail, time_zone)

    return RegistroEscrito(
        id=audit_row.id,
        fecha=time_out(audit_row.at_ms, time_zone),
        quien=person_out(person),
        origen=audit_row.origin,
        accion=accion,
        detalle=detalle,
        canonico=audit_row.canonical.decode(),
        hash_anterior=audit_row.previous_hash,
        hash=audit_row.hash,
    )

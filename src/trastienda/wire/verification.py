"""What proving the books found, as one line for a person."""

from collections.abc import Mapping
from typing import Any

from trastienda.domain.verification import Broken, Difference, Reason

CLAUSES = {
    1: "las existencias",
    2: "los documentos",
    3: "los folios y las claves",
    4: "lo que solo se agrega",
    5: "nada a medias",
}

TABLES = {
    "api_keys": "llave",
    "audit": "registro",
    "database": "base de datos",
    "day_summaries": "resumen de un día",
    "head": "cabecera",
    "idempotency_keys": "clave de idempotencia",
    "import_changes": "producto de una importación",
    "imports": "importación",
    "journal": "anuncio",
    "locations": "local",
    "messages": "mensaje",
    "movements": "movimiento",
    "notifications": "notificación",
    "payments": "pago",
    "private_messages": "mensaje privado",
    "products": "producto",
    "purchase_lines": "línea de compra",
    "purchases": "compra",
    "read_marks": "marca de lectura",
    "recovery_codes": "código de recuperación",
    "refresh_tokens": "token de refresco",
    "return_lines": "línea de devolución",
    "returns": "devolución",
    "rooms": "sala",
    "sale_lines": "línea de venta",
    "sales": "venta",
    "sanctions": "sanción",
    "second_factors": "segundo factor",
    "sessions": "sesión",
    "shop": "tienda",
    "stock": "existencia",
    "task_days": "tarea de un día",
    "user_names": "nombre de un usuario",
    "users": "usuario",
    "webhooks": "aviso",
}

CHECKS = {
    "numbers": "números",
    "chain": "cadena de registros",
    "stock": "existencias",
    "corrections": "correcciones",
    "deletions": "productos eliminados",
    "purchases": "compras",
    "returns": "devoluciones",
    "sales": "ventas",
    "settlings": "cobros",
    "summaries": "resúmenes",
    "history": "ventas importadas",
    "keys": "claves",
    "people": "personas",
    "second_factors": "segundos factores",
    "webhooks": "avisos",
    "products": "productos",
    "page": "página de la tienda",
    "passwords": "claves de las personas",
    "announcements": "anuncios",
    "rooms": "salas",
    "references": "referencias",
    "database": "base de datos",
}
"""What each check of the books looks at."""

REASONS: dict[Reason, str] = {
    Reason.MISSING: "falta",
    Reason.UNCOUNTED: "sobra: la cabecera no la cuenta",
    Reason.DIFFERS: "{field} es {found} y debe ser {expected}",
    Reason.ORPHAN: "nombra algo que no existe",
    Reason.UNREADABLE: "{field} no se entiende",
    Reason.BELOW_ZERO: "tiene una cantidad que no puede ser",
    Reason.NOT_AUDITED: "no tiene su registro",
    Reason.AUDITED_ALONE: "habla de algo que no existe o que ya fue contado",
    Reason.FINGERPRINT: "no es lo que dejó anotado el registro {audit}",
    Reason.NOT_MOVED: "sus movimientos no son los de sus líneas",
    Reason.MOVED_ALONE: "nombra un documento que no existe o que no movió eso",
    Reason.MOVED_OTHERWISE: "no coincide con el registro {audit} de su documento",
    Reason.NOT_BALANCED: "lo importado le cambió las existencias",
    Reason.TOO_MUCH_RETURNED: "devuelve más de lo que queda de la venta {sale}",
    Reason.FOLIO: "el folio es {found} y debe ser {expected}",
    Reason.CHAIN: "no continúa la cadena de registros",
    Reason.ORIGIN: "la dirección no es la que se selló",
    Reason.CHAIN_END: "la cadena de registros termina en otra parte",
    Reason.KEY_ALONE: "su respuesta no es la de ningún documento",
    Reason.KEY_TWICE: "otra clave ya tiene el documento {document}",
    Reason.SUMS: "no es lo que suman sus ventas y devoluciones",
    Reason.OVERHEARD: "lo oirían personas que no pueden",
    Reason.HASH: (
        "el resumen de su clave no es de los que usa Trastienda, o pide demasiado; dale "
        "otra clave con: trastienda user password"
    ),
    Reason.DATABASE: "está dañada: {found}",
}


_PARTS = {
    "index": "el índice",
    "setting": "el ajuste",
    "table": "la tabla",
    "trigger": "el disparador",
    "view": "la vista",
}
"""What a database is made of."""
_DIFFERENCES = {
    Difference.ADDED: "sobra",
    Difference.MISSING: "falta",
    Difference.CHANGED: "cambió",
}


class _Forgiving(dict[str, Any]):
    """Shows what is not known as a question mark: no verdict may fail for a word."""

    def __missing__(self, name: str) -> str:
        return "?"


def sentence(broken: Broken) -> str:
    """Return the line that names the first broken row."""
    clause = CLAUSES[broken.clause]
    table_noun = TABLES.get(broken.table, broken.table)
    data: Mapping[str, Any] = broken.data
    reason = REASONS[broken.reason].format_map(_Forgiving(data))

    heading = f"Rota la cláusula {broken.clause} ({clause})"
    return f"{heading}: {table_noun} {broken.row}: {reason}."


def foreign_part(
    kind: str,
    name: str,
    difference: Difference,
) -> str:
    """Return what of a database is not as it was made, and how it differs."""
    noun = _PARTS.get(kind, kind)
    return f"{_DIFFERENCES[difference]} {noun} «{name}»"

"""The dictionary between the English of the house and the Spanish of the wires.

``docs/glossary.md`` shows it; a test holds the two together.
"""

import re

FIELDS = {
    "action": "accion",
    "active": "estado",
    "address": "direccion",
    "alias": "alias",
    "amount": "monto",
    "below_minimum": "bajo_minimo",
    "business": "giro",
    "cash_rounding": "redondeo_efectivo",
    "category": "categoria",
    "change": "vuelto",
    "client_id": "id_cliente",
    "code": "codigo_barras",
    "code_digits": "digitos_codigo",
    "columns": "ancho",
    "cost": "costo",
    "country": "pais",
    "currency": "moneda",
    "current_password": "clave_actual",
    "cursor": "cursor",
    "customer": "cliente",
    "detail": "detalle",
    "discount": "descuento",
    "document": "documento",
    "email": "correo",
    "events": "eventos",
    "exempt": "exento",
    "expected_total": "total_esperado",
    "folio": "folio",
    "from": "desde",
    "half_down": "mitad_abajo",
    "holds": "contiene",
    "idempotency_key": "idempotencia",
    "import": "importacion",
    "in_house": "interno",
    "labels": "etiquetas",
    "large_return": "devolucion_grande",
    "limit": "limite",
    "lines": "detalle",
    "method": "medio",
    "min_stock": "stock_minimo",
    "minutes": "minutos",
    "must_change_password": "debe_cambiar",
    "name": "nombre",
    "net": "neto",
    "networks": "direcciones",
    "one_time_code": "codigo",
    "owed": "pendientes",
    "password": "clave",
    "payments": "pagos",
    "percentage": "porcentaje",
    "period": "periodo",
    "prefix": "prefijo",
    "price": "precio",
    "quantity": "cantidad",
    "query": "consulta",
    "reason": "motivo",
    "restock": "reponer",
    "role": "tipo",
    "room": "sala",
    "rut": "rut",
    "search": "q",
    "second_factor": "segundo_factor",
    "seller": "vendedor",
    "step": "multiplo",
    "stock": "stock",
    "supplier": "proveedor",
    "table": "tabla",
    "text": "texto",
    "title": "titulo",
    "timezone": "zona_horaria",
    "total": "total",
    "unit": "unidad",
    "until": "hasta",
    "username": "usuario",
    "vat": "iva",
    "verified": "verificado",
}
"""Fields and filters, as refusals and the details of registros name them."""

_WORD = re.compile(r"[a-z_]+")


class Verbatim(str):
    """A name as somebody wrote it, which is told as it was written.

    A client's ``price`` is no other word for ``precio``.
    """

    __slots__ = ()


def path(english: str) -> str:
    """Return the place of a field as the wire names it.

    ``lines[0].quantity`` is ``detalle[0].cantidad``.
    """
    if isinstance(english, Verbatim):
        return english

    return _WORD.sub(lambda word: FIELDS.get(word[0], word[0]), english)

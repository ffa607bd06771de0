"""The OpenAPI 3.1 document, made of the table of routes and the shapes of the wire."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from trastienda import __version__
from trastienda.domain.lists import MAX_LIMIT
from trastienda.domain.people import roles_with
from trastienda.servers.http.exchange import Route
from trastienda.wire.audit import RegistroNuevo
from trastienda.wire.people import TIPOS, Registro, UsuarioCambio
from trastienda.wire.products import ProductoCambio, ProductoNuevo
from trastienda.wire.purchases import CompraPedida
from trastienda.wire.receipts.media import COLUMNS
from trastienda.wire.reports import TABLES
from trastienda.wire.returns import DevolucionPedida
from trastienda.wire.sales import Pagos, Pedido
from trastienda.wire.shop import TiendaCambio
from trastienda.wire.values import FLAGS

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "codigo"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "codigo": {"type": "string"},
        "campos": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_STATUSES = {
    400: "El cuerpo no es JSON",
    401: "Falta una identificación vigente, o las credenciales no corresponden",
    403: "El tipo de usuario no lo permite",
    404: "No existe",
    406: "No hay respuesta en un formato que Accept admita",
    409: "Choca con lo que hay",
    412: "La versión cambió",
    413: "El cuerpo es demasiado grande",
    415: "El cuerpo no es application/json",
    422: "Datos inválidos",
    429: "Demasiadas solicitudes",
    503: "La tienda se detiene o tiene demasiado en espera",
}
_DAY = {"type": "string", "format": "date"}
_FLAG = {"type": "string", "enum": list(FLAGS)}
_FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "limite": (
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50},
        "Cuántos a lo sumo",
    ),
    "cursor": (
        {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        "De «siguiente» de la página anterior",
    ),
    "desde": (_DAY, "Primer día, en la zona de la tienda"),
    "hasta": (_DAY, "Último día, incluido"),
    "q": ({"type": "string"}, "Texto por buscar"),
    "categoria": ({"type": "string"}, "Solo esta categoría"),
    "bajo_minimo": (_FLAG, "Solo los que están bajo su mínimo, o solo los demás"),
    "estado": (
        {"type": "string", "enum": ["Activo", "Inactivo"]},
        "Solo los de este estado",
    ),
    "pendientes": (_FLAG, "Solo las ventas con dinero pendiente, o solo las saldadas"),
    "cliente": ({"type": "string"}, "RUT del cliente"),
    "tipo": (
        {"type": "string", "enum": list(TIPOS.values())},
        "Solo las personas de este tipo",
    ),
    "tabla": ({"type": "string", "enum": list(TABLES)}, "La tabla que trae text/csv"),
    "ancho": (
        {"type": "integer", "enum": list(COLUMNS)},
        "Columnas de text/plain y application/vnd.escpos",
    ),
}
_CODE = "7802800013210"
_PATH_EXAMPLES = {"codigo_barras": _CODE, "rut": "1-9", "id_venta": 1, "id_compra": 1}
_BODY_EXAMPLES: dict[type, dict[str, Any]] = {
    CompraPedida: {
        "proveedor": "Lechera",
        "detalle": [{"codigo_barras": _CODE, "cantidad": 24, "costo": 690}],
    },
    DevolucionPedida: {
        "motivo": "venía roto",
        "detalle": [{"codigo_barras": _CODE, "cantidad": 1}],
    },
    Pagos: {"pagos": [{"medio": "efectivo", "monto": 1000}]},
    Pedido: {"detalle": [{"codigo_barras": _CODE, "cantidad": 2}]},
    ProductoCambio: {"precio": 1190, "stock": 12, "motivo": "conteo"},
    ProductoNuevo: {
        "codigo_barras": "7801234000018",
        "nombre": "Pan de molde",
        "precio": 1990,
        "stock": 24,
    },
    Registro: {
        "rut": "12.345.678-5",
        "nombre": "Elena",
        "usuario": "elena",
        "clave": "una-clave-larga",
    },
    RegistroNuevo: {"accion": "apertura de caja", "detalle": "Con $50.000 en monedas"},
    TiendaCambio: {"giro": "Almacén"},
    UsuarioCambio: {"correo": "elena@ejemplo.cl"},
}
"""What somebody who tries the interface may begin with."""


@cache
def document(routes: Sequence[Route]) -> bytes:
    """Return the document as JSON."""
    shown = [route for route in routes if route.summary]
    shapes = {
        shape
        for route in shown
        for shape in (route.body, route.answer)
        if shape not in {None, dict}
    }
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    _, components = msgspec.json.schema_components(
        ordered, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in shown:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Trastienda",
                "version": __version__,
                "description": "La trastienda de un comercio: stock, ventas, compras y personas. "
                "El dinero va en enteros de la unidad menor de la moneda; las cantidades, "
                "con tres decimales a lo sumo.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": {**components, "Problema": _PROBLEM},
                "securitySchemes": {
                    "bearer": {
                        "type": "http",
                        "scheme": "bearer",
                        "bearerFormat": "JWT",
                    }
                },
            },
        }
    )


def _reference(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _example(shape: type) -> dict[str, Any]:
    return {"example": _BODY_EXAMPLES[shape]} if shape in _BODY_EXAMPLES else {}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": {str(route.status): _success(route), **_refusals(route)},
    }
    if route.permission is not None:
        operation["security"] = [{"bearer": []}]
        operation["description"] = "Para " + ", ".join(
            sorted(TIPOS[role] for role in roles_with(route.permission))
        )
    else:
        operation["security"] = (
            [{}, {"bearer": []}] if route.bearer != "never" and route.body else []
        )
    if route.body is not None:
        operation["requestBody"] = {
            "required": route.status != 204,
            "content": {
                "application/json": {
                    "schema": _reference(route.body),
                    **_example(route.body),
                }
            },
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {
                "type": "string" if name in {"codigo_barras", "rut"} else "integer"
            },
            "example": _PATH_EXAMPLES[name],
        }
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    names = (
        *(("limite", "cursor", "desde", "hasta", "q") if route.listed else ()),
        *route.filters,
    )
    for name in names:
        schema, meaning = _FILTERS[name]
        found.append(
            {"name": name, "in": "query", "schema": schema, "description": meaning}
        )
    if route.idempotent:
        schema = {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "pattern": "^[ -~]+$",
        }
        meaning = "La misma clave con el mismo cuerpo recibe la primera respuesta"
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": schema,
                "description": meaning,
            }
        )
    if route.versioned:
        meaning = "ETag de la versión leída; si ya no es la de ahora, 412"
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "schema": {"type": "string"},
                "description": meaning,
            }
        )
    return found


def _success(route: Route) -> dict[str, Any]:
    response: dict[str, Any] = {"description": route.summary}
    headers = {}
    if route.snapshot:
        headers["Trastienda-N"] = {
            "schema": {"type": "integer"},
            "description": "Número del último anuncio ya contenido",
        }
    if route.idempotent:
        headers["Idempotency-Replayed"] = {
            "schema": {"type": "string"},
            "description": "true si es una repetición",
        }
    if headers:
        response["headers"] = headers
    if route.answer is dict:
        response["content"] = {route.media: {"schema": {"type": "object"}}}
    elif route.answer is not None:
        schema: dict[str, Any] = _reference(route.answer)
        if route.listed:
            schema = {
                "type": "object",
                "required": ["datos", "siguiente"],
                "properties": {
                    "datos": {"type": "array", "items": schema},
                    "siguiente": {"type": ["string", "null"]},
                },
            }
        response["content"] = {route.media: {"schema": schema}}
    elif route.status != 204:
        response["content"] = {route.media: {"schema": {"type": "string"}}}
    for media in route.also:
        response["content"][media] = {"schema": {"type": "string"}}
    return response


def _refusals(route: Route) -> dict[str, Any]:
    statuses = {*route.refusals, 406, 422}
    if route.permission is not None:
        statuses |= {401, 403}
    if route.body is not None:
        statuses |= {400, 413, 415}
    if route.versioned:
        statuses |= {412}
    if route.guarded:
        statuses |= {503}
    content = {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problema"}
        }
    }
    return {
        str(status): {"description": _STATUSES[status], "content": content}
        for status in sorted(statuses)
    }

"""The OpenAPI 3.1 document, made of the table of routes and the shapes of the wire."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import msgspec

from trastienda import __version__
from trastienda.domain.lists import MAX_LIMIT
from trastienda.domain.people import roles_with
from trastienda.servers.http.exchange import KEY_HEADER, Route
from trastienda.servers.http.headers import Keep
from trastienda.servers.http.parameters import declared, query_parameters
from trastienda.servers.http.schema_notes import annotate, example
from trastienda.servers.http.streaming import EVENT_STREAM
from trastienda.wire import misuses, refusals
from trastienda.wire.people import TIPOS
from trastienda.wire.refusals import Problem


def _codes() -> list[str]:
    """Return the words of all refusals."""
    from_http = [
        value for value in vars(misuses).values() if isinstance(value, Problem)
    ]
    made = [
        misuses.method_not_allowed(""),
        misuses.failed(""),
        misuses.host_unknown(""),
        misuses.origin_unknown(""),
    ]
    by_rule = [entry.code for entry in refusals.TABLE.values()]
    return sorted({*by_rule, *(problem.code for problem in (*from_http, *made))})


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Un rechazo, como dice RFC 9457, con los datos de ese rechazo.",
    "required": ["type", "title", "status", "detail", "codigo"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "codigo": {"type": "string", "enum": _codes()},
        "campos": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": KEY_HEADER,
    "in": "header",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": "^[ -~]+$",
    },
    "description": "La misma clave con el mismo cuerpo recibe la primera respuesta",
}
_IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag de la versión leída; si ya no es la de ahora, 412",
}
_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag de lo que ya se tiene; si sigue igual, 304",
}
_LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0},
    "description": "Lo último que se oyó; vale más que «desde»",
}
_SNAPSHOT_NUMBER = {
    "schema": {"type": "integer"},
    "description": "Número del último anuncio ya contenido",
}
_REPLAYED = {
    "schema": {"type": "string"},
    "description": "true si es una repetición",
}
_PROBLEM_CONTENT = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problema"}}
}
_SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "El token de una sesión (un JWT), o una llave (tk_…)",
    }
}
_INFO = {
    "title": "Trastienda",
    "version": __version__,
    "description": "La trastienda de un comercio: stock, ventas, compras y personas. "
    "El dinero va en enteros de la unidad menor de la moneda; las cantidades, "
    "con tres decimales a lo sumo.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
_SENTENCES = {
    "idempotent": "Con la misma Idempotency-Key se puede repetir sin que pase dos veces",
    "versioned": "Con If-Match cambia solo la versión que se leyó",
    "listed": "Por páginas: lo que dice «siguiente» se da como «cursor»",
    "snapshot": "Trastienda-N dice hasta qué anuncio llega lo leído",
    "by_state": "Con If-None-Match responde 304 si nada cambió",
}
"""What may be said of an operation, by the field of its route."""
_STATUSES = {
    400: "El cuerpo no es JSON",
    401: "Falta una identificación vigente, o las credenciales no corresponden",
    403: "El tipo de usuario no lo permite",
    404: "No existe",
    406: "No hay respuesta en un formato que Accept admita",
    409: "Choca con lo que hay",
    410: "Ya no se guarda todo lo que haría falta",
    412: "La versión cambió",
    413: "El cuerpo es demasiado grande",
    415: "El cuerpo no es application/json",
    422: "Datos inválidos",
    429: "Demasiadas solicitudes",
    503: "La tienda se detiene o tiene demasiado en espera",
}


def document(routes: Sequence[Route]) -> bytes:
    """Return the document as JSON."""
    described = [route for route in routes if route.summary]

    shapes: set[Any] = set()
    for route in described:
        shapes |= {route.body, route.answer, *route.other_items}
    shapes -= {None, dict}
    _, schemas = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__),
        ref_template="#/components/schemas/{name}",
    )
    for schema in schemas.values():
        if "description" in schema:  # a docstring, whose lines are broken for readers
            words = schema["description"].split()
            schema["description"] = " ".join(words)
    schemas["Problema"] = deepcopy(_PROBLEM)
    for name, schema in schemas.items():
        annotate(name, schema)
    for route in described:
        if route.listed:
            schemas[_page_name(route)] = _page(route)

    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        operations = paths.setdefault(route.path, {})
        operations[route.method.lower()] = _operation(route, schemas)

    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": _INFO,
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": _SECURITY_SCHEMES,
            },
        }
    )


def _reference(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _page_name(route: Route) -> str:
    return f"PaginaDe{route.answer.__name__}"


def _page(route: Route) -> dict[str, Any]:
    """Return the schema of a page of the route's list."""
    item: dict[str, Any] = _reference(route.answer)
    if route.other_items:
        others = [_reference(shape) for shape in route.other_items]
        item = {"anyOf": [item, *others]}
    page = {
        "type": "object",
        "description": "Una página de una lista.",
        "required": ["datos", "siguiente"],
        "properties": {
            "datos": {"type": "array", "items": item, "maxItems": MAX_LIMIT},
            "siguiente": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "total": {"type": "integer"},
        },
    }
    annotate(_page_name(route), page)
    return page


def _is_known_by_etag(route: Route) -> bool:
    """Tell whether the route answers 304 to whoever has what it would answer."""
    is_kept_by_browsers = route.snapshot and route.keep is Keep.ASKING
    return route.by_state or is_kept_by_browsers


def _operation(
    route: Route,
    schemas: dict[str, Any],
) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": in_path.name,
            "in": "path",
            "required": True,
            "schema": in_path.parameter.schema,
            "example": in_path.parameter.example,
        }
        for in_path in declared(route.path_parameters)
    ]
    parameters += [
        {
            "name": in_query.name,
            "in": "query",
            "schema": in_query.parameter.schema,
            "description": in_query.parameter.description,
        }
        for in_query in query_parameters(route.query, listed=route.listed)
    ]
    if route.idempotent:
        parameters.append(_IDEMPOTENCY_KEY)
    if route.versioned:
        parameters.append(_IF_MATCH)
    if _is_known_by_etag(route):
        parameters.append(_IF_NONE_MATCH)
    if route.media == EVENT_STREAM:
        parameters.append(_LAST_EVENT_ID)

    handler = route.handler
    _, _, module = handler.__module__.rpartition(".")
    sentences = ["Para cualquiera"]
    operation: dict[str, Any] = {
        "operationId": f"{module}_{handler.__name__}",
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": parameters,
        "responses": _responses(route, schemas),
    }
    if route.permission is not None:
        roles = sorted(TIPOS[role] for role in roles_with(route.permission))
        operation["security"] = [{"bearer": []}]
        sentences = ["Para " + ", ".join(roles)]
    elif route.bearer != "never" and route.body:
        operation["security"] = [{}, {"bearer": []}]
    else:
        operation["security"] = []

    sentences += [
        sentence for holds, sentence in _SENTENCES.items() if getattr(route, holds)
    ]
    operation["description"] = ". ".join(sentences) + "."

    if route.body is not None:
        content: dict[str, Any] = {"schema": _reference(route.body)}
        content["example"] = route.example
        if route.example is None:
            content["example"] = example(content["schema"], schemas)
        operation["requestBody"] = {
            "required": route.status != 204,
            "content": {"application/json": content},
        }
    return operation


def _responses(
    route: Route,
    schemas: dict[str, Any],
) -> dict[str, Any]:
    """Return the answer of a route and its refusals, by status."""
    headers = {}
    if route.snapshot:
        headers["Trastienda-N"] = _SNAPSHOT_NUMBER
    if route.idempotent:
        headers["Idempotency-Replayed"] = _REPLAYED

    success: dict[str, Any] = {"description": route.summary}
    if headers:
        success["headers"] = headers
    if route.status != 204:
        schema: dict[str, Any]
        if route.answer is None:
            schema = {"type": "string"}
        elif route.answer is dict:
            schema = {"type": "object"}
        elif not route.listed:
            schema = _reference(route.answer)
        else:
            schema = {"$ref": f"#/components/schemas/{_page_name(route)}"}
        content = {route.media: {"schema": schema}}
        if "$ref" in schema:
            content[route.media]["example"] = example(schema, schemas)
        for media in route.also:
            content[media] = {"schema": {"type": "string"}}
        success["content"] = content

    responses = {str(route.status): success}
    if _is_known_by_etag(route):
        responses["304"] = {"description": "Sigue igual que lo que ya se tiene"}
    for status in sorted(route.refusal_statuses):
        responses[str(status)] = {
            "description": _STATUSES[status],
            "content": _PROBLEM_CONTENT,
        }
    return responses

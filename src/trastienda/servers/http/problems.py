"""Refusals as ``application/problem+json`` (RFC 9457)."""

from http import HTTPStatus
from typing import Any

import msgspec

from trastienda.domain.errors import Refusal
from trastienda.servers.http.exchange import Answer
from trastienda.wire.refusals import Told, tell

PROBLEM = b"application/problem+json"
_CHALLENGE = (b"www-authenticate", b'Bearer realm="trastienda"')


def problem(told: Told) -> Answer:
    """Return the answer that tells a refusal."""
    body: dict[str, Any] = {
        "type": f"urn:trastienda:{told.code}",
        "title": told.title,
        "status": told.status,
        "detail": told.detail,
        "codigo": told.code,
        **told.data,
    }
    headers = [_CHALLENGE] if told.status == HTTPStatus.UNAUTHORIZED else []
    if told.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % told.retry_after_s))
    return Answer(told.status, msgspec.json.encode(body), headers, PROBLEM)


def refusal(error: Refusal) -> Answer:
    """Return the answer that tells a refusal of the house."""
    return problem(tell(error))


NOT_FOUND = problem(
    Told(404, "no_encontrado", "No encontrado", "No hay nada en esta dirección.")
)
NOT_ACCEPTABLE = problem(
    Told(
        406,
        "formato_no_disponible",
        "Formato no disponible",
        "No hay respuesta en un formato que «Accept» admita.",
    )
)
UNREADABLE = problem(
    Told(400, "json_ilegible", "JSON ilegible", "El cuerpo no es JSON en UTF-8.")
)
TOO_LARGE = problem(
    Told(413, "demasiado_grande", "Demasiado grande", "El cuerpo es demasiado grande.")
)
UNSUPPORTED = problem(
    Told(
        415,
        "tipo_no_admitido",
        "Tipo no admitido",
        "El cuerpo debe ser application/json, en UTF-8 y sin comprimir.",
    )
)
FAILED = problem(
    Told(
        500,
        "error_interno",
        "Error interno",
        "Algo falló aquí dentro; nada de lo pedido quedó hecho. Está anotado.",
    )
)


def not_allowed(methods: list[str]) -> Answer:
    """Return the answer for a method that a path does not take."""
    allowed = ", ".join(methods)
    answer = problem(
        Told(
            405,
            "metodo_no_admitido",
            "Método no admitido",
            f"Aquí se admite {allowed}.",
        )
    )
    answer.headers = [(b"allow", allowed.encode())]
    return answer
